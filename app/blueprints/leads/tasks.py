"""What is to be done for a lead. The forms may name the page they stand on as `next`."""

from datetime import datetime

from flask import abort, flash, redirect, request, url_for

from app.access import role
from app.blueprints.leads import blueprint
from app.blueprints.leads.drafts import sent
from app.blueprints.leads.page import (
    lead_to_change,
    read_day,
    read_id,
    read_time,
    show_page,
    zone,
)
from app.caller import caller_id
from app.clock import utc_now
from app.domain.leads.due import due_moment, is_whole_day
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Task
from app.operations.leads import plan_task as operations
from app.queries.leads.lead_desk import task_of
from app.way_back import way_back


@blueprint.post("/admin/leads/<int:lead_id>/tasks")
@role("agent")
def plan_task(lead_id):
    lead = lead_to_change(lead_id)
    try:
        given = {"title": "", "due_at": None, "assignee_id": caller_id(), **_given()}
        operations.plan_task(lead, **given, user_id=caller_id(), now=utc_now())
    except Invalid as problem:
        db.session.rollback()
        return show_page(lead_id, "task", problem.fields), 422
    sent(lead_id, "task")
    return _done(lead_id, "Task planned.")


@blueprint.post("/admin/leads/<int:lead_id>/tasks/<int:task_id>")
@role("agent")
def change_task(lead_id, task_id):
    task = _task_to_change(lead_id, task_id)
    before = task.due_at
    try:
        changed = operations.change_task(task, _given(), user_id=caller_id(), now=utc_now())
    except Invalid as problem:
        db.session.rollback()
        return show_page(lead_id, f"task-{task_id}", problem.fields), 422
    if "title" in request.form:
        sent(lead_id, f"task-{task_id}")
    if not changed or task.due_at == before:
        return _done(lead_id, "Task changed." if changed else "Nothing has changed.")
    said = f"{task.title}: {due(task.due_at) if task.due_at else 'without a date'}"
    return _done(lead_id, {"text": said, "undo": _back_to(task, before)})


@blueprint.post("/admin/leads/<int:lead_id>/tasks/<int:task_id>/done")
@role("agent")
def tick_task(lead_id, task_id):
    task = _task_to_change(lead_id, task_id)
    operations.tick_task(task, user_id=caller_id(), now=utc_now())
    back = {"next": way_back("")} if way_back("") else {}
    undo = url_for("leads.reopen_task", lead_id=lead_id, task_id=task_id, **back)
    return _done(lead_id, {"text": f"Done: {task.title}", "undo": undo})


@blueprint.post("/admin/leads/<int:lead_id>/tasks/<int:task_id>/open")
@role("agent")
def reopen_task(lead_id, task_id):
    task = _task_to_change(lead_id, task_id)
    operations.reopen_task(task, user_id=caller_id(), now=utc_now())
    return _done(lead_id, f"To do again: {task.title}")


def _back_to(task: Task, moment: datetime | None) -> str:
    """The address that has a task due again when it was."""
    there = moment and moment.astimezone(zone())
    given = {"due_on": there.date().isoformat() if there else "", "due_time": due_time(moment)}
    back = {"next": way_back("")} if way_back("") else {}
    return url_for(
        "leads.change_task", lead_id=task.lead_id, task_id=task.id, undo=1, **given, **back
    )


def _task_to_change(lead_id: int, task_id: int) -> Task:
    lead_to_change(lead_id)
    return task_of(lead_id, task_id) or abort(404)


def _given() -> dict:
    """The fields that were sent, as they will be stored. Raises Invalid."""
    form, given = request.args if "undo" in request.args else request.form, {}
    if "title" in form:
        given["title"] = form["title"]
    if "due_on" in form or "due_time" in form:
        given["due_at"] = _due_at(form.get("due_on", ""), form.get("due_time", ""))
    if "assignee_id" in form:
        given["assignee_id"] = read_id(form["assignee_id"], "Choose somebody of the list.")
    return given


def _due_at(day: str, at: str) -> datetime | None:
    on, at_time = read_day(day, "due_on"), read_time(at, "due_time")
    if on is None and at_time is not None:
        raise Invalid({"due_on": "Say on which day, or leave the time away."})
    return due_moment(on, at_time, zone()) if on else None


def _done(lead_id: int, said: str | dict):
    db.session.commit()
    flash(said, "success")
    return redirect(way_back(url_for("leads.show", lead_id=lead_id)), 303)


@blueprint.app_template_filter("due")
def due(moment: datetime) -> str:
    """When a task is due, as people say it: today 14:30, tomorrow, Tue 3 Mar 2026."""
    there, today = moment.astimezone(zone()), utc_now().astimezone(zone()).date()
    days = (there.date() - today).days
    day = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days) or f"{there:%a %-d %b %Y}"
    return " ".join(filter(None, (day, due_time(moment))))


@blueprint.app_template_filter("due_time")
def due_time(moment: datetime | None) -> str:
    """The time of day a task is due; nothing where any time of that day will do."""
    if moment is None or is_whole_day(moment, zone()):
        return ""
    return f"{moment.astimezone(zone()):%H:%M}"
