"""How credit is shared and journeys are judged: set on one page, in force at once. What is kept is
worked out again."""

from flask import abort, flash, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.settings import blueprint
from app.blueprints.settings import journey_form as forms
from app.caller import caller_id
from app.clock import utc_now
from app.domain.validation import Invalid
from app.extensions import db
from app.jobs import attribute_everybody, refresh_everybody
from app.operations.journeys.set_journey_rules import set_attribution_rules, set_journey_rules
from app.queries import jobs
from app.queries.journeys import journey_rules as queries

ADDRESS = "/settings/journeys"
IN_FORCE = {
    queries.ATTRIBUTION: queries.attribution_rules,
    queries.JOURNEYS: queries.journey_rules,
}
SETTING = {queries.ATTRIBUTION: set_attribution_rules, queries.JOURNEYS: set_journey_rules}
SAID = {
    queries.ATTRIBUTION: "Saved. Credit is being shared again.",
    queries.JOURNEYS: "Saved. Journeys are being judged again.",
}
JOBS = {
    queries.ATTRIBUTION: (attribute_everybody.KIND, "Credit is being shared again"),
    queries.JOURNEYS: (refresh_everybody.KIND, "Journeys are being judged again"),
}


@blueprint.get(ADDRESS)
@role("analyst")
def journeys():
    """What is in force, and what was set last."""
    return _page()


@blueprint.post(f"{ADDRESS}/attribution")
@role("admin")
def journeys_attribution():
    return _save(queries.ATTRIBUTION)


@blueprint.post(f"{ADDRESS}/rules")
@role("admin")
def journeys_rules():
    return _save(queries.JOURNEYS)


@blueprint.post(f"{ADDRESS}/undo/<int:line_id>")
@role("admin")
def journeys_undo(line_id):
    """Brings back what one change took away; what was changed since elsewhere stays."""
    line = queries.change(line_id) or abort(404, "There is no such change.")
    [part] = [part for part, action in queries.SET.items() if action == line.action]
    before = {name: pair[0] for name, pair in line.detail["changed"].items()}
    try:
        rules = forms.KINDS[part].from_json(IN_FORCE[part]().to_json() | before)
    except Invalid:
        flash("That does not go with what was changed since. Bring that back first.", "warning")
        return _back()
    return _set(part, rules)


def _save(part: str):
    form = forms.typed(part, request.form)
    rules = form.read()
    return (_page(form), 422) if rules is None else _set(part, rules)


def _set(part: str, rules):
    shown_at = url_for("settings.journeys")
    line = SETTING[part](rules, shown_at=shown_at, user_id=caller_id(), now=utc_now())
    if line is None:
        db.session.rollback()
        flash("That is what is in force, so nothing was saved.", "info")
        return _back()
    undo = url_for("settings.journeys_undo", line_id=line.id)
    db.session.commit()
    flash({"text": SAID[part], "undo": undo}, "success")
    return _back()


def _page(form: forms.Typed | None = None):
    shown = {part: forms.stored(part, read()) for part, read in IN_FORCE.items()}
    if form:
        shown[form.part] = form
    here = url_for("settings.journeys")
    running = [(words, jobs.newest(kind, shown_at=here)) for kind, words in JOBS.values()]
    return render_template(
        "settings/journeys.html",
        forms=shown,
        groups=forms.GROUPS,
        wrong=form,
        running=[(words, job) for words, job in running if job and not job.is_over],
        history=_history(),
    )


def _history() -> list[dict]:
    """The last changes in words."""
    return [
        {
            "line": line,
            "by": by,
            "changes": [forms.change_in_words(*each) for each in line.detail["changed"].items()],
        }
        for line, by in queries.changes()
    ]


def _back():
    return redirect(url_for("settings.journeys"), 303)
