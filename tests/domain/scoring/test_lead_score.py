import json
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.leads.lifecycle import STAGES
from app.domain.score import total_of
from app.domain.scoring.decay import DecayRules
from app.domain.scoring.lead_score import (
    COMPONENTS,
    DEFAULT_ENGAGEMENT_POINTS,
    DEFAULT_LEAD_RULES,
    LeadFacts,
    LeadRules,
    Tier,
    combine,
    grade,
    score_lead,
    temperature,
)
from app.domain.validation import Invalid

COMPLETE = LeadFacts(
    email="ada@example.org",
    first_name="Ada",
    last_name="Lovelace",
    phone="+41441234567",
    location="Zurich",
    customer_type="coach",
    category="road",
    interests=("fitting",),
)


def points(component, facts, rules=DEFAULT_LEAD_RULES):
    return score_lead(facts, rules).components[component].points


def test_the_documents_components_combine_to_77_45():
    total = combine(dict(zip(COMPONENTS, (85, 72, 65, 90, 68), strict=True)))
    assert total == Decimal("77.45")
    assert (grade(total), temperature(total)) == ("B+", "hot")


def test_combining_holds_each_component_within_0_and_100():
    assert combine(dict.fromkeys(COMPONENTS, 500)) == 100
    assert combine(dict.fromkeys(COMPONENTS, -5)) == 0


@pytest.mark.parametrize(
    ("field", "worth"),
    [
        ("email", 15),
        ("first_name", 10),
        ("last_name", 10),
        ("phone", 15),
        ("location", 10),
        ("customer_type", 20),
        ("category", 10),
        ("interests", 10),
    ],
)
def test_each_profile_field_is_worth_its_points(field, worth):
    blank = () if field == "interests" else "  "
    assert points("demographic", LeadFacts(**{field: getattr(COMPLETE, field)})) == worth
    assert points("demographic", replace(COMPLETE, **{field: blank})) == 100 - worth


@pytest.mark.parametrize(
    ("kind", "each"),
    [
        ("email_opened", 2),
        ("email_clicked", 5),
        ("email_replied", 10),
        ("form_submitted", 15),
        ("page_viewed", 1),
        ("content_downloaded", 8),
        ("meeting_scheduled", 20),
        ("purchase_made", 50),
        ("call_made", 0),
    ],
)
def test_each_engagement_is_worth_its_points(kind, each):
    assert points("behavioral", LeadFacts(counts={kind: 2})) == 2 * each


@pytest.mark.parametrize(("days", "bonus"), [(0, 0), (1, 1), (10, 10), (11, 10), (30, 10)])
def test_active_days_give_a_bonus_of_at_most_ten(days, bonus):
    assert points("behavioral", LeadFacts(active_days=days)) == bonus


@pytest.mark.parametrize(
    ("facts", "worth"),
    [
        (LeadFacts(), 50),
        (LeadFacts(customer_type="Coach"), 65),
        (LeadFacts(customer_type="team"), 65),
        (LeadFacts(customer_type="bike_fitter"), 60),
        (LeadFacts(customer_type="athlete"), 55),
        (LeadFacts(customer_type="other"), 50),
        (LeadFacts(source="referral"), 65),
        (LeadFacts(source="partner"), 65),
        (LeadFacts(source="ads"), 60),
        (LeadFacts(source="forms"), 60),
        (LeadFacts(source="imported"), 50),
        (LeadFacts(location="Basel"), 50),
        (LeadFacts(location=" zurich "), 70),
        (LeadFacts(location="Zurich", customer_type="coach", source="partner"), 100),
    ],
)
def test_firmographic_points_come_from_the_organizations_lists(facts, worth):
    rules = replace(DEFAULT_LEAD_RULES, target_locations=("Zurich",))
    assert points("firmographic", facts, rules) == worth


@pytest.mark.parametrize(
    ("days", "worth"),
    [(None, 0), (0, 40), (6.9, 40), (7, 30), (29, 30), (30, 20), (89, 20), (90, 10), (999, 10)],
)
def test_a_recent_contact_is_worth_more(days, worth):
    assert points("engagement", LeadFacts(stage="lost", days_since_contact=days)) == worth


@pytest.mark.parametrize(
    ("stage", "worth"), zip(STAGES, ("3", "6", "9", "10.5", "12", "15", "0", "0"), strict=True)
)
def test_fifteen_percent_of_the_stage_score_is_engagement(stage, worth):
    assert points("engagement", LeadFacts(stage=stage)) == Decimal(worth)


def test_consents_are_worth_30_and_15():
    assert points("engagement", LeadFacts(stage="lost", email_consent=True)) == 30
    assert points("engagement", LeadFacts(stage="lost", sms_consent=True)) == 15


def test_a_customer_in_contact_with_both_consents_is_fully_engaged():
    facts = LeadFacts(stage="customer", days_since_contact=1, email_consent=True, sms_consent=True)
    assert points("engagement", facts) == 100


@pytest.mark.parametrize(("count", "worth"), [(0, 0), (1, 15), (3, 45), (4, 50), (9, 50)])
def test_high_intent_activities_are_worth_15_up_to_50(count, worth):
    assert points("intent", LeadFacts(high_intent=count)) == worth


@pytest.mark.parametrize(("count", "worth"), [(0, 0), (1, 10), (3, 30), (4, 30)])
def test_replies_are_worth_10_up_to_30(count, worth):
    assert points("intent", LeadFacts(replies=count)) == worth


@pytest.mark.parametrize(("stage", "worth"), zip(STAGES, (0, 0, 20, 30, 40, 0, 0, 0), strict=True))
def test_open_stages_show_intent(stage, worth):
    assert points("intent", LeadFacts(stage=stage)) == worth


def test_a_component_over_100_shows_its_cap():
    score = score_lead(LeadFacts(counts={"purchase_made": 3})).components["behavioral"]
    assert score.points == 100
    assert (score.contributions[-1].name, score.contributions[-1].points) == ("Cap at 100", -50)


@pytest.mark.parametrize(
    ("component", "facts", "told"),
    [
        (
            "intent",
            LeadFacts(high_intent=6, replies=5),
            [
                ("High-intent activities", 90, "6 × 15"),
                ("Cap at 50", -40, "High-intent activities"),
                ("Replies", 50, "5 × 10"),
                ("Cap at 30", -20, "Replies"),
            ],
        ),
        (
            "behavioral",
            LeadFacts(active_days=13),
            [("Active days", 13, "13 × 1"), ("Cap at 10", -3, "Active days")],
        ),
        ("intent", LeadFacts(high_intent=3), [("High-intent activities", 45, "3 × 15")]),
    ],
)
def test_what_is_counted_over_its_own_cap_shows_that_cap(component, facts, told):
    parts = score_lead(facts).components[component].contributions
    assert [(part.name, part.points, part.detail) for part in parts] == told


def test_a_cap_weighs_as_much_as_what_it_caps():
    parts = {part.name: part for part in score_lead(LeadFacts(high_intent=6)).contributions}
    counted, cap = parts["High-intent activities"], parts["Cap at 50"]
    assert (counted.points, cap.points) == (Decimal("13.50"), Decimal("-6.00"))
    assert cap.detail == "intent, High-intent activities, weight 0.15"


def test_a_cap_within_and_a_cap_on_the_whole_are_told_apart():
    facts = LeadFacts(stage="opportunity", high_intent=6, replies=5)
    score = score_lead(facts).components["intent"]
    caps = [(p.name, p.points, p.detail) for p in score.contributions if "Cap" in p.name]
    assert caps == [
        ("Cap at 50", -40, "High-intent activities"),
        ("Cap at 30", -20, "Replies"),
        ("Cap at 100", -20, ""),
    ]
    assert score.points == 100


def test_a_whole_lead():
    facts = replace(
        COMPLETE,
        stage="engaged",
        counts={"email_opened": 3, "form_submitted": 1},
        active_days=2,
        high_intent=1,
        replies=1,
        days_since_contact=3,
        email_consent=True,
        days_since_engagement=10,
    )
    score = score_lead(facts)
    assert score.component_points() == {
        "demographic": 100,
        "behavioral": 23,
        "firmographic": 65,
        "engagement": 80.5,
        "intent": 55,
    }
    assert score.undecayed == Decimal("63.88")  # 20 + 5.75 + 9.75 + 20.125 + 8.25 = 63.875
    assert (score.decay, score.total, score.shown) == (1, Decimal("62.88"), 63)
    assert (score.grade, score.temperature) == ("B", "warm")
    ends = {part.name: part.points for part in score.contributions[-2:]}
    assert ends == {"Rounding": Decimal("0.005"), "Decay": -1}


@pytest.mark.parametrize(
    ("total", "letter"),
    [
        (100, "A+"),
        (90, "A+"),
        (89.5, "A+"),
        (89.49, "A"),
        (80, "A"),
        (79, "B+"),
        (70, "B+"),
        (69, "B"),
        (60, "B"),
        (59, "C+"),
        (50, "C+"),
        (49, "C"),
        (40, "C"),
        (39.49, "D"),
        (0, "D"),
    ],
)
def test_grades_follow_the_shown_total(total, letter):
    assert grade(total) == letter


@pytest.mark.parametrize(
    ("total", "heat"),
    [(75, "hot"), (74.5, "hot"), (74.49, "warm"), (50, "warm"), (49.49, "cold"), (0, "cold")],
)
def test_temperatures_follow_the_shown_total(total, heat):
    assert temperature(total) == heat


def test_score_factors_hold_six_factors_and_the_weights():
    factors = score_lead(COMPLETE).score_factors(likelihood=0.25)
    assert list(factors) == [*COMPONENTS, "conversion_likelihood", "weights"]
    assert factors["demographic"] == 100
    assert factors["conversion_likelihood"] == 0.25
    assert factors["weights"]["behavioral"] == 0.25
    assert score_lead(COMPLETE).score_factors()["conversion_likelihood"] is None


numbers = st.integers(-3, 500)
any_lead = st.builds(
    LeadFacts,
    email=st.none() | st.text(max_size=3),
    location=st.sampled_from([None, "Zurich", "Basel"]),
    customer_type=st.sampled_from([None, "coach", "athlete", "x"]),
    interests=st.sampled_from([(), ("a",)]),
    source=st.sampled_from([None, "partner", "ads"]),
    stage=st.sampled_from([*STAGES, "unknown"]),
    counts=st.dictionaries(st.sampled_from(list(DEFAULT_ENGAGEMENT_POINTS)), numbers),
    active_days=numbers,
    high_intent=numbers,
    replies=numbers,
    days_since_contact=st.none() | st.floats(-5, 5000),
    email_consent=st.booleans(),
    sms_consent=st.booleans(),
    days_since_engagement=st.none() | st.floats(-5, 5000),
)
some_rules = st.builds(
    lambda mode, rate, split: replace(
        DEFAULT_LEAD_RULES,
        decay=DecayRules(mode, rate, Decimal(45)),
        weights=dict(zip(COMPONENTS, _fifths(split), strict=True)),
    ),
    st.sampled_from(["linear", "exponential", "none"]),
    st.decimals(0, 5, places=2),
    st.lists(st.integers(0, 100), min_size=4, max_size=4),
)


def _fifths(cuts):
    edges = [0, *sorted(cuts), 100]
    return [Decimal(b - a) / 100 for a, b in pairwise(edges)]


@given(any_lead, some_rules)
def test_any_lead_scores_0_to_100_and_its_contributions_sum_to_it(facts, rules):
    score = score_lead(facts, rules)
    assert 0 <= score.total <= score.undecayed <= 100
    assert total_of(score.contributions) == score.total == score.undecayed - score.decay
    for component in score.components.values():
        assert 0 <= component.points <= 100
        assert total_of(component.contributions) == component.points
        assert not any("at most" in part.detail for part in component.contributions)


NASTY = st.sampled_from(
    [None, True, "", "NaN", -1, 0, 1, 99, 101, 10**40, 0.1, -0.0, 1e308, inf, -inf, nan, [], {}]
)
ANY_DAYS = st.none() | st.floats(allow_nan=True, allow_infinity=True)
ANY_COUNT = st.integers(-(10**30), 10**30)


def _spoiled(places_and_values):
    """The default rules as JSON, with anything at some places."""
    data = DEFAULT_LEAD_RULES.to_json()
    for name, inner, value in places_and_values:
        if inner is None or not isinstance(data[name], dict) or not data[name]:
            data[name] = value
        else:
            data[name][sorted(data[name])[inner % len(data[name])]] = value
    return data


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(DEFAULT_LEAD_RULES.to_json())),
            st.none() | st.integers(0, 20),
            NASTY,
        ),
        max_size=3,
    ).map(_spoiled),
    any_lead,
    st.tuples(ANY_DAYS, ANY_DAYS, ANY_COUNT, ANY_COUNT, ANY_COUNT),
)
def test_whatever_the_rules_and_the_facts_a_score_stays_within_0_and_100(data, facts, wild):
    since_contact, since_engagement, days, intents, count = wild
    facts = replace(
        facts,
        days_since_contact=since_contact,
        days_since_engagement=since_engagement,
        active_days=days,
        high_intent=intents,
        replies=intents,
        counts=dict.fromkeys(DEFAULT_ENGAGEMENT_POINTS, count),
    )
    try:
        rules = LeadRules.from_json(data)
    except Invalid:
        return  # refused by name; the bad ones below say which
    score = score_lead(facts, rules)
    assert 0 <= score.total <= score.undecayed <= 100
    assert total_of(score.contributions) == score.total
    json.dumps([part.to_json() for part in score.contributions], allow_nan=False)


def test_the_default_rules_survive_json():
    assert LeadRules.from_json(DEFAULT_LEAD_RULES.to_json()) == DEFAULT_LEAD_RULES
    assert LeadRules.from_json({}) == DEFAULT_LEAD_RULES


@given(some_rules, st.integers(0, 100), st.lists(st.sampled_from(["Bern", "Zug"])))
def test_rules_survive_json(rules, worth, places):
    changed = replace(
        rules,
        email_consent_points=worth,
        target_locations=tuple(places),
        customer_tiers=(Tier("vip", worth, ("patient",)),),
    )
    assert LeadRules.from_json(changed.to_json()) == changed


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"weights": {"demographic": 1}}, "weights"),
        ({"weights": dict.fromkeys(COMPONENTS, 0.3)}, "weights"),
        ({"weights": dict.fromkeys(COMPONENTS, -0.2)}, "weights"),
        ({"profile_points": {"shoe_size": 5}}, "profile_points"),
        ({"stage_scores": {"won": 5}}, "stage_scores"),
        ({"stage_share": 2}, "stage_share"),
        ({"reply_window": 0}, "reply_window"),
        ({"high_intent_cap": "50"}, "high_intent_cap"),
        ({"customer_tiers": [{"name": "a", "points": 1}]}, "customer_tiers.0.values"),
        ({"contact_bands": [{"below": None, "points": 1}] * 2}, "contact_bands"),
        (
            {"contact_bands": [{"below": None, "points": 1}, {"below": 7, "points": 2}]},
            "contact_bands",
        ),
        ({"contact_bands": []}, "contact_bands"),
        ({"grades": []}, "grades"),
        ({"grades": [{"at_least": 50, "name": "A"}]}, "grades"),
        ({"temperatures": [{"at_least": 0, "name": "x"}] * 2}, "temperatures"),
        ({"decay": {"mode": "sudden"}}, "decay.mode"),
        ({"decay": {"half_life_days": 0}}, "decay.half_life_days"),
        ({"decay": {"rate": -1}}, "decay.rate"),
        ({"decay": {"rate": 10**400}}, "decay.rate"),
        ({"wieghts": {}}, "wieghts"),
    ],
)
def test_bad_rules_are_refused_by_field(data, field):
    with pytest.raises(Invalid) as refused:
        LeadRules.from_json(data)
    assert list(refused.value.fields) == [field]
