"""Tell whoever booked what became of their appointment, with a calendar file, and remind them."""

from base64 import b64encode
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.clients.calendar import TYPE, Invitation, invitation
from app.domain.appointments.slots import BookingRules
from app.extensions import db
from app.models import Appointment, Organization, OutboxMessage
from app.operations.queue_mail import BadMail, queue_mail

METHODS = {
    "appointment_confirmed": "REQUEST",
    "appointment_moved": "REQUEST",
    "appointment_cancelled": "CANCEL",
}


def tell_of_appointment(
    appointment: Appointment, mail: str, *, link: str, now: datetime, was: str = ""
) -> None:
    """Queues the mail (one of METHODS) to the address given, if any; `link` leads to the page to
    move or cancel, `was` is the time before it was moved."""
    organization = db.session.get(Organization, appointment.organization_id)
    file = {
        "name": "appointment.ics",
        "type": TYPE,
        "base64": b64encode(calendar_file(appointment, METHODS[mail], link, now)).decode(),
    }
    facts = facts_of(appointment, organization, link) | {"was": was}
    _queue(mail, appointment, facts, due_at=now, now=now, attachments=[file])


def renew_reminder(appointment: Appointment, rules: BookingRules, *, link: str, now: datetime):
    """Takes the reminder that waits away, and queues the next when there is time for one."""
    drop_reminder(appointment, now=now)
    due_at = appointment.starts_at - timedelta(hours=rules.reminder_hours)
    if appointment.state != "booked" or not rules.reminder_hours or due_at <= now:
        return
    organization = db.session.get(Organization, appointment.organization_id)
    facts = facts_of(appointment, organization, link)
    message = _queue("appointment_reminder", appointment, facts, due_at=due_at, now=now)
    if message:
        db.session.flush()
        appointment.reminder_id = message.id


def drop_reminder(appointment: Appointment, *, now: datetime):
    """The reminder that waits is not sent."""
    message = _reminder(appointment)
    if message and message.done_at is None:
        message.done_at = now
    appointment.reminder_id = None


def _reminder(appointment: Appointment) -> OutboxMessage | None:
    wanted = select(OutboxMessage).where(OutboxMessage.id == appointment.reminder_id)
    return db.session.scalar(wanted) if appointment.reminder_id else None


def _queue(mail: str, appointment: Appointment, facts: dict, **more) -> OutboxMessage | None:
    email = appointment.contact.get("email")
    if not email:
        return None
    try:
        return queue_mail(mail, email, facts, **more)
    except BadMail:  # taken as an address, but none that mail can be sent to
        return None


def facts_of(appointment: Appointment, organization: Organization, link: str) -> dict:
    """What the mails say, as JSON has it."""
    site = (organization.settings or {}).get("site", {})
    return {
        "first_name": appointment.contact.get("first_name", ""),
        "title": appointment.title,
        "when": in_words(appointment.starts_at, appointment.timezone),
        "when_theirs": when_theirs(appointment),
        "minutes": appointment.minutes,
        "practitioner": appointment.practitioner_name,
        "clinic": appointment.clinic_name,
        "address": appointment.address,
        "phone": site.get("phone", ""),
        "link": link,
    }


def in_words(moment: datetime, zone: str) -> str:
    """Tuesday 3 March 2026, 14:30 (Paris time)."""
    place = zone.rpartition("/")[2].replace("_", " ")
    told = moment.astimezone(ZoneInfo(zone))
    return f"{told:%A} {told.day} {told:%B %Y, %H:%M} ({place} time)"


def when_theirs(appointment: Appointment) -> str:
    """The time by the visitor's own clock; empty when it shows the clinic's."""
    theirs = appointment.visitor_timezone
    if not theirs:
        return ""
    at = appointment.starts_at
    same = (
        at.astimezone(ZoneInfo(theirs)).utcoffset()
        == at.astimezone(ZoneInfo(appointment.timezone)).utcoffset()
    )
    return "" if same else in_words(at, theirs)


def calendar_file(appointment: Appointment, method: str, link: str, now: datetime) -> bytes:
    """The appointment as an .ics file."""
    organization = db.session.get(Organization, appointment.organization_id)
    site = (organization.settings or {}).get("site", {})
    told = Invitation(
        uid=f"{appointment.event_id}@leadlight",
        sequence=appointment.sequence,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        told_at=now,
        title=f"{appointment.title}, {organization.name}",
        place=", ".join(filter(None, (appointment.clinic_name, appointment.address))),
        text="\n".join(
            filter(
                None,
                (
                    f"With {appointment.practitioner_name}",
                    site.get("phone") and f"Phone: {site['phone']}",
                    link and f"Move or cancel: {link}",
                ),
            )
        ),
        organizer=site.get("email") or "appointments@leadlight.invalid",
        organizer_name=organization.name,
        attendee=appointment.contact.get("email", "") if method != "PUBLISH" else "",
        link=link,
    )
    return invitation(told, method)
