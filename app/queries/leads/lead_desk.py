"""What a lead's page lets people do: what was written down and planned, and what to choose from.

Core selects, so each names its organization.
"""

from dataclasses import dataclass, field

from sqlalchemy import (
    Boolean,
    Row,
    Select,
    String,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from app.domain.leads import finding
from app.extensions import db
from app.models import EngagementType, Lead, LeadNote, Membership, Task, User
from app.models.folded import folded
from app.models.types import Instant
from app.tenancy import acting_organization_id

MOST_WRITTEN = 500
MOST_TWINS = 5
NEWEST = 5000
MOST_VALUES = 12
LATEST = 1000  # leads whose values are offered
CHOSEN = ("customer_type", "category", "budget", "urgency", "preferred_time")


@dataclass(slots=True)
class Desk:
    """What was written down about a lead: rows (kind, id, text, at, user_id, user, due_at,
    changed_at, closed_by). A note's user wrote it, a task's has to do it; `changed_at` is when a
    note was edited, when a task was done.

    Notes and done tasks the newest first; open tasks by when they are due, those without a time
    last.
    """

    notes: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    done: list[Row] = field(default_factory=list)


def desk(lead_id: int) -> Desk:
    """The notes that were not removed, and the tasks."""
    closer = User.__table__.alias("closer")
    notes = (
        select(
            literal("note").label("kind"),
            LeadNote.id.label("id"),
            LeadNote.text.label("text"),
            LeadNote.created_at.label("at"),
            LeadNote.user_id.label("user_id"),
            User.name.label("user"),
            cast(null(), Instant).label("due_at"),
            LeadNote.edited_at.label("changed_at"),
            cast(null(), String).label("closed_by"),
        )
        .outerjoin(User, User.id == LeadNote.user_id)
        .where(
            LeadNote.organization_id == acting_organization_id(),
            LeadNote.lead_id == lead_id,
            LeadNote.removed_at.is_(None),
        )
    )
    tasks = (
        select(
            literal("task"),
            Task.id,
            Task.title,
            Task.created_at,
            Task.assignee_id,
            User.name,
            Task.due_at,
            Task.done_at,
            closer.c.name,
        )
        .outerjoin(User, User.id == Task.assignee_id)
        .outerjoin(closer, closer.c.id == Task.done_by_id)
        .where(Task.organization_id == acting_organization_id(), Task.lead_id == lead_id)
    )
    every = union_all(notes, tasks).subquery()
    newest = select(every).order_by(every.c.at.desc(), every.c.id.desc()).limit(MOST_WRITTEN)
    found = Desk()
    for row in db.session.execute(newest):
        task = found.tasks if row.changed_at is None else found.done
        (found.notes if row.kind == "note" else task).append(row)
    found.tasks.sort(key=lambda row: (row.due_at is None, row.due_at or row.at, row.id))
    found.done.sort(key=lambda row: row.changed_at, reverse=True)
    return found


@dataclass(slots=True)
class Beside:
    """What a lead's page offers to choose from: the members by id, those who may be given work
    among them, the organization's own kinds of engagement; what other leads have in the fields of
    CHOSEN, the most frequent first; and who may be the same person."""

    people: dict[int, str] = field(default_factory=dict)
    assignable: dict[int, str] = field(default_factory=dict)
    own_types: dict[str, str] = field(default_factory=dict)
    twins: dict[int, str] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)


def beside(lead: Lead, owner_id: int | None = None) -> Beside:
    """The members and own kinds of engagement by name; at most MOST_TWINS leads with the same phone
    and as many with the same name, and what the newest others have, with `owner_id` only of those
    assigned to that user."""
    organization_id = acting_organization_id()
    members = (
        select(
            literal("member").label("kind"),
            Membership.user_id.label("id"),
            User.name.label("name"),
            cast(null(), String).label("last_name"),
            cast(null(), String).label("key"),
            User.active.label("active"),
        )
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id)
    )
    types = select(
        literal("type"),
        EngagementType.id,
        EngagementType.label,
        cast(null(), String),
        EngagementType.name,
        cast(true(), Boolean),
    ).where(EngagementType.organization_id == organization_id)
    others = (*_twins(lead, owner_id), *_values(lead, owner_id))
    every = union_all(members, types, *others).subquery()
    found, counted = Beside(), []
    for row in db.session.execute(select(every).order_by(func.lower(every.c.name), every.c.id)):
        if row.kind == "value":
            counted.append((-row.id, row.key, row.name))
        elif row.kind == "type":
            found.own_types[row.key] = row.name
        elif row.kind == "twin":
            named = " ".join(filter(None, (row.name, row.last_name)))
            found.twins[row.id] = named or row.key or f"Lead {row.id}"
        else:
            found.people[row.id] = row.name
            if row.active:
                found.assignable[row.id] = row.name
    for _, name, value in sorted(counted):
        found.values.setdefault(name, []).append(value)
    return found


def _twins(lead: Lead, owner_id: int | None) -> list[Select]:
    """Leads with the same phone; and among the newest, for names have no index, those with the
    same name."""
    others = (
        select(
            literal("twin").label("kind"),
            Lead.id.label("id"),
            Lead.first_name.label("name"),
            Lead.last_name.label("last_name"),
            func.coalesce(Lead.email, Lead.phone).label("key"),
            cast(true(), Boolean).label("active"),
        )
        .where(Lead.organization_id == acting_organization_id(), Lead.id != lead.id)
        .where(Lead.erased_at.is_(None))
    )
    if owner_id is not None:
        others = others.where(Lead.assignee_id == owner_id)
    found = []
    if lead.phone:
        found.append(others.where(Lead.phone == lead.phone).order_by(Lead.id).limit(MOST_TWINS))
    if lead.first_name and lead.last_name:
        newest = others.order_by(Lead.created_at.desc()).limit(NEWEST).subquery()
        names = (newest.c.name, lead.first_name), (newest.c.last_name, lead.last_name)
        same = (folded(column) == finding.folded(name) for column, name in names)
        found.append(select(newest).where(*same).limit(MOST_TWINS))
    return [select(each.subquery()) for each in found]


def _values(lead: Lead, owner_id: int | None) -> list[Select]:
    """What the newest other leads have in the fields of CHOSEN: how many have each value."""
    newest = (
        select(*(getattr(Lead, name) for name in CHOSEN))
        .where(Lead.organization_id == acting_organization_id(), Lead.id != lead.id)
        .where(Lead.erased_at.is_(None))
        .order_by(Lead.created_at.desc())
        .limit(LATEST)
    )
    if owner_id is not None:
        newest = newest.where(Lead.assignee_id == owner_id)
    told = newest.cte("told")
    found = []
    for name in CHOSEN:
        value = told.c[name]
        often = (
            select(
                literal("value").label("kind"),
                func.count().label("id"),
                value.label("name"),
                cast(null(), String).label("last_name"),
                literal(name).label("key"),
                cast(true(), Boolean).label("active"),
            )
            .where(value.is_not(None), value != "")
            .group_by(value)
            .order_by(func.count().desc(), value)
            .limit(MOST_VALUES)
        )
        found.append(select(often.subquery()))
    return found


def note_of(lead_id: int, note_id: int) -> LeadNote | None:
    """A note about this lead, removed or not."""
    wanted = select(LeadNote).where(LeadNote.id == note_id, LeadNote.lead_id == lead_id)
    return db.session.scalar(wanted)


def task_of(lead_id: int, task_id: int) -> Task | None:
    """A task for this lead, done or not."""
    return db.session.scalar(select(Task).where(Task.id == task_id, Task.lead_id == lead_id))
