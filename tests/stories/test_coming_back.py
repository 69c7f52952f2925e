"""Somebody gives their address, leaves, and comes back another day by another tool."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.domain.scoring.rules import DEFAULT_RULE_SET, RuleSet
from app.extensions import db
from app.models import Interaction, Lead, LeadVisitor
from app.operations.scoring.publish_rules import publish_interaction_rules
from app.queries.leads import lead_acts
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.moved_clock import MovedClock
from tests.passerby import Passerby, in_mode

WISH = "I would like to get rid of the frown lines on my forehead"
TOOLS = ("cost_calculator", "ai_recommendation")
MODES = ("cookie", "cookieless")


@pytest.fixture
def clock(app, monkeypatch):
    return MovedClock(monkeypatch, NOW)


@pytest.fixture(params=MODES)
def mode(request, clinic):
    """How the site tells visitors apart."""
    in_mode(clinic, request.param)
    return request.param


@pytest.fixture
def browser(app, mode):
    """A browser; in cookie mode it keeps the snippet's cookie."""
    client = app.test_client()
    if mode == "cookie":
        client.set_cookie("ll_visitor", str(uuid4()), domain="localhost", max_age=10**7)
    return Passerby(client)


def close(browser):
    """Closes the browser: what was to be kept for the session only is gone."""
    kept = {}
    for key, cookie in browser.client._cookies.items():
        if cookie.expires is not None or cookie.max_age is not None:
            kept[key] = cookie
    browser.client._cookies = kept


def recommend(browser):
    browser.get("/enhanced-ai/")
    browser.send("/enhanced-ai/", text=WISH)
    assert browser.page.request.path.startswith("/enhanced-ai/result/"), browser.page.text


def rows(cast, model, *conditions):
    db.session.rollback()
    db.session.expire_all()
    with acting_for(cast.clinic):
        wanted = select(model).where(*conditions).order_by(model.id)
        return list(db.session.scalars(wanted))


def acts_of(cast, lead):
    """The types of what a lead did with our tools, by the links that say whose it is."""
    db.session.rollback()
    with acting_for(cast.clinic):
        every = lead_acts.acts([lead.id])
        wanted = select(every.c.type).where(every.c.type.in_(TOOLS))
        return list(db.session.scalars(wanted.order_by(every.c.occurred_at)))


def test_they_are_not_asked_again_and_stay_one_lead_with_both(browser, clinic, clock):
    browser.calculate("ipl")
    browser.answer(email="ana@example.com")
    close(browser)
    clock.move(days=1, hours=3)
    recommend(browser)
    form = browser.form("/step/")
    assert form.action.endswith("/step/2")
    assert "email" not in form
    assert "We know how to reach you from before." in browser.page.text
    (lead,) = rows(clinic, Lead)
    assert acts_of(clinic, lead) == ["cost_calculator", "ai_recommendation"]
    browser.answer(first_name="Ana")
    (lead,) = rows(clinic, Lead)
    assert (lead.email, lead.first_name) == ("ana@example.com", "Ana")
    assert acts_of(clinic, lead) == ["cost_calculator", "ai_recommendation"]


def test_their_second_visit_counts_at_once(browser, clinic, clock):
    browser.calculate("ipl")
    browser.answer(email="ana@example.com")
    (lead,) = rows(clinic, Lead)
    first, engaged = lead.lead_score, lead.last_engaged_at
    clock.move(days=1, hours=3)
    recommend(browser)
    (lead,) = rows(clinic, Lead)
    assert lead.last_engaged_at > engaged
    assert lead.lead_score > first


def test_after_the_browsers_memory_only_the_cookie_knows_them(browser, clinic, clock, mode):
    browser.calculate("ipl")
    browser.answer(email="ana@example.com")
    clock.move(days=31)
    recommend(browser)
    known = browser.form("/step/").action.endswith("/step/2")
    assert known is (mode == "cookie")


def test_a_second_person_at_the_browser_is_a_second_lead_each_with_their_own(
    browser, clinic, clock
):
    browser.calculate("ipl")
    browser.answer(email="ana@example.com")
    close(browser)
    clock.move(days=1, hours=3)
    recommend(browser)
    browser.send("/step/2", someone_else="1")
    browser.answer(email="ben@example.com")
    ana, ben = rows(clinic, Lead)
    assert (ana.email, ben.email) == ("ana@example.com", "ben@example.com")
    assert acts_of(clinic, ana) == ["cost_calculator"]
    assert acts_of(clinic, ben) == ["ai_recommendation"]
    clock.move(hours=1)
    browser.calculate("hydrafacial")
    assert browser.form("/step/").action.endswith("/step/2")
    assert acts_of(clinic, ana) == ["cost_calculator"]
    assert acts_of(clinic, ben) == ["ai_recommendation", "cost_calculator"]


def test_a_second_person_in_the_same_visit_takes_only_what_comes_after(browser, clinic, clock):
    browser.calculate("ipl")
    clock.move(minutes=2)
    browser.answer(email="ana@example.com")
    clock.move(minutes=5)
    recommend(browser)
    clock.move(minutes=1)
    browser.send("/step/2", someone_else="1")
    browser.answer(email="ben@example.com")
    ana, ben = rows(clinic, Lead)
    assert acts_of(clinic, ana) == ["cost_calculator"]
    assert acts_of(clinic, ben) == ["ai_recommendation"]


def test_who_confirms_who_they_are_keeps_that_visit_from_whoever_comes_next(browser, clinic, clock):
    browser.calculate("ipl")
    browser.answer(email="ana@example.com")
    clock.move(days=1)
    recommend(browser)
    clock.move(minutes=1)
    browser.answer(first_name="Ana")
    clock.move(minutes=5)
    browser.calculate("hydrafacial")
    browser.send("/step/2", someone_else="1")
    browser.answer(email="ben@example.com")
    ana, ben = rows(clinic, Lead)
    assert acts_of(clinic, ana) == ["cost_calculator", "ai_recommendation"]
    assert acts_of(clinic, ben) == ["cost_calculator"]
    assert not any(link.recognised for link in rows(clinic, LeadVisitor))


def test_who_only_typed_a_known_address_gains_nothing_for_it_later(app, clinic, clock, mode):
    ana = Passerby(app.test_client())
    ana.calculate("ipl")
    ana.answer(email="ana@example.com")
    clock.move(hours=1)
    eve = Passerby(app.test_client(), **{"User-Agent": "Mozilla/5.0 (X11) Firefox/140.0"})
    eve.calculate("lip-filler")
    eve.answer(email="ana@example.com")
    clock.move(days=1, hours=3)
    recommend(eve)
    (lead,) = rows(clinic, Lead)
    assert "ai_recommendation" not in acts_of(clinic, lead)


def test_neighbours_behind_one_address_are_not_asked_earlier_for_each_other(app, clinic, clock):
    """Cookieless: one id for all of them; each browser's own uses count."""
    in_mode(clinic, "cookieless")
    ask_by_count_alone(clinic)
    neighbours = [Passerby(app.test_client()) for _ in range(5)]
    for one in neighbours:
        one.calculate("ipl")
        assert one.forms("/step/") == []
    visitors = {row.visitor_id for row in rows(clinic, Interaction)}
    assert len(visitors) == 1
    first = neighbours[0]
    first.calculate("hydrafacial")
    assert first.forms("/step/") == []
    first.calculate("lip-filler")
    assert first.forms("/step/") != []


def ask_by_count_alone(cast):
    """No score is high enough: only the third use asks."""
    with acting_for(cast.clinic):
        data = DEFAULT_RULE_SET.to_json()
        data["thresholds"] = {}
        publish_interaction_rules(RuleSet.from_json(data), user_id=None, now=NOW)
        db.session.commit()


def test_the_browsers_memory_lasts_a_month_and_holds_no_address(app, clinic, clock):
    visitor = Passerby(app.test_client())
    visitor.calculate("ipl")
    (cookie,) = visitor.client._cookies.values()
    assert cookie.expires is None
    visitor.answer(email="ana@example.com")
    (cookie,) = visitor.client._cookies.values()
    assert cookie.expires - clock.now > timedelta(days=29)
    with visitor.client.session_transaction() as told:
        assert "ana@example.com" not in str(dict(told))
