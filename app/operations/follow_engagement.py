"""What an engagement does to its lead: moves it where it moves by itself, and scores it."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from app.domain.attribution import AttributionError
from app.domain.lifecycle import LifecycleRules, automatic_move, triggers
from app.extensions import db
from app.models import Interaction, Lead, Organization
from app.operations.attribute_conversion import attribute_again, attribute_conversion
from app.operations.enter_stage import enter_stage
from app.operations.refresh_journeys import refresh_journeys
from app.operations.score_lead import score_lead
from app.queries.lead_facts import NOT_THEIRS


def follow_engagement(lead: Lead, acts: Sequence[Interaction], *, now: datetime) -> None:
    """Takes a lead's new interactions, oldest first, into its stage, attribution and score."""
    organization = db.session.get(Organization, lead.organization_id)
    rules = LifecycleRules.from_json((organization.settings or {}).get("lifecycle", {}))
    for act in acts:
        if act.type not in NOT_THEIRS:
            lead.last_engaged_at = max(lead.last_engaged_at or act.occurred_at, act.occurred_at)
        _move(lead, triggers(engagement_type=act.type, rules=rules), rules, now)
        if act.type == "purchase_made":
            _attribute(lead, act, now)
    if acts and _is_late(acts[0], now):
        attribute_again(lead, acts[0].occurred_at, now=now)
    lead.updated_at = now
    types = dict.fromkeys(act.type for act in acts)
    score_lead(lead, reason=", ".join(types), now=now)
    if _move(lead, triggers(score=lead.lead_score, rules=rules), rules, now):
        score_lead(lead, reason=f"stage {lead.stage}", now=now)
    db.session.flush()
    refresh_journeys([lead], now=now)


def _move(lead: Lead, names: tuple[str, ...], rules: LifecycleRules, now: datetime) -> bool:
    stage = lead.stage
    for name in names:
        if made := automatic_move(lead.stage, name, rules):
            enter_stage(lead, made.stage, made.reason, now=now)
    return lead.stage != stage


def _is_late(oldest: Interaction, now: datetime) -> bool:
    """Whether a conversion may have come in between what happened and our hearing of it."""
    return oldest.occurred_at < now


def _attribute(lead: Lead, purchase: Interaction, now: datetime):
    value = purchase.revenue or 0
    with suppress(AttributionError):  # a purchase out of nowhere: there is no touch to credit
        attribute_conversion(lead, "customer", now=now, at=purchase.occurred_at, value=value)
