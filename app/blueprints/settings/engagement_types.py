"""Kinds of engagement: the built-in ones, and the organization's own."""

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError

from app.access import role
from app.blueprints.settings import blueprint
from app.caller import caller_id
from app.clock import utc_now
from app.domain.tracking.event import CHANNELS, ENGAGEMENT_TYPES
from app.domain.tracking.own_type import FIELDS, OwnType, read_type
from app.domain.validation import Invalid
from app.domain.wording import type_in_words
from app.extensions import db
from app.jobs.score_leads import KIND
from app.models import EngagementType
from app.operations.start_job import start_job
from app.operations.tracking.edit_engagement_type import (
    REMOVED,
    add_engagement_type,
    change_engagement_type,
    remove_engagement_type,
)
from app.queries import jobs
from app.queries.scoring.lead_facts import lead_rules
from app.queries.tracking import engagement_types as queries
from app.queries.users import audit_line
from app.typed import Typed

ADDRESS = "/settings/engagement-types"
LABELS = {"label": "Label", "name": "Name", "channel": "Channel", "points": "Points"}
NO_SUCH = "There is no such type. It may have been removed."


@blueprint.get(ADDRESS)
@role("analyst")
def engagement_types():
    return _page(Typed(LABELS, {"points": "5"}))


@blueprint.post(ADDRESS)
@role("admin")
def engagement_type_add():
    """Another type of the organization's own."""
    texts, who = _sent(), {"user_id": caller_id(), "now": utc_now()}
    try:
        told = read_type(texts, {row.name for row in queries.custom_types()})
    except Invalid as problem:
        return _page(Typed(LABELS, texts, problem.fields)), 422
    try:
        add_engagement_type(told, **who)
    except IntegrityError:  # somebody else added it at the same moment
        db.session.rollback()
        problem = {"name": f"You have a type called {told.name} already."}
        return _page(Typed(LABELS, texts, problem)), 422
    uses = _uses(told.name)
    if told.points and uses:
        _score_again(f"engagement type {told.name} added")
    db.session.commit()
    again = f" It was tracked {uses:,} times before: those count again." if uses else ""
    flash(f"Added. Programs track it as {told.name}.{again}", "success")
    return _back()


@blueprint.get(f"{ADDRESS}/<int:type_id>")
@role("analyst")
def engagement_type(type_id):
    """One of the organization's own, to change it."""
    row = _row(type_id)
    return _one(row, Typed(LABELS, {name: str(getattr(row, name)) for name in FIELDS}))


@blueprint.post(f"{ADDRESS}/<int:type_id>")
@role("admin")
def engagement_type_save(type_id):
    row, texts = _row(type_id), _sent()
    before = row.points
    try:
        told = read_type(texts, name=row.name)
    except Invalid as problem:
        return _one(row, Typed(LABELS, {**texts, "name": row.name}, problem.fields)), 422
    changed = change_engagement_type(row, told, user_id=caller_id(), now=utc_now())
    if told.points != before and _uses(row.name):
        _score_again(f"engagement type {row.name}: {before} to {told.points} points")
    db.session.commit()
    flash("Saved." if changed else "Nothing was changed, so nothing was saved.", "success")
    return _back()


@blueprint.post(f"{ADDRESS}/<int:type_id>/remove")
@role("admin")
def engagement_type_remove(type_id):
    row = _row(type_id)
    name, label, points, uses = row.name, row.label, row.points, _uses(row.name)
    line = remove_engagement_type(row, user_id=caller_id(), now=utc_now())
    if points and uses:
        _score_again(f"engagement type {name} removed")
    db.session.flush()
    undo = url_for("settings.engagement_type_undo", line_id=line.id)
    db.session.commit()
    many = "the 1 that was" if uses == 1 else f"the {uses:,} that were"
    stay = f" In the log {many} tracked stay; they count no points any more." if uses else ""
    flash({"text": f"Removed: {label}.{stay}", "undo": undo}, "success")
    return _back()


@blueprint.post(f"{ADDRESS}/undo/<int:line_id>")
@role("admin")
def engagement_type_undo(line_id):
    """Takes back a removal."""
    line = audit_line(line_id)
    if line is None or line.action != REMOVED:
        abort(404, "There is nothing to undo here.")
    told = OwnType(**line.detail["before"])
    if told.name in {row.name for row in queries.custom_types()}:
        flash("This type is there again already.", "info")
        return _back()
    add_engagement_type(told, user_id=caller_id(), now=utc_now())
    if told.points and _uses(told.name):
        _score_again(f"engagement type {told.name} brought back")
    db.session.commit()
    flash(f"{told.label} is back, and what was tracked counts again.", "success")
    return _back()


def _page(form: Typed):
    own, in_force = queries.custom_types(), lead_rules().engagement_points
    points = [(name, in_force.get(name, 0)) for name in ENGAGEMENT_TYPES]
    built_in = [
        {
            "name": name,
            "label": type_in_words(name),
            "channel": ENGAGEMENT_TYPES[name],
            "points": each,
        }
        for name, each in sorted(points, key=lambda pair: (-pair[1], pair[0]))
    ]
    job = jobs.newest(KIND)
    return render_template(
        "settings/engagement_types.html",
        own=own,
        uses=queries.uses_of([row.name for row in own]),
        built_in=built_in,
        channels=CHANNELS,
        form=form,
        job=job if job and not job.is_over else None,
    )


def _one(row: EngagementType, form: Typed):
    return render_template(
        "settings/engagement_type.html",
        row=row,
        uses=_uses(row.name),
        channels=CHANNELS,
        form=form,
    )


def _row(type_id: int) -> EngagementType:
    return queries.custom_type(type_id) or abort(404, NO_SUCH)


def _uses(name: str) -> int:
    return queries.uses_of([name])[name]


def _sent() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in FIELDS}


def _score_again(reason: str):
    """All leads, in the background: their points may be others by now."""
    arguments = {"reason": reason, "shown_at": url_for("settings.engagement_types")}
    start_job(KIND, arguments, user_id=caller_id(), now=utc_now())


def _back():
    return redirect(url_for("settings.engagement_types"), 303)
