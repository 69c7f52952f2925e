"""Sends mail by SMTP; without a server, writes it into a folder."""

import smtplib
import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from app.clock import utc_now

TIMEOUT = 30  # seconds for each answer of the server
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailError(Exception):
    """The mail did not go out; the words may be shown to an admin."""


class Unreachable(MailError):
    """The server takes no mail at all now: the next one would fare no better."""


class Refused(MailError):
    """This mail will never be taken as it is."""


class Attachment(NamedTuple):
    """A file of a mail; `type` such as application/pdf."""

    name: str
    type: str
    content: bytes


class Letter(NamedTuple):
    """What is to be sent. `reference` is the same whenever the same letter is sent again."""

    to: str
    subject: str
    text: str
    reference: str
    sender_name: str = ""
    reply_to: str = ""
    attachments: Sequence[Attachment] = ()


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The message as it goes over the wire, from `sender` ("Name <address>"). Raises Refused.

    No text of a letter can add a header: line ends are taken out of the subject and the names,
    and an address that has them is none.
    """
    name, address = parseaddr(sender)
    try:
        message = EmailMessage()
        message["From"] = Address(_line(letter.sender_name) or name, addr_spec=_address(address))
        message["To"] = Address(addr_spec=_address(letter.to))
        if letter.reply_to:
            message["Reply-To"] = Address(addr_spec=_address(letter.reply_to))
        message["Subject"] = _line(letter.subject)
        message["Date"] = format_datetime(utc_now())
        message["Message-ID"] = f"<{letter.reference}@{_address(address).rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        for attachment in letter.attachments:
            main, _, sub = attachment.type.partition("/")
            message.add_attachment(
                attachment.content, maintype=main, subtype=sub, filename=_line(attachment.name)
            )
    except (ValueError, IndexError) as problem:
        raise Refused(f"The mail cannot be written: {problem}") from None
    return message


def _line(text: str) -> str:
    return " ".join(text.split())


def _address(text: str) -> str:
    """An address as servers of any age read it: its domain in ASCII."""
    if text.endswith("@localhost"):
        return text
    try:
        checked = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as problem:
        raise ValueError(f"{text!r} is no e-mail address: {problem}") from None
    return f"{checked.local_part}@{checked.ascii_domain}"


def post_office(url: str | None, folder: Path):
    """Where mail goes: the server of `url`, else the folder. Use it in a `with`."""
    return Server(url) if url else Folder(folder)


class Folder:
    """Mails as files that any mail program opens; the same letter again is the same file."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def send(self, message: EmailMessage) -> None:
        """Writes the mail. Raises Unreachable."""
        name = message["Message-ID"].strip("<>").partition("@")[0]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / f".{name}.part"
            part.write_bytes(message.as_bytes(policy=SMTPUTF8))
            part.replace(self.folder / f"{name}.eml")
        except OSError as problem:
            raise Unreachable(f"The mail could not be written: {problem}") from None


class Server:
    """An SMTP server, by smtp://user:password@host:587 or smtps://…:465.

    smtp:// is encrypted by STARTTLS where the server offers it; a password is never sent in the
    clear, unless to this machine itself. One connection serves all mails of a `with`.
    """

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.host, self.encrypted = parts.hostname or "", parts.scheme == "smtps"
        self.port = parts.port or (465 if self.encrypted else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self._connection: smtplib.SMTP | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._leave()

    def send(self, message: EmailMessage) -> None:
        """Hands the mail over. Raises Unreachable, Refused, or MailError: try it again later."""
        connection = self._connection or self._connect()
        try:
            connection.send_message(message)
        except smtplib.SMTPNotSupportedError:
            raise Refused("The server cannot write to an address with such letters.") from None
        except smtplib.SMTPRecipientsRefused as problem:
            raise _answered(*next(iter(problem.recipients.values()))) from None
        except smtplib.SMTPResponseException as problem:
            self._leave()
            raise _answered(problem.smtp_code, problem.smtp_error) from None
        except (smtplib.SMTPException, OSError) as problem:
            self._leave()
            raise Unreachable(f"The mail server went away: {problem}") from None

    def _connect(self) -> smtplib.SMTP:
        try:
            self._connection = self._opened()
            if self.user:
                self._connection.login(self.user, self.password)
        except smtplib.SMTPAuthenticationError as problem:
            self._leave()
            raise Unreachable(f"The mail server refuses the password: {_told(problem)}") from None
        except smtplib.SMTPResponseException as problem:
            self._leave()
            raise Unreachable(f"The mail server refuses: {_told(problem)}") from None
        except (smtplib.SMTPException, OSError) as problem:
            self._leave()
            place = f"{self.host}:{self.port}"
            raise Unreachable(f"The mail server {place} does not answer: {problem}") from None
        return self._connection

    def _opened(self) -> smtplib.SMTP:
        trust = ssl.create_default_context()
        if self.encrypted:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=trust)
        connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            self._make_private(connection, trust)
        except Exception:
            connection.close()
            raise
        return connection

    def _make_private(self, connection: smtplib.SMTP, trust: ssl.SSLContext):
        connection.ehlo_or_helo_if_needed()
        if self.host in LOOPBACK:
            return
        if connection.has_extn("starttls"):
            connection.starttls(context=trust)
        elif self.user:
            raise OSError("it offers no encryption, and the password is not sent without")

    def _leave(self):
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()


def _answered(code: int, words: bytes | str) -> MailError:
    """What an answer to one mail means: 5xx is for ever, 4xx for now, 421 for everybody."""
    told = f"{code} {_text(words)}"
    if code == 421:
        return Unreachable(f"The mail server is closing: {told}")
    if 500 <= code < 600:
        return Refused(f"The mail server refused it: {told}")
    return MailError(f"The mail server put it off: {told}")


def _told(problem: smtplib.SMTPResponseException) -> str:
    return f"{problem.smtp_code} {_text(problem.smtp_error)}"


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
