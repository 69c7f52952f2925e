"""What is in the outbox goes out once, in time, and says what became of it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clients.mail import Attachment
from app.clock import utc_now
from app.domain.delivery import MOST_ATTEMPTS
from app.extensions import db, writing
from app.jobs import attachments, deliver
from app.models import Membership, OutboxMessage
from app.operations.deliver import KEPT, LEASE, lease_due
from app.operations.queue_mail import BadMail, queue_mail
from app.tenancy import acting_for
from tests.leads import lead_by_form
from tests.smtp_sink import SmtpSink

MINUTE = timedelta(minutes=1)
FACTS = {
    "lead_id": 12,
    "who": "Ana",
    "email": "ana@example.com",
    "phone": None,
    "source": "direct",
    "assigned": True,
    "tool": "Cost calculator",
    "score": 85,
    "reasons": ["+70 Cost calculator used"],
    "lead_score": 41,
    "grade": "C",
    "temperature": "cold",
    "link": "https://leads.example/admin/leads/12",
    "account_link": "https://leads.example/settings/account",
}


@pytest.fixture
def sink(app):
    sink = SmtpSink()
    app.config["MAIL"] = sink.url
    yield sink
    sink.stop()


@pytest.fixture
def queue(cast):
    """queue(**changes) -> a mail in the clinic's outbox, committed."""

    def queued(to="team@example.com", due_in=-MINUTE, attachments=(), organization=None, **facts):
        now = utc_now()
        db.session.rollback()
        with writing(), acting_for(organization or cast.clinic):
            message = queue_mail(
                "lead_created",
                to,
                FACTS | facts,
                due_at=now + due_in,
                now=now + min(due_in, timedelta()),
                attachments=attachments,
            )
            db.session.flush()
            number = message.id
            db.session.commit()
            return number

    return queued


def kept(cast, kind="mail."):
    db.session.rollback()
    db.session.expire_all()
    with acting_for(cast.clinic):
        wanted = select(OutboxMessage).where(OutboxMessage.kind.startswith(kind))
        return list(db.session.scalars(wanted.order_by(OutboxMessage.id)))


def again(cast):
    """Makes what waits for another attempt due."""
    for message in kept(cast):
        if message.done_at is None:
            message.due_at = utc_now() - MINUTE
    db.session.commit()


def test_a_mail_that_is_due_goes_out_once(cast, queue, sink):
    number = queue()
    assert deliver.run() == 1
    assert deliver.run() == 0
    (mail,) = sink.mails
    assert mail["To"] == "team@example.com"
    assert mail["Subject"] == "New lead: Ana (85 of 100)"
    assert mail["From"].addresses[0].display_name == "Aurelia Aesthetics"
    assert mail["Message-ID"] == f"<outbox-{cast.clinic.id}-{number}@localhost>"
    body = mail.get_body().get_content()
    assert "Ana would like to hear from Aurelia Aesthetics." in body
    assert "+70 Cost calculator used" in body
    assert "https://leads.example/admin/leads/12" in body
    (message,) = kept(cast)
    assert message.state == "sent"
    assert message.sent_at == message.done_at


def test_what_is_due_later_waits(cast, queue, sink):
    queue(due_in=MINUTE)
    assert deliver.run() == 0
    assert sink.mails == []
    assert kept(cast)[0].state == "waiting"


def test_what_is_no_longer_wanted_does_not_go_out(cast, queue, sink):
    queue()
    kept(cast)[0].drop(utc_now())
    db.session.commit()
    deliver.run()
    assert sink.mails == []
    assert kept(cast)[0].state == "dropped"


def test_facts_are_text_and_cannot_become_headers_or_markup(cast, queue, sink):
    queue(who="Eve\nBcc: eve@example.com\n\n<script>", phone="<b>1</b>")
    deliver.run()
    (mail,) = sink.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "New lead: Eve Bcc: eve@example.com <script> (85 of 100)"
    assert "Phone: <b>1</b>" in mail.get_body().get_content()


@pytest.mark.parametrize("to", ["", "ana", "a@example.com\nBcc: b@example.com", "a@b.c, d@e.f"])
def test_an_address_that_is_none_is_refused_when_it_is_queued(cast, queue, to):
    with pytest.raises(BadMail):
        queue(to=to)


def test_a_refused_mail_fails_visibly_at_once(cast, queue, sink):
    queue()
    sink.answers = {"RCPT": ["550 no such user"]}
    deliver.run()
    (message,) = kept(cast)
    assert message.state == "failed"
    assert "550 no such user" in message.error
    assert sink.mails == []


def test_a_mail_put_off_is_tried_again_a_little_later(cast, queue, sink):
    queue()
    sink.answers = {"RCPT": ["451 later"]}
    before = utc_now()
    deliver.run()
    (message,) = kept(cast)
    assert message.state == "trying"
    assert before + MINUTE <= message.due_at <= utc_now() + MINUTE
    assert deliver.run() == 0
    again(cast)
    assert deliver.run() == 1
    assert kept(cast)[0].state == "sent"
    assert kept(cast)[0].error == ""


def test_it_is_given_up_after_so_many_attempts_and_can_be_sent_again(cast, queue, sink):
    queue()
    sink.answers = {"RCPT": ["451 later"] * MOST_ATTEMPTS}
    for _ in range(MOST_ATTEMPTS):
        assert kept(cast)[0].state != "failed"
        again(cast)
        deliver.run()
    (message,) = kept(cast)
    assert (message.state, message.attempts) == ("failed", MOST_ATTEMPTS)
    message.send_again(utc_now() - MINUTE)
    db.session.commit()
    deliver.run()
    assert kept(cast)[0].state == "sent"


def test_a_server_that_is_away_costs_one_attempt_of_one_mail(cast, queue, sink):
    for _ in range(3):
        queue()
    sink.stop()
    assert deliver.run() == 0
    assert sorted(message.attempts for message in kept(cast)) == [0, 0, 1]


def test_one_mail_that_cannot_be_written_does_not_hold_up_the_next(cast, queue, sink):
    queue()
    (message,) = kept(cast)
    message.payload = {"to": "team@example.com"}
    db.session.commit()
    queue()
    deliver.run()
    broken, fine = kept(cast)
    assert broken.state == "failed"
    assert "mail/lead_created.txt cannot be filled in" in broken.error
    assert fine.state == "sent"


def test_files_travel_in_the_payload_or_are_made_when_the_mail_is_sent(
    cast, queue, sink, monkeypatch
):
    made = {7: Attachment("quote-7.pdf", "application/pdf", b"%PDF")}
    monkeypatch.setitem(attachments.ATTACHMENTS, "quote", made.get)
    queue(
        attachments=[
            {"name": "visit.ics", "type": "text/calendar", "base64": "QkVHSU4="},
            {"kind": "quote", "id": 7},
        ]
    )
    deliver.run()
    (mail,) = sink.mails
    files = {file.get_filename(): file.get_payload(decode=True) for file in mail.iter_attachments()}
    assert files == {"visit.ics": b"BEGIN", "quote-7.pdf": b"%PDF"}


def test_what_follows_from_a_mail_may_break_but_never_sends_it_again(
    cast, queue, sink, monkeypatch
):
    def broken(payload):
        raise RuntimeError("nobody is there")

    monkeypatch.setitem(deliver.WENT_OUT, "mail.lead_created", broken)
    queue()
    deliver.run()
    assert kept(cast)[0].state == "sent"
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    "file", [{"kind": "quote", "id": 8}, {"name": "x", "type": "text/plain", "base64": "!"}]
)
def test_a_file_that_cannot_be_had_fails_the_mail(cast, queue, sink, file):
    queue(attachments=[file])
    deliver.run()
    assert kept(cast)[0].state == "failed"
    assert sink.mails == []


def test_each_organization_sends_its_own(cast, queue, sink):
    queue()
    queue(to="charlie@example.com", organization=cast.other)
    assert deliver.run() == 2
    names = {mail["From"].addresses[0].display_name for mail in sink.mails}
    assert names == {"Aurelia Aesthetics", "Other Business"}


def test_while_one_worker_has_a_mail_nobody_else_takes_it(cast, queue):
    queue()
    now = utc_now()
    with writing(), acting_for(cast.clinic):
        assert lease_due(now) is not None
        db.session.commit()
        assert lease_due(now + LEASE - MINUTE) is None
        assert lease_due(now + LEASE).attempts == 2
        db.session.rollback()


def test_several_workers_at_once_send_each_mail_once(app, cast, queue, sink):
    for number in range(30):
        queue(to=f"n{number}@example.com")
    begin, failed = threading.Barrier(4), []

    def work():
        begin.wait()
        try:
            with app.app_context():
                deliver.run()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len({str(mail["To"]) for mail in sink.mails}) == len(sink.mails) == 30
    assert {message.state for message in kept(cast)} == {"sent"}


def test_the_database_is_free_while_the_server_takes_its_time(app, cast, queue, sink):
    queue()
    sink.slowly = 1.5
    sending = threading.Thread(target=_run_in, args=(app,))
    sending.start()
    assert sink.handed_over.wait(10)
    queue(to="second@example.com", due_in=MINUTE)  # a write, while the first mail is on its way
    assert sending.is_alive()
    sending.join()
    assert [message.state for message in kept(cast)] == ["sent", "waiting"]


def _run_in(app):
    with app.app_context():
        deliver.run()


def come(cast, **more):
    with acting_for(cast.clinic):
        told = {"source": "direct", "now": utc_now() - 3 * MINUTE} | more
        lead_by_form({"email": "ana@example.com"}, **told)
        db.session.commit()


def test_owners_are_told_of_a_new_lead_that_is_nobodys(cast, sink):
    come(cast)
    deliver.run()
    (mail,) = sink.mails
    assert mail["To"] == "alice@example.com"
    body = mail.get_body().get_content()
    assert "Nobody is assigned yet." in body
    assert "E-mail: ana@example.com" in body


def test_the_assignee_is_told_and_nobody_else(cast, sink):
    with acting_for(cast.clinic):
        db.session.add(Membership(user_id=cast.charlie.id, role="agent"))
        db.session.commit()
    come(cast)
    deliver.run()
    (mail,) = sink.mails
    assert mail["To"] == "charlie@example.com"
    assert "This lead is yours." in mail.get_body().get_content()


def test_the_mail_waits_for_what_the_later_steps_bring(cast, sink):
    come(cast, now=utc_now())
    deliver.run()
    assert sink.mails == []
    (notice,) = kept(cast, "notice.")
    assert notice.state == "waiting"


def test_who_does_not_want_to_be_told_is_not(cast, sink):
    with acting_for(cast.clinic):
        for member in db.session.scalars(select(Membership)):
            member.told_of_leads = False
        db.session.commit()
    come(cast)
    deliver.run()
    assert sink.mails == []


def test_old_leads_and_those_made_by_hand_are_no_news(cast, sink):
    come(cast, now=utc_now() - timedelta(days=2))
    deliver.run()
    assert sink.mails == []


def test_who_makes_a_lead_by_hand_is_not_told_of_it(cast, sink):
    come(cast, user_id=cast.alice.id)
    deliver.run()
    assert sink.mails == []


def test_events_that_nobody_listens_to_are_over(cast):
    come(cast)
    deliver.tidy()
    (event,) = kept(cast, "lead.")
    assert event.state == "dropped"


def test_what_is_long_done_is_taken_away(cast, queue, sink):
    queue()
    deliver.run()
    kept(cast)[0].done_at = utc_now() - KEPT - MINUTE
    db.session.commit()
    deliver.tidy()
    assert kept(cast) == []


def test_without_a_server_mails_are_files(app, cast, queue):
    queue()
    assert deliver.run() == 1
    (file,) = (app.config["DATA"] / "mail").glob("*.eml")
    assert "New lead: Ana" in file.read_text()
