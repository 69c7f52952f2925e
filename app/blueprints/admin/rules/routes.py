"""The scoring rules: read them, edit their draft."""

from flask import flash, redirect, request

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin.rules.draft import Typed
from app.blueprints.admin.rules.kinds import Rules, rules_of
from app.blueprints.admin.rules.page import (
    ADDRESS,
    OF_VISITS,
    published_meanwhile,
    rules_page,
    saved_meanwhile,
    sent,
)
from app.blueprints.admin.rules.preview import start_preview
from app.blueprints.admin.rules.publish import publish
from app.caller import caller_id
from app.clock import utc_now
from app.extensions import db
from app.operations.scoring.edit_rule_draft import (
    DraftConflict,
    discard_draft,
    save_draft,
    undo_draft,
)


@blueprint.get(ADDRESS)
@blueprint.get(OF_VISITS)
@role("analyst")
def rules(site_id=None):
    of = rules_of(site_id)
    return rules_page(of, of.draft(), checked="check" in request.args)


@blueprint.post(ADDRESS)
@blueprint.post(OF_VISITS)
@role("admin")
def rules_edit(site_id=None):
    """Keeps what was typed as the draft, and does what the pressed button says."""
    of, do = rules_of(site_id), request.form.get("do", "save")
    if do in ("discard", "undo"):
        return _take_back(of, do)
    form = sent(of)
    if do == "reset":
        form = _reset(of, form)
    place = of.form.arrange(form, do)
    if form.made_from != of.version():
        return published_meanwhile(of, form)
    try:
        kept = keep(of, form)
    except DraftConflict as conflict:
        db.session.rollback()
        return saved_meanwhile(rules_of(site_id), form, conflict)
    db.session.commit()
    if do == "preview":
        return start_preview(of, form)
    if do == "publish":
        return publish(of, form)
    if not kept:
        flash("Nothing has changed, so there is no draft.", "info")
    return redirect(_back_to(of, form, do, place), 303)


def keep(of: Rules, form: Typed) -> bool:
    """Saves the form as the draft, unless there is none and nothing differs from what is in
    force; whether there is a draft then. Not committed."""
    in_force = of.form_of(of.version())
    if not form.revision and not of.stored and form.body == in_force.body:
        return False
    typed = of.form.rules_of(form)
    draft = save_draft(
        of.kind,
        of.site_id,
        form.body,
        made_from=form.made_from,
        revision=form.revision,
        changes=list(of.changes(of.in_force(), typed)) if typed else None,
        user_id=caller_id(),
        now=utc_now(),
    )
    form.revision = draft.revision
    return True


def _take_back(of: Rules, do: str):
    stored = of.stored
    if stored is None:
        flash("There is no draft any more.", "info")
    elif do == "discard":
        discard_draft(stored, user_id=caller_id(), now=utc_now())
        flash("The draft is gone. The audit log keeps what it was.", "success")
    elif undo_draft(stored, user_id=caller_id(), now=utc_now()):
        flash("The last change of the draft was taken back.", "success")
    else:
        flash("There is nothing to take back: the draft is as it was begun.", "info")
    db.session.commit()
    return redirect(of.address(), 303)


def _reset(of: Rules, form: Typed) -> Typed:
    fresh = of.defaults()
    fresh.made_from, fresh.revision = form.made_from, form.revision
    fresh.note = "Back to the defaults"
    return fresh


def _back_to(of: Rules, form: Typed, do: str, place: int | None) -> str:
    """The page again, at the row that was moved or added; its errors told when it was checked."""
    told = {"check": "1"} if do == "save" and form.errors else {}
    row = {} if place is None else {"row": str(place)}
    anchor = f"row-{place}" if place is not None else "draft" if do == "save" else None
    return of.address(**told, **row, _anchor=anchor)
