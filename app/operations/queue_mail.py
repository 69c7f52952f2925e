"""Write a mail into the outbox, in the transaction in which it became true."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from app.domain.validation import is_slug
from app.extensions import db
from app.models import OutboxMessage

OURS = ("to", "attachments")


class BadMail(ValueError):
    """A mail that could never be sent: the words say why."""


def queue_mail(
    name: str,
    to: str,
    facts: Mapping,
    *,
    due_at: datetime,
    now: datetime,
    attachments: Sequence[Mapping] = (),
) -> OutboxMessage:
    """The mail of the template app/templates/mail/<name>.txt to one address, sent when due.

    `facts` is what the template uses, as JSON has it (links absolute); `organization`, the
    organization's name, comes by itself. An attachment is {"name", "type", "base64"}, or a
    reference {"kind", "id"} that is made when the mail is sent (app/jobs/attachments.py). A due
    time in the past means now. Raises BadMail.
    """
    if not is_slug(name):
        raise BadMail(f"{name!r} is no name of a mail's template.")
    if taken := [fact for fact in OURS if fact in facts]:
        raise BadMail(f"The fact {taken[0]!r} has a meaning of its own in a mail.")
    payload = {**facts, "to": address(to), "attachments": [_attached(a) for a in attachments]}
    message = OutboxMessage(kind=f"mail.{name}", payload=payload, due_at=max(due_at, now))
    db.session.add(message)
    return message


def address(text: str) -> str:
    """The address in its normal form. Raises BadMail when it cannot be one."""
    try:
        checked = validate_email(text, check_deliverability=False, globally_deliverable=False)
        return checked.normalized
    except EmailNotValidError as problem:
        raise BadMail(f"{text!r} is no e-mail address: {problem}") from None


def _attached(attachment: Mapping) -> dict:
    given = dict(attachment)
    if given.keys() not in ({"name", "type", "base64"}, {"kind", "id"}):
        raise BadMail("An attachment has name, type and base64, or kind and id.")
    return given
