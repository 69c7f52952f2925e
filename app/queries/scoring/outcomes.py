"""What became of visitors: when they became a lead, and a customer."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.extensions import db
from app.models import Interaction, Lead, LeadLifecycle, LeadVisitor
from app.models.bulk import in_parts

SAID_WHO = ("lead_created", "form_submitted")


class Outcome(NamedTuple):
    """Which lead somebody became and when, and when that lead became a customer."""

    lead_id: int | None = None
    lead_at: datetime | None = None
    customer_at: datetime | None = None


NOTHING = Outcome()


def of_visitors(visitor_ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """The outcome of each visitor who became a lead; their first, if they became several.

    A visitor becomes a lead when they say who they are, whoever the lead was before that.
    """
    leads = defaultdict(list)
    for part in in_parts(visitor_ids):
        for visitor_id, lead_id in db.session.execute(
            select(LeadVisitor.visitor_id, LeadVisitor.lead_id)
            .where(LeadVisitor.visitor_id.in_(part))
            .order_by(LeadVisitor.starts_at)
        ):
            leads[visitor_id].append(lead_id)
    known = {lead_id for each in leads.values() for lead_id in each}
    made, won, said = _made(known), of_leads(known), _said_who(known)
    found = {}
    for visitor_id, theirs in leads.items():
        by_time = [(said.get((visitor_id, i)) or made[i], i) for i in theirs if i in made]
        if by_time:
            at, lead_id = min(by_time)
            customers = [won[i].customer_at for _, i in by_time if won[i].customer_at]
            found[visitor_id] = Outcome(lead_id, at, min(customers, default=None))
    return found


def of_leads(lead_ids: Collection[int]) -> dict[int, Outcome]:
    """The same of leads: made when their row was."""
    won: dict[int, datetime] = {}
    for part in in_parts(lead_ids):
        rows = db.session.execute(
            select(LeadLifecycle.lead_id, func.min(LeadLifecycle.entered_at))
            .where(LeadLifecycle.lead_id.in_(part), LeadLifecycle.stage == "customer")
            .group_by(LeadLifecycle.lead_id)
        )
        won |= dict(rows.tuples().all())
    return {i: Outcome(i, made_at, won.get(i)) for i, made_at in _made(lead_ids).items()}


def _made(lead_ids: Collection[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for part in in_parts(lead_ids):
        rows = db.session.execute(select(Lead.id, Lead.created_at).where(Lead.id.in_(part)))
        found |= dict(rows.tuples().all())
    return found


def _said_who(lead_ids: Collection[int]) -> dict[tuple[UUID, int], datetime]:
    found = {}
    for part in in_parts(lead_ids):
        rows = db.session.execute(
            select(Interaction.visitor_id, Interaction.lead_id, func.min(Interaction.occurred_at))
            .where(
                Interaction.lead_id.in_(part),
                Interaction.type.in_(SAID_WHO),
                Interaction.visitor_id.is_not(None),
            )
            .group_by(Interaction.visitor_id, Interaction.lead_id)
        )
        found |= {(visitor_id, lead_id): at for visitor_id, lead_id, at in rows}
    return found
