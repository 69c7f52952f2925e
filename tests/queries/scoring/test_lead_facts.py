"""What a score depends on is the same whether asked of one lead's past, of some leads or of all."""

import random
from datetime import timedelta

import pytest

from app.domain.scoring.lead_score import LeadRules
from app.domain.tracking.event import ENGAGEMENT_TYPES, Event
from app.domain.uuid7 import uuid7
from app.extensions import db
from app.models import Lead
from app.models.types import to_millis
from app.operations.tracking.track import Hit, track
from app.queries.scoring.lead_facts import Past, facts_of, facts_of_all
from app.tenancy import acting_for
from tests.conftest import NOW

DAY = timedelta(days=1)
KINDS = sorted(ENGAGEMENT_TYPES)


@pytest.mark.parametrize("seed", range(12))
def test_the_past_until_now_is_what_is_known_now(cast, seed):
    chance = random.Random(seed)
    with acting_for(cast.clinic):
        lead = Lead(created_at=NOW - 90 * DAY, updated_at=NOW)
        db.session.add(lead)
        db.session.flush()
        events = []
        for number in range(chance.randrange(40)):
            # Many on one day, some at the very edges of days and windows.
            at = to_millis(NOW - chance.choice((0, 1, 29, 30, 31, chance.randrange(80))) * DAY)
            at -= chance.choice((0, 1, -1, chance.randrange(86_400_000)))
            kind = chance.choice(KINDS)
            moment = min(at, to_millis(NOW))
            event_id = uuid7(moment, f"{seed} {number}".encode())
            events.append(Event(event_id, kind, moment, lead_id=lead.id))
        track([Hit(cast.clinic.id, to_millis(NOW), events)], now=NOW)
        rules = LeadRules()
        [(_, known)] = facts_of([lead], rules, NOW)
        [(_, of_all)] = facts_of_all(rules, NOW)
        assert Past(lead, rules).facts_at(NOW, lead.stage) == known == of_all
