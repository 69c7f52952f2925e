"""The organization's journeys as the models that learn see them: channels in order, converted or
not. Core selects, each with its organization."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Select, exists, func, select, union_all

from app.domain.attribution.attribution import CONVERSION_TYPES, LEAD_CREATED
from app.domain.attribution.data_driven import Journey
from app.extensions import db
from app.models import Interaction, Lead, LeadLifecycle, LeadVisitor, VisitorSession
from app.queries.contact.contact import NO_TOUCH, is_the_leads
from app.tenancy import acting_organization_id

LONGEST = 100  # touches of one journey; the newest count


def journeys(conversion_type: str, since: datetime) -> list[Journey]:
    """Every journey with a touch since then, alike ones counted together.

    A lead's touches up to its first conversion of this type are a journey that converted; all
    those of a lead that has not converted, or of a visitor who never became a lead, one that did
    not.
    """
    if conversion_type not in CONVERSION_TYPES:
        raise ValueError(f"{conversion_type} is not a conversion")
    converted_at = dict(db.session.execute(_conversions(conversion_type)).tuples().all())
    found: dict[tuple[str, ...], list[int]] = {}
    for lead_id, touches in _by_owner(_touches_of_leads(since)):
        until = converted_at.get(lead_id)
        if until is None:
            _count(found, [channel for _, _, channel in touches], 1)
        else:
            _count(found, [channel for _, at, channel in touches if at <= until], 0)
    for _, touches in _by_owner(_visits_of_strangers(since)):
        _count(found, [channel for _, _, channel in touches], 1)
    return [Journey(channels, *counts) for channels, counts in sorted(found.items())]


def _count(found: dict, channels: list[str], column: int):
    if channels:
        found.setdefault(tuple(channels[-LONGEST:]), [0, 0])[column] += 1


def _by_owner(query: Select) -> Iterator[tuple[object, Iterable]]:
    rows = db.session.execute(query.execution_options(yield_per=5000))
    return groupby(rows, key=itemgetter(0))


def _conversions(conversion_type: str) -> Select:
    """(lead, when it converted first)."""
    organization_id = acting_organization_id()
    if conversion_type == LEAD_CREATED:
        return select(Lead.id, Lead.created_at).where(Lead.organization_id == organization_id)
    return (
        select(LeadLifecycle.lead_id, func.min(LeadLifecycle.entered_at))
        .where(
            LeadLifecycle.organization_id == organization_id,
            LeadLifecycle.stage == conversion_type,
        )
        .group_by(LeadLifecycle.lead_id)
    )


def _touches_of_leads(since: datetime) -> Select:
    """(lead, at, channel), a visit once, in order."""
    organization_id = acting_organization_id()
    visits = (
        select(LeadVisitor.lead_id, VisitorSession.started_at.label("at"), VisitorSession.channel)
        .join(VisitorSession, is_the_leads())
        .where(LeadVisitor.organization_id == organization_id, VisitorSession.started_at >= since)
    )
    engagements = select(Interaction.lead_id, Interaction.occurred_at, Interaction.channel).where(
        Interaction.organization_id == organization_id,
        Interaction.lead_id.is_not(None),
        Interaction.visitor_session_id.is_(None),
        Interaction.type.not_in(NO_TOUCH),
        Interaction.occurred_at >= since,
    )
    both = union_all(visits, engagements).subquery()
    return select(both.c.lead_id, both.c.at, both.c.channel).order_by(both.c.lead_id, both.c.at)


def _visits_of_strangers(since: datetime) -> Select:
    """(visitor, at, channel) of visitors who are nobody's, in order."""
    organization_id = acting_organization_id()
    linked = exists().where(
        LeadVisitor.organization_id == organization_id,
        LeadVisitor.visitor_id == VisitorSession.visitor_id,
    )
    return (
        select(VisitorSession.visitor_id, VisitorSession.started_at, VisitorSession.channel)
        .where(
            VisitorSession.organization_id == organization_id,
            VisitorSession.started_at >= since,
            ~linked,
        )
        .order_by(VisitorSession.visitor_id, VisitorSession.started_at)
    )
