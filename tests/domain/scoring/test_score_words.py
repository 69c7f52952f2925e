"""A lead score's parts as a salesperson says them."""

import pytest

from app.domain.scoring.lead_score import COMPONENT_PARTS, LeadFacts, LeadRules, score_lead
from app.domain.scoring.score_words import SENTENCES, part_in_words

RULES = LeadRules(target_locations=("Paris",))
EVERYTHING = LeadFacts(
    email="eve@example.com",
    first_name="Eve",
    last_name="Martin",
    phone="+33612345678",
    location="Paris",
    customer_type="coach",
    category="road",
    interests=("skin",),
    source="referral",
    stage="engaged",
    counts=dict.fromkeys(RULES.engagement_points, 3) | {"coffee": 2},
    active_days=4,
    high_intent=2,
    replies=1,
    days_since_contact=5.2,
    email_consent=True,
    sms_consent=True,
    days_since_engagement=12,
)


def words_of(facts: LeadFacts, rules: LeadRules = RULES) -> list[tuple]:
    score = score_lead(facts, rules)
    return [part_in_words(part.to_json(), rules) for part in score.contributions]


def test_every_part_that_the_score_knows_has_a_sentence():
    told = words_of(EVERYTHING)
    names = [part.name for part in score_lead(EVERYTHING, RULES).contributions]
    plain = {
        name
        for (component, sentence), name in zip(told, names, strict=True)
        if component and sentence == name
    }
    assert not plain
    assert set(SENTENCES) == set(COMPONENT_PARTS)


@pytest.mark.parametrize(
    "sentence",
    [
        ("demographic", "Gave an e-mail address"),
        ("behavioral", "Opened 3 e-mails"),
        ("behavioral", "Active on 4 of the last 30 days"),
        ("firmographic", "Lives in Paris, a target location"),
        ("firmographic", "Type coach: high value"),
        ("engagement", "Last contact 5 days ago"),
        ("engagement", "Is in stage engaged"),
        ("intent", "2 signs of intent in 30 days"),
        ("intent", "A reply in 14 days"),
        (None, "Silent: 12 days since the last engagement"),
    ],
)
def test_sentences_name_what_counts(sentence):
    assert sentence in words_of(EVERYTHING)


def test_one_is_said_as_one():
    facts = LeadFacts(counts={"email_opened": 1}, days_since_contact=0.4)
    told = words_of(facts)
    assert ("behavioral", "Opened an e-mail") in told
    assert ("engagement", "Last contact today") in told


def test_the_windows_are_those_of_the_rules():
    told = words_of(EVERYTHING, LeadRules(reply_window=7, high_intent_window=21))
    assert ("intent", "A reply in 7 days") in told
    assert ("intent", "2 signs of intent in 21 days") in told


def test_a_cap_says_what_it_holds():
    busy = LeadFacts(stage="opportunity", active_days=13, high_intent=6, replies=5)
    told = words_of(busy)
    assert ("behavioral", "Active days count 10 of 100 at most") in told
    assert ("intent", "6 signs of intent in 30 days") in told
    assert ("intent", "Signs of intent count 50 of 100 at most") in told
    assert ("intent", "Replies count 30 of 100 at most") in told
    assert ("intent", "More than 100 counts as 100") in told


def test_a_kind_named_like_a_cap_is_still_a_kind():
    rules = LeadRules(engagement_points={"cap_at_5": 5})
    told = words_of(LeadFacts(counts={"cap_at_5": 2}), rules)
    assert ("behavioral", "Cap at 5, 2 times") in told


def test_a_score_kept_before_caps_were_told_still_reads_well():
    kept = {
        "name": "High-intent activities",
        "points": 7.5,
        "detail": "intent, 6 × 15, at most 50, weight 0.15",
    }
    assert part_in_words(kept) == ("intent", "6 signs of intent in 30 days")


def test_a_kind_of_the_organizations_own_keeps_its_name():
    rules = LeadRules(engagement_points={"coffee_{drunk}": 5})
    told = words_of(LeadFacts(counts={"coffee_{drunk}": 2}), rules)
    assert ("behavioral", "Coffee {drunk}, 2 times") in told


def test_a_place_with_braces_or_bars_is_only_a_place():
    odd = "A|B {n} weight 9"
    told = words_of(LeadFacts(location=odd), LeadRules(target_locations=(odd,)))
    assert ("firmographic", f"Lives in {odd}, a target location") in told
