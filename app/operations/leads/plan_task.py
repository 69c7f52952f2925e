"""Plan something to do for a lead, change the plan, and tick it off."""

from datetime import datetime

from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead, Task
from app.operations.audit import audit
from app.operations.contact.read_contact import clean_text
from app.queries.leads.lead_list import assignable

LONGEST_TITLE = 200


def plan_task(
    lead: Lead,
    title: str,
    *,
    due_at: datetime | None = None,
    assignee_id: int | None,
    user_id: int | None,
    now: datetime,
) -> Task:
    """Adds a task. Raises Invalid: no title, or one too long; an assignee who is no member."""
    wanted = _checked({"title": title, "due_at": due_at, "assignee_id": assignee_id}, None)
    task = Task(lead_id=lead.id, created_at=now, created_by_id=user_id, **wanted)
    db.session.add(task)
    db.session.flush()
    _tell("planned", task, {"title": task.title}, user_id, now)
    return task


def change_task(task: Task, given: dict, *, user_id: int | None, now: datetime) -> dict:
    """Takes title, due_at and assignee_id as far as given; what changed as (before, after).

    Raises Invalid as `plan_task`.
    """
    wanted = _checked(given, task.assignee_id)
    changed = {
        name: (getattr(task, name), value)
        for name, value in wanted.items()
        if getattr(task, name) != value
    }
    for name, (_, value) in changed.items():
        setattr(task, name, value)
    if changed:
        detail = {name: [_plain(old), _plain(new)] for name, (old, new) in changed.items()}
        _tell("changed", task, {"changed": detail}, user_id, now)
    return changed


def tick_task(task: Task, *, user_id: int | None, now: datetime) -> bool:
    """Marks a task as done; False when it was."""
    if task.done_at is not None:
        return False
    task.done_at, task.done_by_id = now, user_id
    _tell("done", task, {}, user_id, now)
    return True


def reopen_task(task: Task, *, user_id: int | None, now: datetime) -> bool:
    """Marks a task as not done after all; False when it was not."""
    if task.done_at is None:
        return False
    task.done_at = task.done_by_id = None
    _tell("reopened", task, {}, user_id, now)
    return True


def _checked(given: dict, assignee_now: int | None) -> dict:
    wanted, problems = dict(given), {}
    if "title" in wanted:
        title = wanted["title"] = clean_text(wanted["title"])
        if not title:
            problems["title"] = "Say what is to be done."
        elif len(title) > LONGEST_TITLE:
            problems["title"] = f"Shorten this to {LONGEST_TITLE} characters."
    assignee = wanted.get("assignee_id")
    if assignee not in (None, assignee_now) and assignee not in {u.id for u in assignable()}:
        problems["assignee_id"] = "Choose somebody of the list."
    if problems:
        raise Invalid(problems)
    return wanted


def _plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


def _tell(verb: str, task: Task, detail: dict, user_id: int | None, now: datetime):
    told = {"task_id": task.id, **detail}
    audit(f"task.{verb}", f"lead {task.lead_id}", told, user_id=user_id, now=now)
    db.session.flush()
