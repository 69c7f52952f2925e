"""What a lead says of their consents to somebody of the team: given, taken back, struck out."""

from flask import abort, flash, redirect, request, url_for

from app.access import may, role
from app.blueprints.leads import blueprint
from app.blueprints.leads.consents_shown import name_of
from app.blueprints.leads.drafts import sent
from app.blueprints.leads.page import lead_to_change, read_moment, show_page
from app.blueprints.leads.present import WHILE_FRESH
from app.caller import caller_id
from app.clock import utc_now
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Consent
from app.operations.leads.record_consent import record_consent
from app.operations.leads.strike_consent import consent_noted, strike_consent
from app.operations.leads.withdraw_consent import withdraw_consent
from app.operations.tools.analyse_face import KEEP
from app.queries.contact import contact

GONE = "This was struck out already."


@blueprint.post("/admin/leads/<int:lead_id>/consents")
@role("agent")
def record(lead_id):
    """Records that the lead agreed, on the phone say."""
    lead, form = lead_to_change(lead_id), request.form
    try:
        consent = record_consent(
            lead,
            form.get("kind", ""),
            way=form.get("way", ""),
            words=form.get("words", ""),
            given_at=read_moment(form.get("given_at", ""), "given_at"),
            user_id=caller_id(),
            now=utc_now(),
        )
    except Invalid as problem:
        db.session.rollback()
        return show_page(lead_id, "consent", problem.fields), 422
    in_force = consent.kind in contact.consents_in_force(lead_id)
    after = "" if in_force else " It is not in force: they took it back since."
    sent(lead_id, "consent")
    return _done(lead_id, f"{name_of(consent.kind)}: recorded that they agree.{after}", consent)


@blueprint.post("/admin/leads/<int:lead_id>/consents/withdraw")
@role("agent")
def withdraw(lead_id):
    """Notes that the lead took a consent back."""
    lead = lead_to_change(lead_id)
    kind = request.form.get("kind", "")[:60]
    withdrawn = withdraw_consent(lead, kind, user_id=caller_id(), now=utc_now())
    if withdrawn is None:
        db.session.rollback()
        flash("No such consent is in force.", "info")
        return redirect(url_for("leads.show", lead_id=lead_id), 303)
    return _done(lead_id, f"{name_of(kind)}: noted that they took it back.", withdrawn)


@blueprint.post("/admin/leads/<int:lead_id>/consents/<int:consent_id>/strike")
@role("agent")
def strike(lead_id, consent_id):
    """Takes out what was recorded by mistake."""
    lead = lead_to_change(lead_id)
    consent, line = consent_noted(lead, consent_id) or abort(404, GONE)
    own = line.user_id == caller_id() and utc_now() - line.at <= WHILE_FRESH
    if not (own or may("admin")):
        abort(403, "Whoever recorded this strikes it out within a day, or an admin.")
    kind = name_of(consent.kind)
    if not strike_consent(lead, consent, line, user_id=caller_id(), now=utc_now()):
        abort(404, GONE)
    db.session.commit()
    flash(f"{kind}: struck out. The audit log keeps that it was recorded.", "success")
    return redirect(url_for("leads.show", lead_id=lead_id), 303)


def _done(lead_id: int, text: str, consent: Consent):
    """What was done, with its undo; what was measured of a face is gone for good."""
    undo = url_for("leads.strike", lead_id=lead_id, consent_id=consent.id)
    said = text if consent.kind == KEEP else {"text": text, "undo": undo}
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("leads.show", lead_id=lead_id), 303)
