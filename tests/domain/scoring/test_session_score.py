from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.score import total_of
from app.domain.scoring.session_score import (
    DEFAULT_SESSION_RULES,
    DurationBand,
    SessionFacts,
    SessionRules,
    is_important,
    score_session,
    score_visitor,
)
from app.domain.validation import Invalid

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
counts = st.integers(-5, 10**6)
facts = st.builds(SessionFacts, st.floats(-1e6, 1e9), counts, counts, counts)
small = st.integers(0, 100)


@st.composite
def session_rules(draw):
    starts = sorted({0, *draw(st.lists(st.integers(1, 5000), max_size=5))})
    return SessionRules(
        duration_bands=tuple(DurationBand(start, draw(small)) for start in starts),
        page_points=draw(small),
        page_cap=draw(small),
        regular_click_points=draw(small),
        important_click_points=draw(small),
        click_cap=draw(small),
        total_cap=draw(st.integers(0, 100)),
        important_labels=tuple(draw(st.lists(st.sampled_from(["Demo", "Buy now", "Ruf an"])))),
        half_life_days=draw(st.none() | st.floats(0.5, 900)),
    )


@pytest.mark.parametrize(
    ("seconds", "points"),
    [
        (-3, 5),
        (0, 5),
        (59, 5),
        (59.999, 5),
        (60, 15),
        (179, 15),
        (180, 25),
        (299, 25),
        (300, 35),
        (599, 35),
        (600, 40),
        (86_400, 40),
    ],
)
def test_duration_is_scored_in_bands(seconds, points):
    assert score_session(SessionFacts(seconds)).duration == points


@pytest.mark.parametrize(("views", "points"), [(0, 0), (1, 5), (5, 25), (6, 30), (7, 30)])
def test_pages_give_five_each_up_to_thirty(views, points):
    assert score_session(SessionFacts(0, views)).pages == points


@pytest.mark.parametrize(
    ("regular", "important", "points"),
    [(1, 0, 2), (0, 1, 5), (15, 0, 30), (14, 0, 28), (0, 6, 30), (16, 9, 30), (3, 1, 11)],
)
def test_clicks_give_two_or_five_up_to_thirty(regular, important, points):
    assert score_session(SessionFacts(0, 0, regular, important)).clicks == points


@pytest.mark.parametrize(
    ("seconds", "views", "regular", "important", "parts", "total"),
    [
        (480, 4, 3, 1, (35, 20, 11), 66),
        (720, 6, 5, 2, (40, 30, 20), 90),
        (45, 1, 1, 0, (5, 5, 2), 12),
    ],
)
def test_the_documents_sessions(seconds, views, regular, important, parts, total):
    score = score_session(SessionFacts(seconds, views, regular, important))
    assert (score.duration, score.pages, score.clicks) == parts
    assert score.total == total


def test_the_breakdown_is_the_apis():
    assert score_session(SessionFacts(480, 4, 3, 1)).breakdown() == {
        "duration_score": "35/40",
        "page_score": "20/30",
        "click_score": "11/30",
        "total_score": "66/100",
    }


def test_maxima_above_the_total_are_capped_and_say_so():
    rules = replace(DEFAULT_SESSION_RULES, page_cap=60)
    score = score_session(SessionFacts(600, 20, 15, 0), rules)
    assert score.total == 100
    assert score.score().contributions[-1].points == -30


@given(facts, session_rules())
def test_any_visit_scores_0_to_100_and_its_contributions_sum_to_it(visit, rules):
    score = score_session(visit, rules)
    taken_apart = score.score()
    assert 0 <= score.total <= rules.total_cap
    assert taken_apart.points == score.total == total_of(taken_apart.contributions)


@pytest.mark.parametrize(
    ("label", "important"),
    [
        ("Get a Demo", True),
        ("  get   A\n demo ", True),
        ("BE AN EARLY BIRD", True),
        ("Get a Demo now", False),
        ("Getademo", False),
        ("", False),
        (None, False),
    ],
)
def test_labels_are_compared_with_white_space_collapsed_and_case_folded(label, important):
    assert is_important(label) is important


def test_folding_reaches_beyond_ascii():
    assert is_important("GROẞE STRASSE", SessionRules(important_labels=("große Straße",)))


@pytest.mark.parametrize(
    ("points", "mean"),
    [([], 0), ([66], 66), ([66, 90, 12], 56), ([1, 2], 2), ([0, 1], 1), ([1, 1, 2], 1)],
)
def test_a_visitor_has_the_mean_of_their_sessions_rounded_half_up(points, mean):
    assert score_visitor([(p, NOW) for p in points], DEFAULT_SESSION_RULES, NOW) == mean


def test_with_a_half_life_older_sessions_count_less():
    rules = SessionRules(half_life_days=10)
    sessions = [(90, NOW), (30, NOW - timedelta(days=10))]
    assert score_visitor(sessions, rules, NOW) == 70
    assert score_visitor(sessions, DEFAULT_SESSION_RULES, NOW) == 60


def test_a_session_in_the_future_counts_as_just_ended():
    sessions = [(90, NOW + timedelta(days=400)), (30, NOW)]
    assert score_visitor(sessions, SessionRules(half_life_days=1), NOW) == 60


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 10**5)), min_size=1), st.floats(0.1, 99)
)
def test_a_visitor_score_lies_between_their_sessions(scored, half_life):
    sessions = [(points, NOW - timedelta(days=age % 9000)) for points, age in scored]
    score = score_visitor(sessions, SessionRules(half_life_days=half_life), NOW)
    assert min(p for p, _ in sessions) <= score <= max(p for p, _ in sessions)


@given(session_rules())
def test_rules_survive_json(rules):
    assert SessionRules.from_json(rules.to_json()) == rules


def test_absent_fields_keep_their_defaults():
    assert SessionRules.from_json({}) == DEFAULT_SESSION_RULES


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"page_points": -1}, "page_points"),
        ({"page_cap": 101}, "page_cap"),
        ({"click_cap": "30"}, "click_cap"),
        ({"page_cap": True}, "page_cap"),
        ({"half_life_days": 0}, "half_life_days"),
        ({"half_life_days": float("nan")}, "half_life_days"),
        ({"important_labels": "Demo"}, "important_labels"),
        ({"important_labels": [" "]}, "important_labels"),
        ({"duration_bands": []}, "duration_bands"),
        ({"duration_bands": [{"from_seconds": 5, "points": 1}]}, "duration_bands"),
        ({"duration_bands": [{"from_seconds": 0, "points": 1}] * 2}, "duration_bands"),
        ({"duration_bands": [{"from_seconds": 0}]}, "duration_bands.0.points"),
        ({"pages": 3}, "pages"),
        (["no object"], "data"),
    ],
)
def test_bad_rules_are_refused_by_field(data, field):
    with pytest.raises(Invalid) as refused:
        SessionRules.from_json(data)
    assert list(refused.value.fields) == [field]
