"""Booking for somebody who is on the phone."""

from uuid import UUID, uuid4

from flask import abort, flash, g, redirect, render_template, request, url_for

from app import booking
from app.access import role
from app.addresses import row_number
from app.appointment_links import link_to
from app.blueprints.admin import blueprint
from app.booking import Asked, Choice
from app.caller import caller_id, may_change_leads, own_leads_of
from app.clock import utc_now
from app.domain.appointments.slots import CONSULTATION
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead
from app.operations.appointments.book_appointment import COMES, Request, book_for_lead
from app.operations.appointments.hold_time import Taken
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.contact.read_contact import clean_text, read_contact
from app.queries.appointments import availability
from app.queries.catalogue import catalogue
from app.queries.leads import lead_list
from app.queries.leads.lead_list import Wanted

MOST_FOUND = 8
READS = "Analysts read; agents and admins book."
NAMELESS = "Who comes? Choose a lead, or give an e-mail address or a phone number."


@blueprint.get("/admin/appointments/new")
@role("agent")
def new_appointment():
    """What for, when and who: each choice is in the address."""
    if not may_change_leads():
        flash(READS, "info")
        return redirect(url_for("admin.appointments"))
    return _page(booking.read_choice(request.args))


@blueprint.post("/admin/appointments/book")
@role("agent")
def book_appointment():
    """Books it, for a lead there is or one that this makes."""
    if not may_change_leads():
        abort(403, READS)
    choice = booking.read_choice(request.form)
    asked, _ = booking.check(choice, availability.booking_rules())
    if asked is None or asked.choice.at is None:
        return _page(choice, status=422)
    given = {name: request.form.get(name, "")[:300] for name in COMES}
    try:
        lead = _lead() or _new_lead(given)
        booked = _book(asked, lead)
    except Taken:
        db.session.rollback()
        return _page(choice, {"at": "That time is not free any more. Choose another."}, 409)
    except Invalid as invalid:
        db.session.rollback()
        return _page(choice, invalid.fields, 422)
    db.session.commit()
    flash("Booked.", "success")
    return redirect(url_for("admin.appointment", appointment_id=booked.appointment.id), 303)


def _book(asked: Asked, lead: Lead):
    event_id = _event_id()
    comes = {name: value for name in COMES if (value := getattr(lead, name))}
    return book_for_lead(
        Request(
            event_id=event_id,
            wish=asked.wish,
            clinic=asked.clinic,
            practitioner=asked.practitioner,
            starts_at=asked.choice.at,
            comes=comes,
            note=clean_text(request.form.get("note", ""), keep_lines=True)[:2000],
        ),
        asked.rules,
        lead,
        user_id=caller_id(),
        link=link_to(event_id),
        now=utc_now(),
    )


def _new_lead(given: dict) -> Lead:
    """The lead with this address or number, completed; or a new one, which is the caller's own
    where they see only theirs."""
    region = (g.organization.settings or {}).get("region", "FR")
    clean = read_contact(given, region)
    if not clean.get("email") and not clean.get("phone"):
        raise Invalid({"email": NAMELESS})
    lead, created = create_lead_from_form(
        given,
        site=None,
        interaction=None,
        identity=None,
        source="phone",
        utm=None,
        consents={},
        now=utc_now(),
        user_id=caller_id(),
    )
    if own_leads_of() is not None and lead.assignee_id != own_leads_of():
        if not created:
            raise Invalid({"email": "This is a colleague's lead. Ask them to book, or an admin."})
        lead.assignee_id = caller_id()
    return lead


def _lead() -> Lead | None:
    number = request.values.get("lead", type=row_number)
    if number is None:
        return None
    return lead_list.find(number, own_leads_of()) or abort(404)


def _event_id() -> UUID:
    try:
        return UUID(request.form.get("event_id", ""))
    except ValueError:
        return uuid4()


def _page(choice: Choice, errors: dict | None = None, status: int = 200):
    now, rules, lead = utc_now(), availability.booking_rules(), _lead()
    asked, problems = booking.check(choice, rules) if choice.treatments else (None, {})
    q = request.values.get("q", "").strip()[:100]
    at = asked.choice.at if asked else None
    errors = {**(problems if choice.clinic else {}), **(errors or {})}
    if at and not asked.is_free(at, now):
        errors.setdefault("at", "That time is not free. Choose another.")
        at = None

    def here(**changes):
        more = {"lead": lead.id if lead else None, "q": q or None}
        if "lead" in changes:
            more["lead"] = changes.pop("lead")
        return url_for("admin.new_appointment", **choice.arguments(**changes), **more)

    page = render_template(
        "admin/appointments/new.html",
        choice=choice,
        asked=asked,
        at=booking.when_at(at, asked.zone, "") if at else None,
        shown=booking.calendar(asked, now) if asked and not at else None,
        treatments=availability.bookable(),
        consultation=CONSULTATION if rules.consultation_minutes else None,
        clinics=catalogue.clinics(),
        lead=lead,
        q=q,
        found=_found(q) if q and not lead else [],
        here=here,
        pick_at=lambda moment: here(at=moment, day=None),
        chosen=booking.fields_of(asked.choice, "day", "tz") if asked else [],
        typed={name: request.form.get(name, "") for name in (*COMES, "note")},
        event_id=request.form.get("event_id") or uuid4(),
        errors=errors,
    )
    return page, status


def _found(q: str) -> list[Lead]:
    rows, _ = lead_list.page(Wanted(q=q, owner_id=own_leads_of()), limit=MOST_FOUND)
    return [row.lead for row in rows]
