"""When a lead was last heard from: one definition for decay, journey and silence."""

from datetime import timedelta

import pytest

from app.domain.scoring.lead_score import LeadRules
from app.domain.tracking.event import ENGAGEMENT_TYPES, KNOWN_TYPES
from app.extensions import db
from app.models import Lead
from app.operations.tracking.record_interaction import record_interaction
from app.queries.journeys.journey_facts import known_of
from app.queries.scoring.lead_facts import Past, facts_of, facts_of_all, last_signs_of_life
from app.tenancy import acting_for
from tests.conftest import NOW

DAY = timedelta(days=1)
OURS_ALONE = {"email_sent", "sms_sent", "call_unanswered", "appointment_missed"}


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


def lead_with(kind) -> Lead:
    lead = Lead(created_at=NOW - 50 * DAY, updated_at=NOW)
    db.session.add(lead)
    db.session.flush()
    at = NOW - 5 * DAY
    record_interaction(kind, site=None, lead_id=lead.id, occurred_at=at, now=at)
    return lead


def test_every_act_is_a_sign_of_life_for_all_or_for_none(clinic):
    for kind in sorted(KNOWN_TYPES):
        lead, rules = lead_with(kind), LeadRules()
        [(_, facts)] = facts_of([lead], rules, NOW)
        of_all = {row.id: each for row, each in facts_of_all(rules, NOW)}[lead.id]
        known = known_of([lead.id], NOW)[lead.id]
        alive = facts.days_since_engagement == 5
        assert alive == (of_all.days_since_engagement == 5), kind
        assert alive == (Past(lead, rules).facts_at(NOW, "new").days_since_engagement == 5), kind
        assert alive == (known.last_act_at == NOW - 5 * DAY), kind
        assert alive == (lead.id in last_signs_of_life([lead.id])), kind
        assert alive == (facts.active_days == of_all.active_days == 1), kind


def test_a_talk_is_one_and_what_we_did_alone_is_none(clinic):
    found = {kind: bool(last_signs_of_life([lead_with(kind).id])) for kind in ENGAGEMENT_TYPES}
    assert {kind for kind, alive in found.items() if not alive} == OURS_ALONE
    for kind, alive in (("quote_viewed", True), ("quote_sent", False), ("form_shown", False)):
        assert bool(last_signs_of_life([lead_with(kind).id])) is alive
