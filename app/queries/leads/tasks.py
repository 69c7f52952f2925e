"""What there is to do, over all leads."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select

from app.domain.leads.lifecycle import EXITS
from app.extensions import db
from app.models import Lead, LeadJourney, Task, User
from app.queries.leads.lead_list import journey_of

MOST = 300
MOST_LEADS = 20
# Next actions that do not wait: whoever wrote is answered, who did not come is offered a new time,
# and who is hot or came back is called.
ANSWER, REBOOK, CALL = "answer", "rebook", "call"


class ToDo(NamedTuple):
    """A task with its lead and the name of whose it is."""

    task: Task
    lead: Lead
    assignee: str | None


class Pressing(NamedTuple):
    """A lead with its next action (lead_journeys.next_action) and the name of whose it is."""

    lead: Lead
    action: dict
    assignee: str | None


def tasks(user_id: int | None, owner_id: int | None, done_since: datetime) -> list[ToDo]:
    """Open tasks, the first due first and those without a date last, and those done since a moment.

    A user's are those given to them, and those of nobody in particular for their leads; everybody's
    where no user is named. With `owner_id`, only of leads assigned to that user. MOST in all.
    """
    wanted = (
        select(Task, Lead, User.name)
        .join(Lead, and_(Lead.id == Task.lead_id, Lead.organization_id == Task.organization_id))
        .outerjoin(User, User.id == Task.assignee_id)
        .where(Lead.erased_at.is_(None), or_(Task.done_at.is_(None), Task.done_at >= done_since))
    )
    if user_id is not None:
        nobodys = and_(Task.assignee_id.is_(None), Lead.assignee_id == user_id)
        wanted = wanted.where(or_(Task.assignee_id == user_id, nobodys))
    if owner_id is not None:
        wanted = wanted.where(Lead.assignee_id == owner_id)
    in_turn = Task.done_at.is_not(None), Task.due_at.is_(None), Task.due_at, Task.id
    return [ToDo(*row) for row in db.session.execute(wanted.order_by(*in_turn).limit(MOST))]


def pressing(
    user_id: int | None, owner_id: int | None, actions: Collection[str] = (ANSWER, REBOOK, CALL)
) -> list[Pressing]:
    """Leads whose next action does not wait, the highest score first: those who wrote and were not
    answered, whose appointment fell through, and of those that are to be called the hot ones and
    those who were given up and came back. Whose they are is as in `tasks`."""
    action = LeadJourney.next_action["name"].as_string()
    wanted = (
        select(Lead, LeadJourney.next_action, User.name)
        .join(LeadJourney, journey_of())
        .outerjoin(User, User.id == Lead.assignee_id)
        .where(
            Lead.erased_at.is_(None),
            action.in_(list(actions)),
            or_(action != CALL, Lead.temperature == "hot", Lead.stage.in_(EXITS)),
        )
    )
    for whose in (user_id, owner_id):
        if whose is not None:
            wanted = wanted.where(Lead.assignee_id == whose)
    newest = wanted.order_by(Lead.lead_score.desc(), Lead.id.desc()).limit(MOST_LEADS)
    return [Pressing(*row) for row in db.session.execute(newest)]
