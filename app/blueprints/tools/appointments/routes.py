"""Booking: choose what for and where, choose a time, say who comes."""

from datetime import datetime
from secrets import token_hex
from uuid import UUID, uuid4, uuid5

from flask import (
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from itsdangerous import BadSignature, URLSafeSerializer

from app import asking, booking
from app.access import public
from app.appointment_links import link_to, token_of
from app.blueprints.tools.appointments import blueprint, forms
from app.blueprints.tools.appointments.forms import Sent
from app.booking import Asked, Choice
from app.clock import utc_now
from app.domain.appointments.slots import CONSULTATION
from app.domain.tracking.channel import MARKETING, clean_url
from app.domain.tracking.origin import origin_of
from app.domain.validation import Invalid
from app.extensions import db, limiter
from app.hosting import recording
from app.identity import refuses_tracking
from app.models.types import to_millis
from app.operations.appointments.book_appointment import COMES, Booked, Request, book_appointment
from app.operations.appointments.hold_time import Taken
from app.operations.appointments.note_booking_step import note_booking_step
from app.operations.tracking.track import Hit, track
from app.queries.appointments import appointments, availability
from app.queries.catalogue import catalogue
from app.queries.tracking.sites import facts_of

TRY_AGAIN = "That did not go through. Please check your answers and send them again."
CHOOSE_TIME = "Choose one of the free times."
BOOKING = "booking"


@blueprint.route("/")
@public
def form():
    """What for, and where; with the treatment one came from."""
    return _form(booking.read_choice(request.args))


@blueprint.route("/times")
@public
def times():
    """The free times of two weeks; the choice is in the address."""
    choice = booking.read_choice(request.args)
    asked, errors = booking.check(choice, availability.booking_rules())
    if asked is None:
        return _form(choice, errors, 422)
    _note("times", asked)
    return _times(asked)


@blueprint.route("/details")
@public
def details():
    """Who comes, for the time in the address."""
    choice = booking.read_choice(request.args)
    asked, errors = booking.check(choice, availability.booking_rules())
    if asked is None:
        return _form(choice, errors, 422)
    if asked.choice.at is None:
        return redirect(url_for("appointments.times", **asked.choice.arguments()))
    if not asked.is_free(asked.choice.at, utc_now()):
        return _details(asked, taken=True, status=409)
    _note("details", asked)
    return _details(asked)


@blueprint.route("/book", methods=["POST"])
@public
@limiter.limit("120/minute")
def book():
    """Books the time, once for each form and choice; then its own address."""
    choice = booking.read_choice(request.form)
    rules = availability.booking_rules()
    asked, errors = booking.check(choice, rules)
    if asked is None:
        return _form(choice, errors, 422)
    if request.form.get("someone_else"):
        session[asking.PERSON] = None
        return _details(asked)
    sent, use = forms.read(request.form), _use()
    if _is_bot(use):
        return _details(asked, sent, message=TRY_AGAIN, status=422)
    someone = _person()
    forms.check(sent, _region(), someone)
    if asked.choice.at is None:
        sent.errors["at"] = CHOOSE_TIME
    if sent.errors:
        return _details(asked, sent, taken=asked.choice.at is None, status=422)
    try:
        booked = _book(asked, sent, use)
    except Taken:
        db.session.rollback()
        asked, _ = booking.check(choice, rules)
        return _details(asked, sent, taken=True, status=409)
    except Invalid as invalid:
        db.session.rollback()
        sent.errors = invalid.fields
        return _details(booking.check(choice, rules)[0], sent, status=422)
    event_id = booked.appointment.event_id
    db.session.commit()
    return redirect(url_for("appointments.result", event_id=event_id), 303)


@blueprint.route("/result/<uuid:event_id>")
@public
def result(event_id: UUID):
    """The confirmation, for the browser that booked."""
    asking.own_interaction(event_id)
    appointment = appointments.booked_by(event_id)
    return render_template(
        "appointments/result.html",
        appointment=appointment,
        token=token_of(event_id),
        when=booking.when(appointment),
        google=booking.google_link(appointment, g.organization.name),
        form=asking.form_for(event_id),
    )


def _form(choice: Choice, errors: dict | None = None, status: int = 200):
    rules = availability.booking_rules()
    page = render_template(
        "appointments/form.html",
        choice=choice,
        treatments=availability.bookable(),
        consultation=CONSULTATION if rules.consultation_minutes else None,
        consultation_minutes=rules.consultation_minutes,
        clinics=[one for one in catalogue.clinics() if one.id in availability.staffed()],
        errors=errors or {},
        currency=g.organization.currency,
    )
    return page, status


def _times(asked: Asked):
    now = utc_now()
    shown = booking.calendar(asked, now)
    return render_template(
        "appointments/times.html",
        asked=asked,
        shown=shown,
        others=[] if shown.count else booking.elsewhere(asked, now),
        zones=booking.zones(asked.choice.zone, asked.zone.key),
        here=lambda **changes: url_for("appointments.times", **asked.choice.arguments(**changes)),
        pick=lambda at: url_for("appointments.details", **asked.choice.arguments(at=at, day=None)),
        fields=booking.fields_of(asked.choice, "tz"),
        city=booking.city,
        moving=None,
        token=None,
    )


def _details(
    asked: Asked,
    sent: Sent | None = None,
    *,
    taken: bool = False,
    message: str = "",
    status: int = 200,
):
    sent = sent or Sent()
    now, at = utc_now(), asked.choice.at
    wanted = at or booking.read_moment(request.form.get("wanted", ""))
    use = _signer().dumps(uuid4().hex)
    if request.method == "POST" and _use() is not None:
        use = request.form["use"]
    page = render_template(
        "appointments/details.html",
        asked=asked,
        at=None if taken else at,
        wanted=booking.write_moment(wanted) if wanted else "",
        shown=booking.when_at(at, asked.zone, asked.choice.zone) if at else None,
        taken=taken,
        others=[
            booking.when_at(one, asked.zone, asked.choice.zone)
            for one in (asked.nearest(wanted or now, now) if taken else ())
        ],
        sent=sent,
        message=message,
        fields=forms.FIELDS,
        notes=forms.NOTES,
        consents=forms.consent_fields(),
        chosen=booking.fields_of(asked.choice, "day", *(["at"] if taken else [])),
        someone=_person(),
        use=use,
        stamp=_stamp(use, now),
        honeypot=asking.HONEYPOT,
        back=url_for("appointments.times", **asked.choice.arguments(at=None)),
    )
    return page, status


def _stamp(use: str, now: datetime) -> str:
    """When this form was first shown: kept while it comes back with mistakes."""
    kept, shown = request.form.get("stamp", ""), UUID(_signer().loads(use))
    if request.method == "POST" and asking.is_stamp(kept, shown):
        return kept
    return asking.stamp(shown, now)


def _book(asked: Asked, sent: Sent, use: UUID) -> Booked:
    someone, browser, now = _person(), asking.browser(), utc_now()
    choice, begun = asked.choice, session.get(BOOKING, {})
    told = [*choice.treatments, asked.clinic.slug, choice.practitioner, choice.at.isoformat()]
    event_id = uuid5(use, repr(told))
    given = {name: value for name, value in sent.clean.items() if name != "notes"}
    booked = book_appointment(
        Request(
            event_id=event_id,
            wish=asked.wish,
            clinic=asked.clinic,
            practitioner=asked.practitioner,
            starts_at=choice.at,
            comes={**_known(someone, given), **given},
            given=given,
            note=sent.clean.get("notes", ""),
            visitor_timezone=choice.zone,
            source=begun.get("source", {}),
        ),
        asked.rules,
        site=g.site,
        identity=g.identity,
        browser=browser._replace(known={*browser.known, *sent.clean, *_asked_names()}),
        consents=sent.consents,
        channel="form",
        link=link_to(event_id),
        url=request.base_url,
        now=now,
        lead=someone.lead if someone else None,
        trusted=someone is not None and someone.made,
        attempt_id=UUID(begun["id"]) if begun else None,
    )
    _remember(booked, someone, sent, now)
    return booked


def _remember(booked: Booked, someone: asking.Person | None, sent: Sent, now: datetime):
    """The appointment is this browser's own, and so is what it answered."""
    same = someone is not None and booked.lead is not None and someone.lead.id == booked.lead.id
    asking.remember_use(booked.use.interaction, booked.use.decision, now)
    use = asking.own_use(booked.appointment.event_id)
    asking.remember_answers(
        use, forms.ASKED, 2 if same else 1, booked.lead, booked.created, sent.clean
    )
    session.pop(BOOKING, None)


def _asked_names() -> list[str]:
    return [each.name for each in forms.ASKED.fields]


def _known(someone: asking.Person | None, given: dict) -> dict:
    """What this browser told before of who comes; nothing when somebody else's e-mail is given."""
    if someone is None or given.get("email", someone.lead.email) != someone.lead.email:
        return {}
    told = asking.told_by(someone)
    if someone.made:  # then the lead holds what was typed here
        told |= {name: getattr(someone.lead, name) for name in COMES if name in someone.given}
    return told


def _person() -> asking.Person | None:
    """Who this browser is known as, by what it gave to a tool before."""
    return asking.person({})


def _region() -> str:
    return (g.organization.settings or {}).get("region", "FR")


def _note(step: str, asked: Asked):
    """Each choice of a step is noted once; not of who refuses to be tracked."""
    if request.method != "GET" or refuses_tracking(request.headers):
        return
    choice = asked.choice
    told = [step, *choice.treatments, asked.clinic.slug, choice.practitioner]
    told.append(booking.write_moment(choice.at) if choice.at else "")
    begun = session.get(BOOKING) or {"id": uuid4().hex, "source": _came_by()}
    if begun.get("noted") == told:
        return
    session[BOOKING] = {**begun, "noted": told}
    with recording() as identity:
        if identity:
            note_booking_step(
                UUID(begun["id"]),
                step,
                asked.wish,
                asked.clinic,
                asked.practitioner,
                choice.at,
                site=g.site,
                identity=identity,
                url=clean_url(request.url),
                now=utc_now(),
            )


def _came_by() -> dict:
    """How this address was reached, where it tells: kept in this browser, for a booking before
    any consent to be counted."""
    if not MARKETING & set(request.args):
        return {}
    origin = origin_of(request.url, request.referrer, None)
    told = {name: getattr(origin, name) for name in appointments.ORIGIN}
    told["landing_page"] = clean_url(request.url)
    return {name: value for name, value in told.items() if value}


def _is_bot(use: UUID | None) -> bool:
    """A filled honeypot, or an answer faster than people type; the former is counted."""
    if request.form.get(asking.HONEYPOT):
        now = to_millis(utc_now())
        hit = Hit(g.organization.id, now, [], facts_of(g.site), dropped=[(None, "bot")])
        track([hit], now=utc_now())
        db.session.commit()
        return True
    return use is None or not asking.is_human_pace(request.form.get("stamp"), use, utc_now())


def _use() -> UUID | None:
    """The id of the form that was shown to this browser."""
    try:
        return UUID(_signer().loads(request.form.get("use", "")))
    except (BadSignature, ValueError, TypeError):
        return None


def _signer() -> URLSafeSerializer:
    # Bound to the session, so that one browser's form cannot be sent as another's.
    key = session.setdefault("form_key", token_hex(8))
    return URLSafeSerializer(current_app.secret_key, salt=f"appointments {key}")
