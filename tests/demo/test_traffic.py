"""The demo's traffic: the same seed, the same people."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.demo.traffic import Shop, plan
from app.models.types import to_millis
from tests.conftest import NOW

SHOP = Shop("http://127.0.0.1:5000", ("laser", "peel", "lips"), ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="module")
def visits():
    return plan(7, 300, 30, NOW, SHOP)


def test_the_same_seed_gives_the_same_visits_and_another_others(visits):
    assert plan(7, 300, 30, NOW, SHOP) == visits
    assert plan(8, 300, 30, NOW, SHOP) != visits


def test_every_visitor_comes_and_some_come_again(visits):
    people = {visit.visitor_id for visit in visits}
    assert len(people) <= 300 < len(visits)


def test_everything_happened_within_the_days_asked_for(visits):
    since, until = to_millis(NOW - timedelta(days=31)), to_millis(NOW)
    for visit in visits:
        moments = [event.occurred_at for event in visit.events]
        assert moments == sorted(moments)
        assert since <= moments[0] <= moments[-1] < until


def test_no_two_events_share_an_id(visits):
    ids = [event.id for visit in visits for event in visit.events]
    assert len(ids) == len(set(ids))


def test_evenings_are_busier_than_nights(visits):
    hours = [visit.starts_at.astimezone(SHOP.zone).hour for visit in visits]
    assert sum(hour in (19, 20, 21) for hour in hours) > 5 * sum(
        hour in (2, 3, 4) for hour in hours
    )


def test_contacts_have_an_address_nobody_has(visits):
    given = [visit.contact.given for visit in visits if visit.contact]
    assert given
    for contact in given:
        assert contact["email"].isascii()
        assert contact["email"].endswith(("@example.com", "@example.org", "@mail.example"))
        assert contact.get("phone", "+33 6 39 98 0000").startswith("+33 6 39 98 ")
