"""Views of the leads that people keep: saved from an address, shared, changed, let go."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for

from app.access import may, role
from app.blueprints.leads import blueprint, filters, present
from app.caller import caller_id
from app.clock import utc_now
from app.domain.leads.lead_view import BUILT_IN, canonical, filters_of, understood
from app.domain.validation import Invalid
from app.extensions import db
from app.models import SavedView
from app.operations.leads.keep_view import (
    CHANGED,
    REMOVED,
    ViewConflict,
    change_view,
    keep_view,
    remove_view,
    undo_view,
)
from app.queries.leads import saved_views
from app.queries.leads.lead_list import assignable
from app.queries.users import audit_line
from app.way_back import way_back

PLACES = {"list": "leads.index", "board": "leads.board"}


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as a link above the leads."""

    name: str
    title: str
    address: str
    current: bool
    view: SavedView | None = None


@dataclass(frozen=True, slots=True)
class Tabs:
    """The views above the leads. `chosen` is the kept one that the address names or equals,
    `differs` whether the filters are no longer its own."""

    tabs: list[Tab]
    chosen: SavedView | None
    differs: bool
    changeable: bool
    query: str


def tabs(endpoint: str, asked: dict[str, str]) -> Tabs:
    """The views that the caller sees, as links to a page of the leads."""
    kept = saved_views.views(caller_id())
    chosen = _chosen([each.view for each in kept], asked)
    shown = [
        Tab(
            view.name,
            view.title,
            url_for(endpoint, **view.filters),
            current=chosen is None and understood(view.filters) == asked,
        )
        for view in BUILT_IN
        if view.for_all or may("analyst")
    ]
    shown += [
        Tab(
            view.name,
            "Your view" + (", shared with everybody" if view.shared else "")
            if view.user_id == caller_id()
            else f"Shared by {owner}",
            url_for(endpoint, **filters_of(view.query), view=view.id),
            current=chosen is view,
            view=view,
        )
        for view, owner in kept
    ]
    return Tabs(
        shown,
        chosen,
        differs=chosen is not None and filters_of(chosen.query) != asked,
        changeable=chosen is not None and _may_change(chosen),
        query=canonical(request.query_string.decode("utf-8", "ignore")),
    )


def _chosen(kept: list[SavedView], asked: dict[str, str]) -> SavedView | None:
    """The view that the address names; else one that has the very same filters."""
    named = request.args.get("view", "")
    equal = [view for view in kept if filters_of(view.query) == asked and asked]
    return next((view for view in kept if str(view.id) == named), None) or next(iter(equal), None)


@blueprint.get("/admin/leads/views")
@role("agent")
def views():
    return _page()


@blueprint.get("/admin/leads/views/<int:view_id>")
@role("agent")
def view(view_id):
    """A short address of a view, to send to a colleague."""
    return redirect(_address(_view(view_id)))


@blueprint.post("/admin/leads/views")
@role("agent")
def save_view():
    form = request.form
    try:
        kept = keep_view(
            form.get("name", ""),
            form.get("query", ""),
            shared="shared" in form,
            user_id=caller_id() or abort(403, "Views are kept by people who sign in."),
            now=utc_now(),
        )
    except Invalid as problem:
        db.session.rollback()
        return _page("new", problem.fields), 422
    db.session.commit()
    flash(f"Saved as “{kept.name}”.", "success")
    return redirect(_address(kept), 303)


@blueprint.post("/admin/leads/views/<int:view_id>")
@role("agent")
def edit_view(view_id):
    """Another name, shared or not."""
    kept = _view_to_change(view_id)
    given = {"name": request.form.get("name", ""), "shared": "shared" in request.form}
    try:
        line = change_view(kept, given, user_id=caller_id(), now=utc_now())
    except Invalid as problem:
        db.session.rollback()
        return _page(view_id, problem.fields), 422
    db.session.commit()
    _say(f"“{kept.name}” is saved." if line else "Nothing has changed.", line)
    return redirect(url_for("leads.views"), 303)


@blueprint.post("/admin/leads/views/<int:view_id>/filters")
@role("agent")
def renew_view(view_id):
    """The filters of the page from which it was sent become the view's."""
    kept = _view_to_change(view_id)
    given = {"query": request.form.get("query", "")}
    line = change_view(kept, given, user_id=caller_id(), now=utc_now())
    db.session.commit()
    _say(f"“{kept.name}” has these filters now." if line else "Nothing has changed.", line)
    return redirect(_address(kept), 303)


@blueprint.post("/admin/leads/views/<int:view_id>/remove")
@role("agent")
def drop_view(view_id):
    kept = _view_to_change(view_id)
    name = kept.name
    line = remove_view(kept, user_id=caller_id(), now=utc_now())
    db.session.commit()
    _say(f"The view “{name}” is removed. The leads stay as they are.", line)
    return redirect(way_back(url_for("leads.views")), 303)


@blueprint.post("/admin/leads/views/undo/<int:line_id>")
@role("agent")
def restore_view(line_id):
    """Takes back what a line of the audit log says of a view."""
    line = audit_line(line_id)
    if line is None or line.action not in (CHANGED, REMOVED):
        abort(404, "There is nothing to undo here.")
    if line.user_id != caller_id() and not may("admin"):
        abort(404, "There is nothing to undo here.")
    try:
        kept = undo_view(line, user_id=caller_id(), now=utc_now())
    except ViewConflict:
        db.session.rollback()
        flash("The views were changed again since, so this cannot be undone.", "error")
    else:
        db.session.commit()
        flash(f"Undone: “{kept.name}” is as it was.", "success")
    return redirect(url_for("leads.views"), 303)


def _say(text: str, line) -> None:
    undo = line and url_for("leads.restore_view", line_id=line.id)
    flash({"text": text, "undo": undo} if undo else text, "success" if undo else "info")


def _page(form: str | int = "", errors: dict | None = None):
    """All the views; `form` is the one whose `errors` it shows, with what was typed kept."""
    people = {str(user.id): user.name for user in assignable()}
    rows = [
        {
            "view": view,
            "owner": owner,
            "said": filters.in_words(filters_of(view.query), people),
            "address": _address(view),
            "changeable": _may_change(view),
        }
        for view, owner in saved_views.views(caller_id())
    ]
    query = canonical(request.form.get("query", ""))
    return render_template(
        "leads/views.html",
        rows=rows,
        form=form,
        errors=present.Blank(errors or {}),
        typed=present.Blank(request.form.to_dict() if form else {}),
        query=query,
        said=filters.in_words(filters_of(query), people),
    )


def _address(kept: SavedView) -> str:
    place = PLACES.get(request.form.get("place", ""), "leads.index")
    return url_for(place, **filters_of(kept.query), view=kept.id)


def _view(view_id: int) -> SavedView:
    return saved_views.view(view_id, caller_id()) or abort(404)


def _view_to_change(view_id: int) -> SavedView:
    kept = _view(view_id)
    if not _may_change(kept):
        abort(403, "Only whose view it is, or an admin, changes it.")
    return kept


def _may_change(kept: SavedView) -> bool:
    return kept.user_id == caller_id() or may("admin")
