"""Adding somebody by hand: who called, walked in or was met."""

from flask import abort, flash, g, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.leads import blueprint, present
from app.caller import caller_id, is_anothers, may_change_leads, own_leads_of
from app.clock import utc_now
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.contact.read_contact import read_contact

WAYS = {
    "phone": "They called",
    "walk_in": "They walked in",
    "referral": "Somebody recommended us",
    "event": "At an event",
    "social": "On a social network",
    "other": "In another way",
}
FIELDS = ("first_name", "last_name", "email", "phone", "location", "interests", "notes")
ANOTHERS = "Somebody else looks after this person. Ask an admin."


@blueprint.get("/admin/leads/new")
@role("agent")
def new():
    return _form({})


@blueprint.post("/admin/leads/new")
@role("agent")
def add():
    """Makes the lead, or completes who is there with the same e-mail or phone."""
    if not may_change_leads():
        abort(403, "Analysts read; agents and admins add leads.")
    try:
        lead, created = _added()
    except Invalid as problem:
        db.session.rollback()
        return _form(problem.fields), 422
    db.session.commit()
    if created:
        flash(f"{lead.name} is a lead now.", "success")
    else:
        flash(f"{lead.name} was a lead already; what was missing is filled in.", "info")
    return redirect(url_for("leads.show", lead_id=lead.id), 303)


def _added() -> tuple[Lead, bool]:
    """Raises Invalid; an agent completes no one else's lead."""
    given = {name: request.form.get(name, "") for name in FIELDS}
    given["interests"] = given["interests"].split(",")
    if is_anothers(read_contact(given, (g.organization.settings or {}).get("region", "FR"))):
        raise Invalid({"email" if given["email"].strip() else "phone": ANOTHERS})
    way = request.form.get("source")
    lead, created = create_lead_from_form(
        given,
        site=None,
        interaction=None,
        identity=None,
        source=way if way in WAYS else "other",
        utm=None,
        consents={},
        now=utc_now(),
        user_id=caller_id(),
    )
    if created and own_leads_of():
        lead.assignee_id = own_leads_of()
    return lead, created


def _form(errors: dict[str, str]) -> str:
    return render_template(
        "leads/new.html",
        errors=present.Blank(errors),
        typed=present.Blank(request.form.to_dict()),
        ways=WAYS,
        changeable=may_change_leads(),
    )
