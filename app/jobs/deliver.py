"""Deliver what is due in the outbox: mails to the world, notices to the people who get mails."""

import structlog
from flask import current_app
from sqlalchemy import select

from app.clients.mail import MailError, Refused, Unreachable, compose, post_office
from app.clock import utc_now
from app.extensions import db, writing
from app.jobs.letters import letter_of
from app.jobs.quote_mail import quote_went_out
from app.models import Organization
from app.operations.contact.tell_of_lead import tell_of_lead
from app.operations.deliver import (
    Leased,
    close_unheard,
    forget_delivered,
    lease_due,
    note_done,
    note_failure,
    note_sent,
)
from app.queries.outgoing import organizations_with_due
from app.tenancy import across_organizations, acting_for

log = structlog.get_logger()
PEACE = 60.0
BROKEN = "Something broke on our side ({}); the worker's log says more."
AT_ONCE = 200  # of one organization, before the next has its turn


def run() -> int:
    """Delivers what is due until nothing is, or the mail server takes no more; how many."""
    delivered = 0
    with _post() as post:
        while some := _due_now():
            for organization_id in some:
                try:
                    delivered += _deliver_some(organization_id, post)
                except Unreachable as problem:
                    log.warning("mail.unreachable", error=str(problem))
                    return delivered
    return delivered


def tidy() -> None:
    """Ends what nobody listens to and takes away what is long done."""
    with writing(), across_organizations():
        close_unheard(now=utc_now())
        forget_delivered(now=utc_now())
        db.session.commit()


def look() -> float | None:
    """Delivers what is due; how many seconds to leave a server in peace that takes nothing now."""
    if not _due_now():
        return None
    run()
    return PEACE if _due_now() else None


def _due_now() -> list[int]:
    try:
        return organizations_with_due(utc_now())
    finally:
        db.session.rollback()


def _post():
    return post_office(current_app.config["MAIL"], current_app.config["DATA"] / "mail")


def _deliver_some(organization_id: int, post) -> int:
    with acting_for(organization_id):
        for count in range(AT_ONCE):
            with writing():
                message = lease_due(utc_now())
                db.session.commit()
            if message is None:
                return count
            _deliver(message, post)
    return AT_ONCE


def _deliver(message: Leased, post) -> None:
    """Delivers one and notes what became of it. Raises Unreachable, once that is noted."""
    try:
        _handler(message.kind)(message, post)
    except MailError as problem:
        _note_failure(message, problem)
        if isinstance(problem, Unreachable):
            raise
    except Exception as problem:
        db.session.rollback()
        log.exception("outbox.broken", message=message.id, kind=message.kind)
        _note_failure(message, MailError(BROKEN.format(type(problem).__name__)))


def _note_failure(message: Leased, problem: MailError):
    log.warning("outbox.failed", message=message.id, kind=message.kind, error=str(problem))
    with writing():
        final = isinstance(problem, Refused)
        note_failure(message, str(problem), final=final, now=utc_now())
        db.session.commit()


def _handler(kind: str):
    return _send_mail if kind.startswith("mail.") else NOTICES.get(kind, _unknown)


def _send_mail(message: Leased, post):
    organization = _organization(message.organization_id)
    letter = letter_of(message, organization)
    db.session.rollback()  # nothing is held while the server takes its time
    post.send(compose(letter, current_app.config["MAIL_FROM"]))
    try:
        _note_sent(message, WENT_OUT.get(message.kind))
    except Exception:  # it is out all the same, and must not go out again
        db.session.rollback()
        log.exception("outbox.unfollowed", message=message.id, kind=message.kind)
        _note_sent(message)


def _note_sent(message: Leased, follow=None):
    with writing():
        note_sent(message.id, now=utc_now())
        if follow:
            follow(message.payload)
        db.session.commit()


def _organization(organization_id: int) -> Organization:
    return db.session.scalar(select(Organization).where(Organization.id == organization_id))


def _tell_of_lead(message: Leased, post):
    with writing():
        tell_of_lead(
            message.payload["lead_id"],
            came_at=message.due_at,
            base=current_app.config["PUBLIC_URL"],
            now=utc_now(),
        )
        note_done(message.id, now=utc_now())
        db.session.commit()


def _unknown(message: Leased, post):
    raise Refused(f"Nobody knows how to deliver a {message.kind}.")


# What else to note of a mail that was taken, in the same transaction.
WENT_OUT = {"mail.quote": quote_went_out}
NOTICES = {"notice.lead_created": _tell_of_lead}
