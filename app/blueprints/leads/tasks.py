"""What is to be done for a lead. The forms may name the page they stand on as `next`."""

from datetime import datetime

from flask import abort, flash, redirect, request, url_for

from app.access import role
from app.blueprints.leads import blueprint
from app.blueprints.leads.page import (
    find_lead,
    lead_to_change,
    page,
    read_day,
    read_id,
    read_time,
    zone,
)
from app.caller import caller_id
from app.clock import utc_now
from app.domain.due import due_moment
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Task
from app.operations import plan_task as operations
from app.queries.lead_page import task_of
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
        return page(find_lead(lead_id), "task", problem.fields), 422
    return _done(lead_id, "Task planned.")


@blueprint.post("/admin/leads/<int:lead_id>/tasks/<int:task_id>")
@role("agent")
def change_task(lead_id, task_id):
    task = _task_to_change(lead_id, task_id)
    try:
        changed = operations.change_task(task, _given(), user_id=caller_id(), now=utc_now())
    except Invalid as problem:
        db.session.rollback()
        return page(find_lead(lead_id), f"task-{task_id}", problem.fields), 422
    return _done(lead_id, "Task changed." if changed else "Nothing has changed.")


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


def _task_to_change(lead_id: int, task_id: int) -> Task:
    lead_to_change(lead_id)
    return task_of(lead_id, task_id) or abort(404)


def _given() -> dict:
    """The fields that were sent, as they will be stored. Raises Invalid."""
    form, given = request.form, {}
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
