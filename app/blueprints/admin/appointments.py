"""Appointments: the list, one of them, and what staff do with it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import abort, flash, g, redirect, render_template, request, url_for

from app import booking
from app.access import role
from app.addresses import row_number
from app.appointment_links import link_to
from app.blueprints.admin import blueprint
from app.caller import caller_id, may_change_leads, own_leads_of
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.appointments.slots import DAY
from app.extensions import db
from app.models import Appointment
from app.models.appointment import STATES
from app.operations.appointments.cancel_appointment import (
    can_undo,
    cancel_appointment,
    restore_appointment,
)
from app.operations.appointments.close_appointment import NotOpen, NotYet, close_appointment
from app.operations.appointments.hold_time import Taken
from app.operations.appointments.move_appointment import move_appointment
from app.queries.appointments import appointments as queries
from app.queries.appointments import availability
from app.queries.appointments.appointments import Wanted
from app.queries.catalogue import catalogue, staff
from app.queries.cursor import Cursor

STATE_WORDS = {
    "booked": "Booked",
    "cancelled": "Cancelled",
    "attended": "Came",
    "missed": "Did not come",
}
SPANS = {"day": 1, "week": 7, "month": 31}
PERIODS = (7, 30, 90)
COLUMNS = (
    "starts_at_utc",
    "local_time",
    "timezone",
    "minutes",
    "treatment",
    "clinic",
    "practitioner",
    "state",
    "first_name",
    "last_name",
    "email",
    "phone",
    "lead",
    "channel",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "click_id",
    "referrer",
    "landing_page",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The days of the list: the first, and how many."""

    first: date
    span: str

    @property
    def after(self) -> date:
        return self.first + SPANS[self.span] * DAY

    @property
    def last(self) -> date:
        return self.after - DAY

    @property
    def before(self) -> date:
        return self.first - SPANS[self.span] * DAY

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From the first day's midnight to the last's, by the organization's clock."""
        zone = ZoneInfo(g.organization.timezone)
        return tuple(
            datetime.combine(day, time(), zone).astimezone(UTC) for day in (self.first, self.after)
        )


@blueprint.get("/admin/appointments")
@role("agent")
def appointments():
    """Who comes when; an agent sees those of their own leads."""
    shown = _shown()
    wanted = Wanted(
        *shown.bounds,
        clinic_id=_number("clinic"),
        practitioner_id=_number("practitioner"),
        state=request.args.get("state") if request.args.get("state") in STATES else None,
        owner_id=own_leads_of(),
    )
    rows = queries.listed(wanted)
    if request.args.get("format") == "csv":
        return csv_answer(f"appointments-{shown.first}", csv_lines([COLUMNS, *map(_cells, rows)]))
    following = None if rows else queries.next_after(utc_now(), own_leads_of())
    return render_template(
        "admin/appointments/index.html",
        days=_by_day(rows),
        count=len(rows),
        shown=shown,
        spans=SPANS,
        today=_today(),
        given={name: request.args.get(name, "") for name in ("clinic", "practitioner", "state")},
        clinics=catalogue.clinics(),
        staff=staff.practitioners(),
        states=STATE_WORDS,
        following=following,
        changeable=may_change_leads(),
    )


def _shown() -> Shown:
    span = request.args.get("span", "")
    try:
        first = date.fromisoformat(request.args.get("from", ""))
        first = first if 2000 <= first.year < 2100 else _today()
    except ValueError:
        first = _today()
    return Shown(first, span if span in SPANS else "week")


def _today() -> date:
    return utc_now().astimezone(ZoneInfo(g.organization.timezone)).date()


def _number(name: str) -> int | None:
    return request.args.get(name, type=row_number)


def _by_day(rows: list[Appointment]) -> dict[date, list[Appointment]]:
    days: dict[date, list[Appointment]] = {}
    for row in rows:
        day = row.starts_at.astimezone(ZoneInfo(row.timezone)).date()
        days.setdefault(day, []).append(row)
    return days


@blueprint.app_template_global()
def appointments_of_lead(lead_id: int) -> list[Appointment]:
    """A lead's appointments, newest first, for their page."""
    return queries.of_lead(lead_id)


@blueprint.app_template_filter("clinic_time")
def clinic_time(appointment: Appointment, shape: str = "%H:%M") -> str:
    """When it begins, by the clinic's clock."""
    return appointment.starts_at.astimezone(ZoneInfo(appointment.timezone)).strftime(shape)


def _cells(row: Appointment) -> tuple:
    source = ("channel", "source", "medium", "campaign", "term", "content", "click_id")
    who = ("first_name", "last_name", "email", "phone")
    return (
        row.starts_at.isoformat(),
        clinic_time(row, "%Y-%m-%d %H:%M"),
        row.timezone,
        row.minutes,
        row.title,
        row.clinic_name,
        row.practitioner_name,
        row.state,
        *(row.contact.get(name) for name in who),
        row.lead_id,
        *(row.source.get(name) for name in (*source, "referrer", "landing_page")),
    )


@blueprint.get("/admin/appointments/begun")
@role("analyst")
def bookings_begun():
    """Bookings begun and not finished, with how their visitors had come."""
    days = request.args.get("days", type=row_number)
    days = days if days in PERIODS else PERIODS[1]
    since = utc_now() - timedelta(days=days)
    before = Cursor.read(request.args.get("before", ""))
    rows, following = queries.abandoned(since, before)
    return render_template(
        "admin/appointments/begun.html",
        rows=rows,
        leads=queries.leads_of_visitors({row.visitor_id for row in rows} - {None}),
        following=following,
        before=before,
        days=days,
        periods=PERIODS,
        counts=queries.begun_counts(since),
        local_start=local_start,
    )


def local_start(attempt) -> str:
    """The time that was chosen, by the clinic's clock."""
    return attempt.starts_at.astimezone(ZoneInfo(attempt.timezone)).strftime("%a %-d %b, %H:%M")


@blueprint.get("/admin/appointments/<int:appointment_id>")
@role("agent")
def appointment(appointment_id):
    """One appointment: who comes, how they came to book, and what to do with it."""
    return _page(_appointment(appointment_id))


@blueprint.get("/admin/appointments/<int:appointment_id>/move")
@role("agent")
def appointment_new_time(appointment_id):
    """The free times it could move to."""
    found = _appointment(appointment_id)
    is_open = found.state == "booked" and found.starts_at > utc_now()
    if not (is_open and may_change_leads()):
        return redirect(url_for("admin.appointment", appointment_id=appointment_id))
    return _times(found)


@blueprint.post("/admin/appointments/<int:appointment_id>/move")
@role("agent")
def appointment_move(appointment_id):
    """Moves it; staff may do so up to its beginning."""
    found, rules = _to_change(appointment_id), availability.booking_rules()
    choice = booking.choice_of(found, booking.read_choice(request.form))
    asked, _ = booking.check(choice, rules, moving=found)
    if asked is None or asked.choice.at is None:
        abort(400, "Choose a time of the list.")
    try:
        moved = move_appointment(
            found,
            asked.wish,
            asked.clinic,
            asked.practitioner,
            asked.choice.at,
            rules,
            link=link_to(found.event_id),
            now=utc_now(),
            user_id=caller_id(),
        )
    except Taken:
        db.session.rollback()
        return _times(_to_change(appointment_id)), 409
    except NotOpen:
        return _refused(appointment_id, "It was cancelled or has begun: it cannot be moved.")
    return _done(appointment_id, "Moved." if moved else "It is there already.")


@blueprint.post("/admin/appointments/<int:appointment_id>/cancel")
@role("agent")
def appointment_cancel(appointment_id):
    """Cancels it in our name."""
    found = _to_change(appointment_id)
    try:
        cancel_appointment(
            found,
            reason=request.form.get("reason", "")[:2000],
            link=link_to(found.event_id),
            now=utc_now(),
            user_id=caller_id(),
        )
    except NotOpen:
        return _refused(appointment_id, "It has begun: note whether they came instead.")
    return _done(appointment_id, "Cancelled. The time is free again.")


@blueprint.post("/admin/appointments/<int:appointment_id>/restore")
@role("agent")
def appointment_restore(appointment_id):
    """Takes the cancelling back."""
    found, rules = _to_change(appointment_id), availability.booking_rules()
    link = link_to(found.event_id)
    try:
        restore_appointment(found, rules, link=link, now=utc_now(), user_id=caller_id())
    except Taken:
        return _refused(appointment_id, "Somebody else has taken the time meanwhile.")
    except NotOpen:
        return _refused(appointment_id, "It is too late to undo: book it again.")
    return _done(appointment_id, "It stands again.")


@blueprint.post("/admin/appointments/<int:appointment_id>/close")
@role("agent")
def appointment_close(appointment_id):
    """Notes that they came, or did not."""
    found, state = _to_change(appointment_id), request.form.get("state", "")
    if state not in ("attended", "missed"):
        abort(400, "Say whether they came.")
    try:
        close_appointment(found, state, user_id=caller_id(), now=utc_now())
    except NotYet:
        return _refused(appointment_id, "It has not begun yet.")
    except NotOpen:
        return _refused(appointment_id, "It was cancelled.")
    return _done(appointment_id, "Noted.")


def _page(found: Appointment, status: int = 200):
    now = utc_now()
    page = render_template(
        "admin/appointments/show.html",
        appointment=found,
        when=booking.when(found),
        states=STATE_WORDS,
        is_to_come=found.state == "booked" and found.starts_at > now,
        has_begun=found.state != "cancelled" and found.starts_at <= now,
        undo=can_undo(found, now),
        link=link_to(found.event_id) if found.contact else "",
        changeable=may_change_leads(),
    )
    return page, status


def _times(found: Appointment):
    choice, now = booking.choice_of(found, booking.read_choice(request.values)), utc_now()
    asked, _ = booking.check(choice, availability.booking_rules(), moving=found)
    at = asked.choice.at if asked else None
    if at and not asked.is_free(at, now):
        flash("That time is not free. Choose another.", "warning")
        at = None

    def here(**changes):
        told = asked.choice.arguments(**changes)
        told.pop("treatment", None)
        return url_for("admin.appointment_new_time", appointment_id=found.id, **told)

    return render_template(
        "admin/appointments/move.html",
        appointment=found,
        when=booking.when(found),
        asked=asked,
        at=booking.when_at(at, asked.zone, asked.choice.zone) if at else None,
        shown=booking.calendar(asked, now) if asked and not at else None,
        clinics=catalogue.clinics(),
        here=here,
        pick_at=lambda moment: here(at=moment, day=None),
        fields=booking.fields_of(asked.choice, "treatment", "at", "day") if asked else [],
    )


def _appointment(appointment_id: int) -> Appointment:
    return queries.appointment(appointment_id, own_leads_of()) or abort(404)


def _to_change(appointment_id: int) -> Appointment:
    found = _appointment(appointment_id)
    if not may_change_leads():
        abort(403, "Analysts read; agents and admins change appointments.")
    return found


def _done(appointment_id: int, told: str):
    db.session.commit()
    flash(told, "success")
    return redirect(url_for("admin.appointment", appointment_id=appointment_id), 303)


def _refused(appointment_id: int, told: str):
    db.session.rollback()
    flash(told, "warning")
    return _page(_appointment(appointment_id), 409)
