"""One lead's page, and all that is done there."""

from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import abort, flash, g, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.leads import blueprint, present
from app.caller import caller_id, may_change_leads, own_leads_of
from app.clock import utc_now
from app.domain.lifecycle import LABELS, MOVES, NEEDS_REASON, PATH, STAGES, StageError
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead
from app.operations.erase_lead import erase_lead
from app.operations.log_engagement import LOGGED, log_engagement
from app.operations.update_lead import update_lead
from app.operations.withdraw_consent import withdraw_consent
from app.queries import lead_page as queries
from app.queries.cursor import Cursor
from app.queries.lead_list import assignable, find
from app.queries.rules_history import version_at

TEXTS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "location",
    "customer_type",
    "category",
    "budget",
    "urgency",
    "preferred_time",
    "notes",
)


@blueprint.get("/admin/leads/<int:lead_id>")
@role("agent")
def show(lead_id):
    return _page(_lead(lead_id))


@blueprint.post("/admin/leads/<int:lead_id>")
@role("agent")
def edit(lead_id):
    lead = _lead_to_change(lead_id)
    given = {name: request.form[name] for name in TEXTS if name in request.form}
    if "interests" in request.form:
        given["interests"] = request.form["interests"].split(",")
    return _change(lead, given, "edit", "Saved.")


@blueprint.post("/admin/leads/<int:lead_id>/stage")
@role("agent")
def move(lead_id):
    lead = _lead_to_change(lead_id)
    stage, seen = request.form.get("stage", ""), request.form.get("from", "")
    reason = request.form.get("reason", "").strip()[:300]
    if seen and seen != lead.stage:
        message = f"Somebody moved them to {LABELS[lead.stage]} in the meantime. Look again."
        return _page(lead, "stage", {"stage": message}), 409
    if stage == lead.stage:
        return _page(lead, "stage", {"stage": f"They are in {LABELS[stage]} already."}), 409
    return _change(lead, {"stage": stage, "reason": reason}, "stage", f"Moved to {stage}.")


@blueprint.post("/admin/leads/<int:lead_id>/assignee")
@role("admin")
def assign(lead_id):
    lead = _lead_to_change(lead_id)
    chosen = request.form.get("assignee_id", "")
    if chosen and not (chosen.isdecimal() and len(chosen) < 10):
        abort(400, "Choose somebody of the list.")
    given = {"assignee_id": int(chosen) if chosen else None}
    return _change(lead, given, "assign", "Assigned." if chosen else "Assigned to nobody.")


@blueprint.post("/admin/leads/<int:lead_id>/engagements")
@role("agent")
def log(lead_id):
    lead = _lead_to_change(lead_id)
    form = request.form
    try:
        log_engagement(
            lead,
            form.get("type", ""),
            note=form.get("note", ""),
            occurred_at=_moment(form.get("occurred_at", "")),
            event_id=_event_id(form.get("event_id", "")),
            user_id=caller_id(),
            now=utc_now(),
        )
    except Invalid as problem:
        db.session.rollback()
        return _page(_lead(lead_id), "log", problem.fields), 422
    db.session.commit()
    flash(f"{LOGGED[form['type']]} noted.", "success")
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


@blueprint.post("/admin/leads/<int:lead_id>/consents/withdraw")
@role("agent")
def withdraw(lead_id):
    """Notes that the lead took a consent back, on the phone say."""
    lead = _lead_to_change(lead_id)
    kind = request.form.get("kind", "")[:60]
    withdrawn = withdraw_consent(lead, kind, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash(*(("Noted.", "success") if withdrawn else ("No such consent is in force.", "info")))
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


@blueprint.post("/admin/leads/<int:lead_id>/erase")
@role("admin")
def erase(lead_id):
    lead = _lead_to_change(lead_id)
    if request.form.get("confirm") != "erase":
        problem = {"confirm": "Tick the box to say that you mean it."}
        return _page(lead, "erase", problem), 422
    erase_lead(lead, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash("The person is erased. What was counted stays counted.", "success")
    return redirect(url_for("leads.index"), 303)


def _change(lead: Lead, given: dict, form: str, done: str):
    lead_id = lead.id
    try:
        changed = update_lead(lead, given, user_id=caller_id(), now=utc_now())
    except (Invalid, StageError) as problem:
        db.session.rollback()
        errors = problem.fields if isinstance(problem, Invalid) else _stage_errors(problem)
        return _page(_lead(lead_id), form, errors), 422
    db.session.commit()
    flash(done if changed else "Nothing has changed.", "success" if changed else "info")
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


def _stage_errors(problem: StageError) -> dict[str, str]:
    if problem.code == "reason_needed":
        return {"reason": "Say why: this move skips a stage, goes back or comes back."}
    return {"stage": "Choose a stage of the list."}


def _page(lead: Lead, form: str = "", errors: dict | None = None):
    """One lead's page; `form` is the one whose `errors` it shows, with what was typed kept."""
    before = Cursor.read(request.args.get("before", ""))
    acts = queries.acts(lead.id, before)
    more = acts[queries.TIMELINE - 1] if len(acts) > queries.TIMELINE else None
    acts = acts[: queries.TIMELINE]
    stays, scores = queries.stays(lead.id), queries.scores(lead.id)
    made_by = queries.made_by(lead)
    visit_ids = {act.visitor_session_id for act in acts} - {None}
    return render_template(
        "leads/show.html",
        lead=lead,
        made_by=made_by,
        made_by_version=version_at(made_by.received_at) if made_by else None,
        steps=present.waterfall(made_by.contributions or ()) if made_by else [],
        scores=scores,
        apart=present.taken_apart(scores[0]) if scores else None,
        chart=present.chart(scores),
        chart_size=present.CHART,
        stays=stays,
        credit=present.credit(queries.attributions(lead.id)),
        entries=present.timeline(acts, queries.visits(visit_ids), stays),
        before=before,
        more=str(Cursor(more.occurred_at, more.id)) if more else None,
        consents=queries.consents(lead.id),
        people={user.id: user.name for user in assignable()},
        changeable=may_change_leads(),
        form=form,
        errors=present.Blank(errors or {}),
        typed=present.Blank(request.form.to_dict() if form else {}),
        blank=present.Blank(),
        event_id=request.form.get("event_id") or uuid4(),
        acts_in_words=present.ACTS,
        quiet=present.QUIET,
        logged=LOGGED,
        stages=LABELS,
        next_stage=_next_stage(lead.stage),
        needs_reason=[s for s in STAGES if MOVES.get((lead.stage, s)) in NEEDS_REASON],
    )


def _next_stage(stage: str) -> str | None:
    """The stage that a lead is most often moved to: the one after."""
    later = PATH[PATH.index(stage) + 1 :] if stage in PATH else ()
    return later[0] if later else None


def _moment(text: str) -> datetime | None:
    """A form's local date and time, in the organization's time zone."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or ZoneInfo(g.organization.timezone))
    except ValueError:
        raise Invalid({"occurred_at": "Write a date and a time."}) from None


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _lead(lead_id: int) -> Lead:
    return find(lead_id, own_leads_of()) or abort(404)


def _lead_to_change(lead_id: int) -> Lead:
    lead = _lead(lead_id)
    if not may_change_leads():
        abort(403, "Analysts read; agents and admins change leads.")
    return lead
