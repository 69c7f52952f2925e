"""Book an appointment: the time, the interaction, the lead and the mails in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.domain.appointments.slots import BookingRules, Wish
from app.extensions import db
from app.identity import Identity
from app.models import Appointment, Clinic, Interaction, Lead, Practitioner, Site
from app.operations.appointments.hold_time import hold_time, lock_bookings
from app.operations.appointments.tell_of_appointment import renew_reminder, tell_of_appointment
from app.operations.audit import audit
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.tools.use_tool import Browser, ToolUse, use_tool
from app.operations.tracking.follow_engagement import follow_engagement
from app.operations.tracking.record_interaction import record_interaction
from app.queries.appointments import appointments

TYPE = "appointment_booked"
COMES = ("first_name", "last_name", "email", "phone")


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for. `practitioner` none: anybody. `comes`: who comes and how to reach
    them, as read by `read_contact`; `given`: what of it was told just now. `event_id` makes the
    same request, sent twice, one appointment."""

    event_id: UUID
    wish: Wish
    clinic: Clinic
    practitioner: Practitioner | None
    starts_at: datetime
    comes: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    visitor_timezone: str = ""
    source: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> dict:
        """What the log keeps of it; the rules of scoring read `procedures`."""
        return {
            "treatment": self.wish.title,
            "procedures": self.wish.procedures,
            "clinic": self.clinic.slug,
            "starts_at": self.starts_at.isoformat(),
        }


class Booked(NamedTuple):
    """What came of it; `use` is none when staff booked it."""

    appointment: Appointment
    lead: Lead | None
    created: bool
    use: ToolUse | None


def book_appointment(
    request: Request,
    rules: BookingRules,
    *,
    site: Site,
    identity: Identity | None,
    browser: Browser,
    consents: Mapping,
    channel: str,
    link: str,
    url: str,
    now: datetime,
    lead: Lead | None = None,
    trusted: bool = True,
    attempt_id: UUID | None = None,
) -> Booked:
    """Books for whoever is at a browser, as a use of the tool. `lead` is whom the browser is known
    as; `channel` is the lead's source when nothing tells how they came. Raises Taken, Invalid."""
    lock_bookings()
    known = appointments.booked_by(request.event_id)
    appointment = known or _appointment(request, rules, now)
    use = use_tool(
        site,
        TYPE,
        identity=identity,
        data=_data(request, appointment),
        url=url,
        now=now,
        event_id=request.event_id,
        browser=browser,
    )
    if known:
        return Booked(known, known.lead, False, use)
    appointment.visitor_id = use.interaction.visitor_id
    appointment.visitor_session_id = use.interaction.visitor_session_id
    begun = appointments.attempt(attempt_id) if attempt_id else None
    appointment.source = _source(request, use.interaction, begun)
    if begun:
        begun.appointment_id, begun.updated_at = appointment.id, now
    given = {**request.given, "notes": request.note}
    lead, created = create_lead_from_form(
        given,
        site=site,
        interaction=use.interaction,
        identity=identity,
        source=appointment.source.get("channel") or channel,
        utm=None,
        consents=consents,
        now=now,
        lead=lead,
        trusted=trusted,
    )
    _give_to(appointment, lead, use.interaction, rules, link, now)
    return Booked(appointment, lead, created, use)


def book_for_lead(
    request: Request,
    rules: BookingRules,
    lead: Lead,
    *,
    user_id: int | None,
    link: str,
    now: datetime,
) -> Booked:
    """Books for a lead who is on the phone. Raises Taken."""
    lock_bookings()
    if known := appointments.booked_by(request.event_id):
        return Booked(known, known.lead, False, None)
    appointment = _appointment(request, rules, now)
    appointment.booked_by_id = user_id
    interaction = record_interaction(
        TYPE,
        site=None,
        lead_id=lead.id,
        channel="phone",
        data={**_data(request, appointment), "user_id": user_id},
        event_id=request.event_id,
        now=now,
    )
    _give_to(appointment, lead, interaction, rules, link, now)
    detail = {"lead_id": lead.id, "starts_at": request.starts_at.isoformat()}
    audit("appointment.booked", f"appointment {appointment.id}", detail, user_id=user_id, now=now)
    return Booked(appointment, lead, False, None)


def _appointment(request: Request, rules: BookingRules, now: datetime) -> Appointment:
    appointment = Appointment(
        event_id=request.event_id,
        treatments=list(request.wish.treatments),
        title=request.wish.title,
        visitor_timezone=request.visitor_timezone,
        contact={name: request.comes[name] for name in COMES if request.comes.get(name)},
        note=request.note,
        source=dict(request.source),
        created_at=now,
        updated_at=now,
    )
    hold_time(
        appointment,
        request.wish,
        request.clinic,
        request.practitioner,
        request.starts_at,
        rules,
        now=now,
    )
    return appointment


def _data(request: Request, appointment: Appointment) -> dict:
    return {**request.data, "practitioner": appointment.practitioner_name}


def _source(request: Request, interaction: Interaction, begun) -> dict:
    """How they came when they began to book, else with this visit, else by this address."""
    kept = begun.source if begun else {}
    return dict(kept or appointments.source_of(interaction) or request.source)


def _give_to(
    appointment: Appointment,
    lead: Lead,
    interaction: Interaction,
    rules: BookingRules,
    link: str,
    now: datetime,
):
    appointment.lead_id = lead.id
    follow_engagement(lead, [interaction], now=now)
    tell_of_appointment(appointment, "appointment_confirmed", link=link, now=now)
    renew_reminder(appointment, rules, link=link, now=now)
    db.session.flush()
