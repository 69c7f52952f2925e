"""Mail goes out by SMTP as it was written, or says why not."""

import pytest

from app.clients.mail import (
    Attachment,
    Letter,
    MailError,
    Refused,
    Unreachable,
    compose,
    post_office,
)
from tests.smtp_sink import SmtpSink

LETTER = Letter("ana@example.com", "Your estimate", "About €1,250.\n", "outbox-1-7")
SENDER = "Leadlight <mail@clinic.example>"


@pytest.fixture
def sink():
    sink = SmtpSink()
    yield sink
    sink.stop()


def send(sink, letter=LETTER, url=None):
    with post_office(url or sink.url, None) as post:
        post.send(compose(letter, SENDER))


def test_a_mail_arrives_as_it_was_written(sink):
    letter = LETTER._replace(
        sender_name="Aurélia, Aesthetics",
        subject="Zoë's quote 💉",
        reply_to="desk@clinic.example",
        attachments=[Attachment("quote.pdf", "application/pdf", b"%PDF-1.7 \x00")],
    )
    send(sink, letter)
    (mail,) = sink.mails
    assert mail["To"] == "ana@example.com"
    assert mail["From"].addresses[0].display_name == "Aurélia, Aesthetics"
    assert mail["From"].addresses[0].addr_spec == "mail@clinic.example"
    assert mail["Reply-To"] == "desk@clinic.example"
    assert mail["Subject"] == "Zoë's quote 💉"
    assert mail["Message-ID"] == "<outbox-1-7@clinic.example>"
    assert mail["Date"] is not None
    assert mail.get_body().get_content().splitlines() == ["About €1,250."]
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("quote.pdf", b"%PDF-1.7 \x00")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b", "\x85"])
def test_no_text_adds_a_header(sink, end):
    trick = f"Hello{end}Bcc: eve@example.com"
    send(sink, LETTER._replace(subject=trick, sender_name=trick))
    (mail,) = sink.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: eve@example.com"
    assert len(sink.recipients[0]) == 1


@pytest.mark.parametrize("name", ["to", "reply_to"])
@pytest.mark.parametrize(
    "address", ["ana@example.com\nBcc: eve@example.com", "a@example.com, b@example.com", "ana"]
)
def test_what_is_no_address_is_refused(name, address):
    with pytest.raises(Refused):
        compose(LETTER._replace(**{name: address}), SENDER)


def test_a_domain_of_many_letters_is_written_so_that_every_server_reads_it(sink):
    send(sink, LETTER._replace(to="info@müller.example"))
    assert "xn--mller-kva.example" in sink.recipients[0][0]


def test_one_connection_serves_many(sink):
    with post_office(sink.url, None) as post:
        for number in range(3):
            post.send(compose(LETTER._replace(reference=f"n-{number}"), SENDER))
    assert len(sink.mails) == 3


def test_the_password_is_given_to_a_server_on_this_machine(sink):
    send(sink, url=f"smtp://post:p%40ss@127.0.0.1:{sink.port}")
    assert len(sink.logins) == 1
    assert len(sink.mails) == 1


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"RCPT": ["550 no such user"]}, Refused),
        ({"RCPT": ["451 come back later"]}, MailError),
        ({"DATA": ["554 looks like spam"]}, Refused),
        ({"MAIL": ["421 going down"]}, Unreachable),
        ({"EHLO": ["421 too busy"], "HELO": ["421 too busy"]}, Unreachable),
    ],
)
def test_what_the_server_answers_says_whether_to_try_again(sink, answers, error):
    sink.answers = answers
    with pytest.raises(error) as raised:
        send(sink)
    assert type(raised.value) is error
    assert sink.mails == []


def test_a_wrong_password_stops_everything_and_loses_nothing(sink):
    sink.answers = {"AUTH": ["535 wrong password"]}
    with pytest.raises(Unreachable, match="refuses the password"):
        send(sink, url=f"smtp://post:wrong@127.0.0.1:{sink.port}")


def test_a_server_that_is_not_there_is_unreachable(sink):
    sink.stop()
    with pytest.raises(Unreachable, match="does not answer"):
        send(sink)


def test_without_a_server_the_mail_is_a_file_and_the_same_mail_the_same_file(tmp_path):
    with post_office(None, tmp_path / "mail") as post:
        for _ in range(2):
            post.send(compose(LETTER._replace(subject="Zoë"), SENDER))
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == "outbox-1-7.eml"
    assert "Subject: Zoë" in file.read_text()
