"""Two practitioners at the clinic's place in Lyon, and times at which they can be booked."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import Clinic, Closure, OpeningHours, Practitioner, WorkingHours
from app.tenancy import acting_for

PARIS = ZoneInfo("Europe/Paris")
CHOICE = {"treatment": "ipl", "clinic": "lyon"}


def on_duty(cast):
    """Ada Moreau and Bruno Petit do IPL in Lyon from nine to five, every day of the week, and
    nobody else does anything."""
    with acting_for(cast.clinic):
        for model in (WorkingHours, OpeningHours, Closure, Practitioner):
            for row in db.session.scalars(select(model)):
                db.session.delete(row)
        db.session.flush()
        lyon = db.session.scalar(select(Clinic).where(Clinic.slug == "lyon"))
        day = {"starts": 540, "ends": 1020, "clinic_id": lyon.id}
        for place, name in enumerate(("Ada Moreau", "Bruno Petit"), start=1):
            slug = name.split()[0].lower()
            one = Practitioner(slug=slug, name=name, treatments=["ipl"], position=place)
            db.session.add(one)
            db.session.flush()
            for weekday in range(7):
                db.session.add(WorkingHours(practitioner_id=one.id, weekday=weekday, **day))
        for weekday in range(7):
            db.session.add(OpeningHours(weekday=weekday, **day))
        db.session.commit()


def day_after(days: int = 5) -> date:
    """A day from today on, in Lyon."""
    return (utc_now().astimezone(PARIS) + timedelta(days=days)).date()


def moment(hour: int = 10, minute: int = 0, days: int = 5) -> datetime:
    """A time of such a day, as UTC."""
    day = day_after(days)
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS)
    return local.astimezone(UTC)
