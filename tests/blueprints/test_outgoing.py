"""The admin sees what goes out by mail, and decides about what did not."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import AuditLog, Membership, OutboxMessage
from app.operations.queue_mail import queue_mail
from app.tenancy import acting_for
from tests.jobs.test_deliver import FACTS
from tests.passerby import Passerby

LATER = timedelta(hours=1)


@pytest.fixture
def mail(cast):
    """A mail that is due in an hour."""
    now = utc_now()
    with acting_for(cast.clinic):
        message = queue_mail("lead_created", "team@example.com", FACTS, due_at=now + LATER, now=now)
        db.session.commit()
        return message.id


def state_of(cast, number):
    db.session.rollback()
    with acting_for(cast.clinic):
        return db.session.scalar(select(OutboxMessage).where(OutboxMessage.id == number)).state


def set_to(cast, number, **values):
    with acting_for(cast.clinic):
        message = db.session.scalar(select(OutboxMessage).where(OutboxMessage.id == number))
        for name, value in values.items():
            setattr(message, name, value)
        db.session.commit()


def test_a_mail_is_listed_with_its_state_and_can_be_read(alice, mail):
    page = alice.get("/admin/outgoing")
    assert "team@example.com" in page.text
    assert "waiting" in page.text
    shown = alice.get(f"/admin/outgoing/{mail}").text
    assert "New lead: Ana (85 of 100)" in shown
    assert "Ana would like to hear from Aurelia Aesthetics." in shown


def test_without_a_server_the_page_says_how_to_set_one(app, alice, mail):
    assert "Mails are written to a folder, not sent" in alice.get("/admin/outgoing").text
    app.config["MAIL"] = "smtp://127.0.0.1:1"
    assert "Mails are written to a folder" not in alice.get("/admin/outgoing").text


def test_a_failed_mail_says_why_and_is_sent_again(cast, alice, mail):
    now = utc_now()
    set_to(cast, mail, done_at=now, failed_at=now, error="550 <b>no such user</b>", attempts=8)
    failed = Passerby(alice)
    failed.get("/admin/outgoing", {"state": "failed"})
    assert "550 &lt;b&gt;no such user" in failed.page.text
    failed.send(f"/outgoing/{mail}/again")
    assert "It goes out again now." in failed.page.text
    assert state_of(cast, mail) == "waiting"
    with acting_for(cast.clinic):
        (line,) = db.session.scalars(select(AuditLog))
    assert (line.action, line.subject) == ("mail.sent_again", f"mail {mail}")


def test_a_mail_that_waits_is_stopped_and_let_go_again(cast, alice, mail):
    admin = Passerby(alice)
    admin.get("/admin/outgoing")
    admin.send(f"/outgoing/{mail}/drop")
    assert state_of(cast, mail) == "dropped"
    admin.send(f"/outgoing/{mail}/again")
    assert state_of(cast, mail) == "waiting"


def test_what_is_waiting_is_not_hurried_and_what_is_over_is_not_stopped(cast, alice, mail):
    admin = Passerby(alice)
    admin.get(f"/admin/outgoing/{mail}")
    token = admin.form("/drop").fields["csrf_token"]
    alice.post(f"/admin/outgoing/{mail}/again", data={"csrf_token": token})
    db.session.rollback()
    with acting_for(cast.clinic):
        due = db.session.scalar(select(OutboxMessage.due_at).where(OutboxMessage.id == mail))
    assert due > utc_now() + timedelta(minutes=50)
    set_to(cast, mail, done_at=utc_now(), sent_at=utc_now())
    alice.post(f"/admin/outgoing/{mail}/drop", data={"csrf_token": token})
    assert state_of(cast, mail) == "sent"


def test_when_nobody_delivers_the_page_says_so(cast, alice, mail):
    assert "nobody delivers them" not in alice.get("/admin/outgoing").text
    set_to(cast, mail, due_at=utc_now() - LATER)
    assert "nobody delivers them" in alice.get("/admin/outgoing").text


def test_only_admins_and_owners_see_it(bob, mail):
    assert bob.get("/admin/outgoing").status_code == 403
    assert bob.get(f"/admin/outgoing/{mail}").status_code == 403


def test_pages_hold_fifty_and_lead_to_the_older_ones(cast, alice):
    now = utc_now()
    with acting_for(cast.clinic):
        for number in range(60):
            queue_mail("lead_created", f"n{number}@example.com", FACTS, due_at=now, now=now)
        db.session.commit()
    first = Passerby(alice)
    first.get("/admin/outgoing")
    assert "n59@example.com" in first.page.text
    assert "n9@example.com" not in first.page.text
    oldest = min(one.id for one in _all(cast) if one.payload["to"] > "") + 10
    assert "n9@example.com" in alice.get("/admin/outgoing", query_string={"before": oldest}).text
    assert alice.get("/admin/outgoing?before=x").status_code == 200


def _all(cast):
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(OutboxMessage)))


def test_each_person_chooses_whether_to_be_told_of_leads(cast, bob):
    person = Passerby(bob)
    person.get("/settings/account")
    assert "told_of_leads" in person.form("/account/mail").ticked
    person.send("/account/mail", told_of_leads=None)
    assert "told_of_leads" not in person.form("/account/mail").ticked
    db.session.expire_all()
    with acting_for(cast.clinic):
        chosen = {m.user_id: m.told_of_leads for m in db.session.scalars(select(Membership))}
    assert chosen == {cast.alice.id: True, cast.bob.id: False}


def test_health_tells_how_far_mail_is_behind_and_stays_well(cast, client, mail):
    told = client.get("/health").json["checks"]["outgoing"]
    assert told == {"ok": True, "due": 0, "seconds": 0}
    set_to(cast, mail, due_at=utc_now() - LATER)
    answer = client.get("/health")
    assert answer.json["checks"]["outgoing"]["due"] == 1
    assert answer.json["checks"]["outgoing"]["seconds"] >= 3600
    assert answer.json["checks"]["outgoing"]["ok"]
