"""Leads as a list."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.domain.leads.lead_view import ENDED, NOBODY
from app.domain.leads.lifecycle import STAGES
from app.extensions import db
from app.models import Interaction, Lead, LeadJourney, LeadLifecycle, Membership, User
from app.models.types import EPOCH, Instant, from_millis
from app.queries.cursor import Cursor
from app.queries.journeys.journey_facts import CONTACTS
from app.queries.leads.finding import found_by
from app.tenancy import acting_organization_id

PAGE = 50
RISK_UNITS = 100  # of a percent in lead_journeys.churn_risk

FAR = 253_402_300_799_000  # milliseconds: a moment before it, taken from it, sorts oldest first


def _of_lead(table, *which) -> tuple:
    """The conditions of a lead's rows in another table."""
    here = (table.c.organization_id == Lead.organization_id, table.c.lead_id == Lead.id)
    return (*here, *which)


def _oldest_first(moment: Select) -> ColumnElement[int]:
    """What sorts by a moment, or where there is none by when the lead came."""
    since = func.coalesce(type_coerce(moment.correlate(Lead).scalar_subquery(), BigInteger), _CAME)
    return literal(FAR, BigInteger) - since


_CAME = type_coerce(Lead.created_at, BigInteger)
# By other names, for the list may have joined the same tables.
_JOURNEY, _STAY, _ACT = (
    model.__table__.alias(f"sorted_{model.__tablename__}")
    for model in (LeadJourney, LeadLifecycle, Interaction)
)
_RISK = select(_JOURNEY.c.churn_risk).where(*_of_lead(_JOURNEY))
_ENTERED = select(_STAY.c.entered_at).where(*_of_lead(_STAY, _STAY.c.is_current_stage))
_CONTACT = select(func.max(_ACT.c.occurred_at)).where(*_of_lead(_ACT, _ACT.c.type.in_(CONTACTS)))

# Name -> what it sorts by, newest or highest first; the lead's id decides between equals.
SORTS = {
    "score": (Lead.lead_score, "Lead score"),
    "newest": (Lead.created_at, "Newest"),
    "engaged": (func.coalesce(Lead.last_engaged_at, literal(EPOCH, Instant)), "Last engaged"),
    "risk": (func.coalesce(_RISK.correlate(Lead).scalar_subquery(), 0), "Churn risk"),
    "contact": (_oldest_first(_CONTACT), "Longest without contact"),
    "stay": (_oldest_first(_ENTERED), "Longest in their stage"),
}


class BadCursor(ValueError):
    """A cursor that this list did not hand out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads. `owner_id`: only those assigned to this user, whatever else is asked.

    `open`: neither customer nor churned nor lost. `risk`: the churn risk at least, in percent.
    `uncontacted_since`: nobody has called or written to them since. `in_stage_since`: in their
    stage since then or longer. `action`: the name of their next action.
    """

    stage: str | None = None
    temperature: str | None = None
    grade: str | None = None
    low: int | None = None
    high: int | None = None
    source: str | None = None
    assignee: str | None = None  # a user's id, or "none"
    q: str | None = None
    open: bool = False
    risk: int | None = None
    uncontacted_since: datetime | None = None
    in_stage_since: datetime | None = None
    action: str | None = None
    came_from: datetime | None = None
    came_before: datetime | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A lead with what the list shows beside it."""

    lead: Lead
    interaction_score: int | None
    tool: str | None
    assignee: str | None
    action: dict | None  # lead_journeys.next_action
    churn_risk: int | None  # ten-thousandths


def page(
    wanted: Wanted, sort: str = "score", cursor: str | None = None, limit: int = PAGE
) -> tuple[list[Row], str | None]:
    """A page of leads and the cursor of the next. Raises BadCursor."""
    column = SORTS[sort][0]
    rows = _listed(wanted).add_columns(column)
    rows = rows.order_by(column.desc(), Lead.id.desc()).limit(limit + 1)
    if cursor:
        rows = rows.where(_after(cursor, sort).follows(column, Lead.id))
    listed = db.session.execute(rows).all()
    found = [Row(*row[:-1]) for row in listed[:limit]]
    if len(listed) <= limit:
        return found, None
    return found, f"{sort}-{Cursor(listed[limit - 1][-1], found[-1].lead.id)}"


def every(wanted: Wanted, sort: str) -> Iterator[Row]:
    """All the leads wanted, read a page at a time."""
    cursor = None
    while True:
        rows, cursor = page(wanted, sort, cursor, limit=500)
        yield from rows
        if cursor is None:
            return
        db.session.expunge_all()


def stage_counts(wanted: Wanted) -> dict[str, int]:
    """How many leads are wanted in each stage, whatever stage was asked for."""
    query = filtered(select(Lead.stage, func.count()), replace(wanted, stage=None))
    counts = dict(db.session.execute(query.group_by(Lead.stage)).all())
    return {stage: counts.get(stage, 0) for stage in STAGES}


def sources() -> list[str]:
    """The sources that leads of the organization have, by name."""
    return list(db.session.scalars(select(Lead.source).distinct().order_by(Lead.source)))


def assignable() -> list[User]:
    """The active members of the organization, by name."""
    organization_id = acting_organization_id()
    return list(
        db.session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.organization_id == organization_id, User.active)
            .order_by(User.name)
        )
    )


def find(lead_id: int, owner_id: int | None = None) -> Lead | None:
    """A lead that was not erased; with `owner_id`, only when it is assigned to that user."""
    query = select(Lead).where(Lead.id == lead_id)
    return db.session.scalar(filtered(query, Wanted(owner_id=owner_id)))


def journey_of():
    """The condition that joins a lead's journey."""
    return and_(LeadJourney.lead_id == Lead.id, LeadJourney.organization_id == Lead.organization_id)


def _listed(wanted: Wanted) -> Select:
    journey = LeadJourney
    query = (
        select(
            Lead,
            Interaction.score,
            Interaction.type,
            User.name,
            journey.next_action,
            journey.churn_risk,
        )
        .outerjoin(Interaction, _made_by())
        .outerjoin(User, User.id == Lead.assignee_id)
        .outerjoin(journey, journey_of())
    )
    return filtered(query, wanted)


def _made_by():
    return and_(
        Interaction.id == Lead.interaction_id,
        Interaction.organization_id == Lead.organization_id,
    )


def filtered(query: Select, wanted: Wanted) -> Select:
    """A query over leads, of those wanted only."""
    query = query.where(Lead.erased_at.is_(None))
    same = {
        Lead.stage: wanted.stage,
        Lead.temperature: wanted.temperature,
        Lead.grade: wanted.grade,
        Lead.source: wanted.source,
        Lead.assignee_id: wanted.owner_id,
    }
    query = query.where(*(column == value for column, value in same.items() if value is not None))
    if wanted.assignee == NOBODY:
        query = query.where(Lead.assignee_id.is_(None))
    elif wanted.assignee is not None:
        query = query.where(Lead.assignee_id == int(wanted.assignee))
    if wanted.low is not None:
        query = query.where(Lead.lead_score >= wanted.low)
    if wanted.high is not None:
        query = query.where(Lead.lead_score <= wanted.high)
    if wanted.came_from is not None:
        query = query.where(Lead.created_at >= wanted.came_from)
    if wanted.came_before is not None:
        query = query.where(Lead.created_at < wanted.came_before)
    if wanted.open:
        query = query.where(Lead.stage.not_in(ENDED))
    return query.where(*found_by(wanted.q), *_by_their_journey(wanted))


def _by_their_journey(wanted: Wanted) -> Iterator:
    """Few leads are at risk or were contacted lately: those are found by an index of their own.
    How long a lead is in its stage is looked up lead by lead, by the key of the current stay."""
    organization_id = acting_organization_id()
    # By other names, for the list may have joined the same tables.
    journey, act, stay = aliased(LeadJourney), aliased(Interaction), aliased(LeadLifecycle)
    if wanted.risk is not None:
        yield Lead.id.in_(
            select(journey.lead_id).where(
                journey.organization_id == organization_id,
                journey.churn_risk >= wanted.risk * RISK_UNITS,
            )
        )
    if wanted.uncontacted_since is not None:
        yield Lead.id.not_in(
            select(act.lead_id).where(
                act.organization_id == organization_id,
                act.type.in_(CONTACTS),
                act.occurred_at >= wanted.uncontacted_since,
                act.lead_id.is_not(None),
            )
        )
    if wanted.in_stage_since is not None:
        yield exists().where(
            stay.organization_id == Lead.organization_id,
            stay.lead_id == Lead.id,
            stay.is_current_stage,
            stay.entered_at <= wanted.in_stage_since,
        )
    if wanted.action is not None:
        yield Lead.id.in_(
            select(journey.lead_id).where(
                journey.organization_id == organization_id,
                journey.next_action["name"].as_string() == wanted.action,
            )
        )


def _after(cursor: str, sort: str) -> Cursor:
    column = SORTS[sort][0]
    made_for, _, place = cursor.partition("-")
    found = Cursor.read(place, from_millis if isinstance(column.type, Instant) else int)
    if made_for != sort or found is None:
        raise BadCursor("This page of the list is not known. Begin at its first page.")
    return found
