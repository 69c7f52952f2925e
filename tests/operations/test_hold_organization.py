"""The settings are one document: whoever sets a part of it keeps what others set meanwhile."""

import threading

import pytest

from app.clock import utc_now
from app.domain.appointments.slots import BookingRules
from app.domain.journeys.journey_rules import JourneyRules
from app.extensions import db
from app.models import Organization
from app.operations.appointments.set_booking_rules import set_booking_rules
from app.operations.journeys.set_journey_rules import set_journey_rules
from app.tenancy import acting_for


def test_a_part_set_after_a_request_began_is_kept(app, cast):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("where requests that write wait for each other")
    who = {"user_id": None, "now": utc_now()}

    clinic_id = cast.clinic.id

    def in_another_session():
        with app.app_context(), acting_for(clinic_id):
            set_journey_rules(JourneyRules(drop_off=20), shown_at="/", **who)
            db.session.commit()

    with acting_for(clinic_id):
        read = db.session.get(Organization, clinic_id).settings
        assert "journeys" not in (read or {})
        meanwhile = threading.Thread(target=in_another_session)
        meanwhile.start()
        meanwhile.join()
        set_booking_rules(BookingRules(buffer=10), **who)
        db.session.commit()
        kept = db.session.get(Organization, clinic_id).settings
    assert kept["journeys"]["drop_off"] == 20
    assert kept["appointments"]["buffer"] == 10
