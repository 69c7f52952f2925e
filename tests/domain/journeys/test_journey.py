"""A journey's figures: scoring.md 7."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.journeys.journey import (
    Place,
    StageFlow,
    Stay,
    bottlenecks,
    churn_risk,
    deviation,
    engagement_score,
    flows,
    is_high_risk,
    milestones,
    predicted_value,
    trend,
    usual_path,
)
from app.domain.leads.lifecycle import PATH
from app.domain.score import total_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
days = st.none() | st.floats(0, 5000)


@pytest.mark.parametrize(
    ("days_since_last", "interactions", "channels", "points"),
    [
        (0, 10, 5, "1"),
        (0, 25, 9, "1"),
        (15, 5, 2, "0.48"),
        (30, 4, 1, "0.2"),
        (400, 0, 0, "0"),
        (None, 0, 0, "0"),
        (3, 7, 3, "0.76"),
    ],
)
def test_engagement_is_recency_frequency_and_diversity(
    days_since_last, interactions, channels, points
):
    assert engagement_score(days_since_last, interactions, channels).points == Decimal(points)


@pytest.mark.parametrize(
    ("recent", "before", "said"),
    [
        (13, 10, "increasing"),
        (12, 10, "stable"),
        (10, 10, "stable"),
        (8, 10, "stable"),
        (7, 10, "declining"),
        (3, 0, "increasing"),
        (0, 3, "declining"),
        (2, 0, "stable"),
        (1, 1, "stable"),
        (0, 0, "stable"),
    ],
)
def test_the_trend_compares_the_last_thirty_days_with_those_before(recent, before, said):
    assert trend(recent, before) == said


@pytest.mark.parametrize(
    ("days_since_last", "way", "engagement", "points", "high"),
    [
        (0, "increasing", (0, 10, 5), "0", False),
        (45, "stable", (45, 10, 5), "0.485", False),
        (90, "declining", (90, 0, 0), "1", True),
        (90, "stable", (90, 10, 5), "0.785", True),
        (60, "declining", (60, 10, 5), "0.71", True),
        (None, "stable", (None, 0, 0), "0.875", True),
    ],
)
def test_the_risk_is_silence_trend_and_little_engagement(
    days_since_last, way, engagement, points, high
):
    risk = churn_risk(days_since_last, way, engagement_score(*engagement))
    assert risk.points == Decimal(points)
    assert is_high_risk(risk.points) is high


def test_a_risk_of_exactly_seven_tenths_is_not_high():
    risk = churn_risk(58.5, "declining", engagement_score(400, 10, 5))
    assert risk.points == Decimal("0.7")
    assert not is_high_risk(risk.points)


@given(
    days,
    st.integers(0, 10_000),
    st.integers(0, 50),
    st.sampled_from(["increasing", "declining", "stable"]),
)
def test_both_stay_between_nought_and_one_and_are_the_sum_of_their_parts(since, count, used, way):
    engagement = engagement_score(since, count, used)
    for score in (engagement, churn_risk(since, way, engagement)):
        assert 0 <= score.points <= 1
        assert total_of(score.contributions) == score.points


def test_milestones_are_first_arrivals():
    stays = [
        Stay("new", START),
        Stay("contacted", START + timedelta(days=2)),
        Stay("qualified", START + timedelta(days=3)),
        Stay("contacted", START + timedelta(days=4)),
        Stay("qualified", START + timedelta(days=9)),
    ]
    assert milestones(stays) == {
        "first_contact": START + timedelta(days=2),
        "qualified": START + timedelta(days=3),
        "opportunity": None,
        "customer": None,
    }
    assert milestones(stays, START + timedelta(days=1))["first_contact"] == START + timedelta(
        days=1
    )
    assert milestones([]) == dict.fromkeys(
        ("first_contact", "qualified", "opportunity", "customer")
    )


def test_the_usual_path_is_what_most_customers_took():
    short, long = ("new", "opportunity", "customer"), PATH
    assert usual_path([short, short, long, ("new", "lost")]) == short
    assert usual_path([short, long]) == long
    assert usual_path([("new",), ()]) == PATH


@pytest.mark.parametrize(
    ("path", "skipped", "back"),
    [
        (("new",), (), ()),
        (("new", "contacted", "qualified"), (), ()),
        (("new", "opportunity"), ("contacted", "qualified", "engaged"), ()),
        (("new", "qualified", "contacted"), (), (("qualified", "contacted"),)),
        (("new", "engaged", "lost"), ("contacted", "qualified"), ()),
        (("new", "contacted", "churned", "contacted"), (), ()),
        (("engaged", "new", "engaged"), ("contacted", "qualified"), (("engaged", "new"),)),
        ((), (), ()),
    ],
)
def test_a_deviation_is_what_was_skipped_or_gone_back(path, skipped, back):
    found = deviation(path)
    assert (found.skipped, found.back) == (skipped, back)
    assert found.count == len(skipped) + len(back)


def test_against_the_usual_path_what_everybody_skips_is_no_deviation():
    assert deviation(("new", "opportunity"), ("new", "opportunity", "customer")).count == 0


def test_a_prediction_needs_thirty_won_leads():
    too_few = predicted_value(0.5, 29, 29_000)
    assert too_few.value is None
    assert "29 won leads" in too_few.because
    assert predicted_value(0.5, 30, 30_000).value == 500
    assert predicted_value(None, 30, 30_000).value is None
    assert predicted_value(0.333, 30, 100_000).value == 1110
    assert predicted_value(0.333, 30, 100_000).because == (
        "33% of the mean of 30 won leads of the same segment"
    )


def test_of_a_customer_nothing_is_predicted_and_it_is_said_why():
    found = predicted_value(None, 30, 30_000, "customer")
    assert found.value is None
    assert found.because == "they are a customer; a further purchase is not predicted"
    assert predicted_value(None, 0, 0, "customer") == found


def leads(count, furthest, has_left=True, days=0):
    return [Place(furthest, has_left, days)] * count


def test_a_stage_that_loses_more_than_three_in_ten_is_a_bottleneck():
    # 100 came: 30 left from new, 22 from contacted, 8 from qualified, 10 from engaged, 24 of the
    # last 30 from opportunity
    ended = zip(PATH, (30, 22, 8, 10, 24, 6), strict=True)
    some = chain.from_iterable(leads(n, stage) for stage, n in ended)
    found = bottlenecks(flows(some), 100_000)
    assert [(each.stage, each.drop_off, each.lost, each.decided) for each in found] == [
        ("opportunity", Fraction(24, 30), 24, 30),
        ("contacted", Fraction(22, 70), 22, 70),
    ]
    assert all(each.enough for each in found)
    assert found[0].value_at_stake == 2_400_000
    assert found[1].value_at_stake == 22 * 6 * 100_000 // 48
    assert all(each.recommendation for each in found)


def test_without_leads_or_sales_there_is_nothing_at_stake():
    assert bottlenecks(flows([])) == []
    [found] = bottlenecks(flows(leads(10, "new")))
    assert found.value_at_stake is None
    [found] = bottlenecks(flows(leads(10, "new")), 5)
    assert found.value_at_stake == 0


def test_leads_that_merely_wait_are_no_bottleneck():
    waiting = leads(4, "engaged", has_left=False, days=3)
    went_on = leads(9, "opportunity", has_left=False, days=3)
    assert bottlenecks(flows(waiting + went_on)) == []
    engaged = flows(waiting + went_on)[PATH.index("engaged")]
    assert (engaged.reached, engaged.decided, engaged.lost, engaged.early) == (13, 9, 0, 4)


@pytest.mark.parametrize(("days", "lost"), [(20.9, 0), (21, 10)])
def test_who_has_stayed_for_three_weeks_has_had_the_time(days, lost):
    assert flows(leads(10, "new", has_left=False, days=days))[0].lost == lost


def test_the_time_to_go_on_is_what_others_needed():
    stood = leads(10, "contacted", has_left=False, days=8)
    assert bottlenecks(flows(stood)) == []
    assert bottlenecks(flows(stood, {"contacted": 9.0})) == []
    [found] = bottlenecks(flows(stood, {"contacted": 8.0}))
    assert (found.stage, found.lost, found.waiting) == ("contacted", 10, 10)


def test_nobody_had_the_time_within_a_weekend():
    weekend = leads(10, "new", has_left=False, days=2.5)
    assert flows(weekend, {"new": 0.1})[0].lost == 0
    assert flows(leads(1, "new", has_left=False, days=3), {"new": 0.1})[0].lost == 1


@pytest.mark.parametrize(
    ("lost", "decided", "enough"),
    [(3, 4, False), (9, 9, False), (4, 10, False), (5, 10, True), (8, 25, False), (18, 57, True)],
)
def test_a_bottleneck_of_few_leads_says_that_it_may_be_chance(lost, decided, enough):
    some = leads(lost, "new") + leads(decided - lost, "customer")
    [found] = bottlenecks(flows(some))
    assert (found.lost, found.decided, found.enough) == (lost, decided, enough)


@given(st.integers(57, 3000))
def test_of_many_leads_every_drop_off_above_three_in_ten_is_a_bottleneck(decided):
    lost = decided * 3 // 10
    few = StageFlow("new", decided, decided - lost)
    assert bottlenecks([few]) == []
    more = StageFlow("new", decided, decided - lost - 1)
    [found] = bottlenecks([more])
    assert found.enough


def test_a_bottleneck_of_enough_leads_comes_before_a_worse_one_of_few():
    some = leads(10, "new") + leads(10, "qualified") + leads(3, "opportunity")
    found = bottlenecks(flows(some + leads(1, "customer")))
    assert [(each.stage, each.enough) for each in found] == [
        ("qualified", True),
        ("new", True),
        ("opportunity", False),
    ]


@given(st.lists(st.builds(Place, st.sampled_from(PATH), st.booleans(), st.floats(0, 90))))
def test_what_flows_in_goes_on_leaves_or_waits(places):
    found = flows(places)
    assert found[0].reached == len(places)
    for flow, following in pairwise(found):
        assert flow.went_on == following.reached <= flow.reached
        assert 0 <= flow.early <= flow.waiting <= flow.reached - flow.went_on
        assert 0 <= flow.lost <= flow.decided


def test_a_prediction_is_rounded_once():
    # 0.5 of a mean of 100.5 is 50.25: rounding the mean first would make it 51
    assert predicted_value(0.5, 30, 3015).value == 50


def test_a_bottleneck_tells_who_is_still_there():
    some = leads(1, "new") + leads(5, "new", has_left=False, days=30)
    young = leads(2, "new", has_left=False, days=1)
    [found] = bottlenecks(flows(some + young + leads(4, "customer")))
    told = (found.stage, found.decided, found.lost, found.waiting, found.early)
    assert told == ("new", 10, 6, 5, 2)
