"""An appointment by its signed link: look at it, move it, cancel it."""

from datetime import timedelta

from flask import Response, abort, g, redirect, render_template, request, url_for

from app import booking
from app.access import public
from app.appointment_links import link_to, read_token
from app.blueprints.tools.appointments import blueprint
from app.booking import Asked
from app.clients.calendar import TYPE
from app.clock import utc_now
from app.domain.appointments.slots import BookingRules
from app.extensions import db, limiter
from app.models import Appointment
from app.operations.appointments.cancel_appointment import (
    can_undo,
    cancel_appointment,
    restore_appointment,
)
from app.operations.appointments.close_appointment import NotOpen
from app.operations.appointments.hold_time import Taken
from app.operations.appointments.move_appointment import move_appointment
from app.operations.appointments.tell_of_appointment import calendar_file
from app.queries.appointments import appointments, availability

UNKNOWN = "This link is not complete, or its appointment is gone. Take the one in your e-mail."


@blueprint.after_request
def keep_secret(answer: Response):
    """An address that is a key is told to nobody, and shown to no search engine."""
    if "token" in (request.view_args or {}):
        answer.headers["Referrer-Policy"] = "strict-origin"
        answer.headers["X-Robots-Tag"] = "noindex"
        answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/a/<token>")
@public
def manage(token):
    """The appointment as it stands."""
    appointment, rules = _appointment(token), availability.booking_rules()
    now = utc_now()
    return render_template(
        "appointments/manage.html",
        appointment=appointment,
        token=token,
        when=booking.when(appointment),
        google=booking.google_link(appointment, g.organization.name),
        may_change=_is_open(appointment, rules, now),
        is_past=appointment.starts_at <= now,
        hours=rules.cancel_hours,
        undo=can_undo(appointment, now),
        moved=request.args.get("moved") == "1",
    )


@blueprint.route("/a/<token>/appointment.ics")
@public
@limiter.limit("60/minute")
def calendar(token):
    """The appointment for a calendar."""
    appointment = _appointment(token)
    method = "CANCEL" if appointment.state == "cancelled" else "PUBLISH"
    file = calendar_file(appointment, method, link_to(appointment.event_id), utc_now())
    headers = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
    return Response(file, content_type=f"{TYPE}; charset=utf-8; method={method}", headers=headers)


@blueprint.route("/a/<token>/move")
@public
def new_time(token):
    """The free times it could move to; with one in the address, whether to take it."""
    appointment, rules = _appointment(token), availability.booking_rules()
    if not _is_open(appointment, rules, utc_now()):
        return _back(token)
    asked = _asked(appointment, request.args, rules)
    if asked.choice.at is None:
        return _times(appointment, asked, token)
    if not asked.is_free(asked.choice.at, utc_now()):
        return _move(appointment, asked, token, taken=True, status=409)
    return _move(appointment, asked, token)


@blueprint.route("/a/<token>/move", methods=["POST"])
@public
@limiter.limit("60/minute")
def move(token):
    """Moves it to the time chosen."""
    appointment, rules = _appointment(token), availability.booking_rules()
    now = utc_now()
    if not _is_open(appointment, rules, now):
        return _back(token)
    asked = _asked(appointment, request.form, rules)
    if asked.choice.at is None:
        return _move(appointment, asked, token, taken=True, status=422)
    try:
        move_appointment(
            appointment,
            asked.wish,
            asked.clinic,
            asked.practitioner,
            asked.choice.at,
            rules,
            link=link_to(appointment.event_id),
            now=now,
            site=g.site,
            identity=g.identity,
        )
    except Taken:
        db.session.rollback()
        appointment = _appointment(token)
        asked = _asked(appointment, request.form, rules)
        return _move(appointment, asked, token, taken=True, status=409)
    except NotOpen:
        db.session.rollback()
        return _back(token)
    db.session.commit()
    return redirect(url_for("appointments.manage", token=token, moved=1), 303)


@blueprint.route("/a/<token>/cancel")
@public
def cancelling(token):
    """Asks whether to cancel, and why."""
    appointment = _appointment(token)
    if not _is_open(appointment, availability.booking_rules(), utc_now()):
        return _back(token)
    return render_template(
        "appointments/cancel.html",
        appointment=appointment,
        token=token,
        when=booking.when(appointment),
    )


@blueprint.route("/a/<token>/cancel", methods=["POST"])
@public
@limiter.limit("60/minute")
def cancel(token):
    """Cancels it."""
    appointment, now = _appointment(token), utc_now()
    if _is_open(appointment, availability.booking_rules(), now):
        cancel_appointment(
            appointment,
            reason=request.form.get("reason", "")[:2000],
            link=link_to(appointment.event_id),
            now=now,
            site=g.site,
            identity=g.identity,
        )
        db.session.commit()
    return _back(token, 303)


@blueprint.route("/a/<token>/undo", methods=["POST"])
@public
@limiter.limit("60/minute")
def undo(token):
    """Takes the cancelling back, if the time is still free."""
    appointment, now = _appointment(token), utc_now()
    try:
        restore_appointment(
            appointment,
            availability.booking_rules(),
            link=link_to(appointment.event_id),
            now=now,
            site=g.site,
            identity=g.identity,
        )
    except (Taken, NotOpen):
        db.session.rollback()
    db.session.commit()
    return _back(token, 303)


def _appointment(token: str) -> Appointment:
    event_id = read_token(token)
    found = appointments.booked_by(event_id) if event_id else None
    # An erased person has no appointments any more, whatever link they kept.
    if found is None or not found.contact:
        abort(404, UNKNOWN)
    return found


def _is_open(appointment: Appointment, rules: BookingRules, now) -> bool:
    """Whether it may still be moved and cancelled by its link."""
    last = appointment.starts_at - timedelta(hours=rules.cancel_hours)
    return appointment.state == "booked" and now < min(last, appointment.starts_at)


def _back(token: str, status: int = 302):
    return redirect(url_for("appointments.manage", token=token), status)


def _asked(appointment: Appointment, given, rules: BookingRules) -> Asked:
    choice = booking.choice_of(appointment, booking.read_choice(given))
    asked, _ = booking.check(choice, rules, moving=appointment)
    return asked or abort(404, "This place takes no appointments any more. Please call us.")


def _times(appointment: Appointment, asked: Asked, token: str):
    now = utc_now()
    shown = booking.calendar(asked, now)

    def here(**changes):
        told = asked.choice.arguments(**changes)
        told.pop("treatment", None)
        return url_for("appointments.new_time", token=token, **told)

    return render_template(
        "appointments/times.html",
        asked=asked,
        shown=shown,
        others=[] if shown.count else booking.elsewhere(asked, now),
        zones=booking.zones(asked.choice.zone, asked.zone.key),
        here=here,
        pick=lambda at: here(at=at, day=None),
        fields=booking.fields_of(asked.choice, "treatment", "tz"),
        city=booking.city,
        moving=booking.when(appointment),
        token=token,
    )


def _move(appointment, asked: Asked, token: str, *, taken: bool = False, status: int = 200):
    now, at = utc_now(), asked.choice.at
    wanted = at or booking.read_moment(request.form.get("wanted", ""))
    page = render_template(
        "appointments/move.html",
        appointment=appointment,
        asked=asked,
        token=token,
        taken=taken,
        wanted=booking.write_moment(wanted) if wanted else "",
        was=booking.when(appointment),
        shown=booking.when_at(at, asked.zone, asked.choice.zone) if at else None,
        others=[
            booking.when_at(one, asked.zone, asked.choice.zone)
            for one in (asked.nearest(wanted or now, now) if taken else ())
        ],
        fields=booking.fields_of(asked.choice, "treatment", "at", "day"),
    )
    return page, status
