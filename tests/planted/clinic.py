"""A treatment, a place, its people, an appointment and quotes."""

from datetime import timedelta
from uuid import UUID

from app.models import (
    Appointment,
    AppointmentSlot,
    BookingAttempt,
    Clinic,
    Closure,
    Logo,
    OpeningHours,
    Practitioner,
    Quote,
    Treatment,
    WorkingHours,
)
from tests.conftest import NOW
from tests.planted.marks import EVENT, MARK, ROW, SHOWN, VISIT, VISITOR

# A picture of one pixel.
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNg"
    "YGBgAAAABQABeqhXUAAAAABJRU5ErkJggg=="
)


def catalogue():
    yield Treatment(
        slug=SHOWN.lower(),
        name=SHOWN,
        summary=SHOWN,
        description=SHOWN,
        category=SHOWN,
        concerns=[SHOWN],
        price_low=1,
        price_high=2,
        minutes=30,
    )
    yield Clinic(id=ROW, slug=SHOWN.lower(), name=SHOWN, city=SHOWN)
    yield Practitioner(id=ROW, slug=SHOWN.lower(), name=SHOWN, treatments=[SHOWN.lower()])
    day = {"weekday": 0, "starts": 540, "ends": 600}
    yield OpeningHours(clinic_id=ROW, **day)
    yield WorkingHours(practitioner_id=ROW, clinic_id=ROW, **day)
    yield Closure(starts_on=NOW.date(), ends_on=NOW.date(), reason=SHOWN)


def appointment():
    yield Practitioner(id=ROW + 1, slug=f"{SHOWN}-2".lower(), name=SHOWN, treatments=[])
    yield Appointment(
        id=ROW,
        event_id=EVENT,
        lead_id=ROW,
        practitioner_id=ROW + 1,
        title=MARK,
        clinic_name=MARK,
        practitioner_name=MARK,
        timezone="Europe/Paris",
        starts_at=NOW + timedelta(days=3),
        ends_at=NOW + timedelta(days=3, minutes=30),
        held_until=NOW + timedelta(days=3, minutes=30),
        contact={"first_name": MARK, "email": f"{MARK}@example.com".lower()},
        note=MARK,
        source={"source": MARK},
        visitor_id=VISITOR,
        created_at=NOW,
        updated_at=NOW,
    )
    yield AppointmentSlot(
        practitioner_id=ROW + 1, starts_at=NOW + timedelta(days=3), appointment_id=ROW
    )
    yield BookingAttempt(
        attempt_id=EVENT,
        visitor_id=VISITOR,
        visitor_session_id=VISIT,
        step="times",
        title=MARK,
        clinic_name=MARK,
        timezone="Europe/Paris",
        source={"source": MARK},
        begun_at=NOW,
        updated_at=NOW,
    )


def quotes():
    yield Logo(id=ROW, png=DOT, width=1, height=1, added_at=NOW)
    price = {"low": 1, "high": 2}
    content = {
        "organization": {"name": MARK, "phone": "", "email": "", "colour": "#0f6b70"},
        "clinic": MARK,
        "currency": "EUR",
        "estimate": {"lines": [], "discounts": [], "subtotal": price, "total": price},
        "financing": {"months": 0, "plans": []},
        "procedures": [],
        "terms": MARK,
        "replaces": None,
    }
    for sequence in (1, 2):
        yield Quote(
            id=ROW + sequence - 1,
            year=2026,
            sequence=sequence,
            number=f"{MARK}-{sequence}",
            event_id=EVENT if sequence == 1 else UUID(int=7),
            lead_id=ROW,
            replaces_id=ROW if sequence == 2 else None,
            recipient={"email": f"{MARK}@example.com"},
            content=content,
            currency="EUR",
            total_low=1,
            total_high=2,
            issued_at=NOW,
            valid_until=NOW.date(),
        )
