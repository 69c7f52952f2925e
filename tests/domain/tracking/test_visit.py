"""A visit is what its acts tell."""

import pytest

from app.domain.scoring.session_score import DEFAULT_SESSION_RULES
from app.domain.tracking.visit import (
    BIT,
    LONGEST_VISIT,
    Act,
    Origin,
    apply,
    begin,
    end_if_silent,
    fold,
    score_band,
    tallies,
)

MINUTE = 60_000
WINDOW = 30 * MINUTE
START = 1_770_000_000_000
VISIT, VISITOR = b"v" * 16, b"w" * 16


def visit(*acts, start=START):
    told = begin(VISIT, 1, VISITOR, start, Origin(source="news"))
    for act in acts:
        apply(told, act, DEFAULT_SESSION_RULES)
    return told


def act(kind, minutes=0, **more):
    return Act(kind, START + int(minutes * MINUTE), **more)


def test_a_leave_ends_and_scores_a_visit_and_anything_else_resumes_it():
    told = visit(act("page_viewed"), act("leave", 2))
    assert (told.ended_at, told.lead_score) == (START + 2 * MINUTE, 15 + 5)
    apply(told, act("page_viewed", 3), DEFAULT_SESSION_RULES)
    assert (told.ended_at, told.lead_score) == (None, 20)
    apply(told, act("leave", 6), DEFAULT_SESSION_RULES)
    assert told.lead_score == 35 + 10


def test_engaged_time_is_the_most_told_of_each_page():
    told = visit(
        act("page_viewed"),
        act("leave", 1, engaged=20),
        act("leave", 2, engaged=35),
        act("page_viewed", 3),
        act("leave", 4, engaged=10),
    )
    assert told.engaged_seconds == 45


@pytest.mark.parametrize("kind", ["web_vital", "script_error", "stage_changed"])
def test_what_the_visitor_does_not_do_resumes_nothing(kind):
    told = visit(act("page_viewed"), act("leave", 1), act(kind, 5))
    assert told.ended_at == told.last_activity_at == START + MINUTE
    assert told.interactions == 3


@pytest.mark.parametrize(
    ("minutes", "taken"), [(-30, False), (-29.99, True), (0, True), (39.99, True), (40, False)]
)
def test_an_act_belongs_to_a_visit_within_the_silence_that_ends_it(minutes, taken):
    told = visit(act("page_viewed"), act("click", 10))
    assert told.takes(START + int(minutes * MINUTE), WINDOW) is taken


def test_a_visit_is_over_after_a_day_however_busy():
    told = visit(*(act("click", minutes) for minutes in range(0, 24 * 60, 20)))
    assert not told.takes(START + LONGEST_VISIT, WINDOW)


@pytest.mark.parametrize(("minutes", "ended"), [(29.99, False), (30, True), (300, True)])
def test_silence_ends_a_visit_with_its_last_activity(minutes, ended):
    told = visit(act("page_viewed"))
    now = START + int(minutes * MINUTE)
    assert end_if_silent(told, now, WINDOW, DEFAULT_SESSION_RULES) is ended
    assert told.ended_at == (START if ended else None)
    assert not end_if_silent(told, now, WINDOW, DEFAULT_SESSION_RULES)


def test_the_rules_of_its_beginning_score_a_visit_told_anew():
    asked = []

    def rules_at(moment):
        asked.append(moment)
        return DEFAULT_SESSION_RULES

    acts = [act("leave", 5), act("page_viewed", 0), act("click", 1)]
    told = fold(visit(act("click", 1)), acts, rules_at)
    assert asked == [START]
    assert (told.started_at, told.lead_score) == (START, 35 + 5 + 2)


@pytest.mark.parametrize(
    ("acts", "steps"),
    [
        ([act("page_viewed")], {"visited"}),
        ([act("page_viewed"), act("page_viewed", 1)], {"visited", "engaged"}),
        ([act("page_viewed"), act("leave", 1, engaged=10)], {"visited", "engaged"}),
        ([act("page_viewed"), act("leave", 1, engaged=9)], {"visited"}),
        ([act("cost_calculator")], {"visited", "high_intent"}),
        ([act("form_started")], {"visited", "form_shown", "form_started"}),
        ([act("lead_created")], {"visited", "lead"}),
        ([act("stage_changed", label="customer")], {"visited", "customer"}),
        ([act("stage_changed", label="lost")], {"visited"}),
    ],
)
def test_the_steps_of_the_funnel_a_visit_reaches(acts, steps):
    assert {step for step, bit in BIT.items() if visit(*acts).reached & bit} == steps


@pytest.mark.parametrize(
    ("points", "band"),
    [(0, "0-25"), (25, "0-25"), (26, "26-50"), (50, "26-50"), (51, "51-75"), (76, "76-100")],
)
def test_bands_of_the_score_charts(points, band):
    assert score_band(points) == band


def test_a_visit_that_is_not_there_counts_nothing():
    assert tallies(None) == {}
    told = tallies(visit(act("page_viewed"), act("leave", 1, engaged=7)))
    assert told["source", "news"] == told["sessions_scored", ""] == 1
    assert told["session_score_sum", ""] == 20
    assert told["engaged_seconds", ""] == 7
