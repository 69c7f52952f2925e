"""The contact form of the organization acted for, and how far a lead has answered it."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from app.domain.contact.contact_form import Step, next_step
from app.domain.contact.form import DEFAULT_FORM, ContactForm, changes
from app.extensions import db
from app.models import ContactFormVersion, Lead, User


def form() -> ContactForm:
    """The form in force: the newest published, else the default."""
    newest = select(ContactFormVersion).order_by(ContactFormVersion.version.desc()).limit(1)
    return _read(db.session.scalar(newest))


def version(number: int) -> ContactForm | None:
    """One version of the form; 0 is the default."""
    if number == 0:
        return DEFAULT_FORM
    wanted = select(ContactFormVersion).where(ContactFormVersion.version == number)
    row = db.session.scalar(wanted)
    return _read(row) if row else None


def versions() -> list[ContactForm]:
    """Every published version, oldest first."""
    wanted = select(ContactFormVersion).order_by(ContactFormVersion.version)
    return [_read(row) for row in db.session.scalars(wanted)]


class Published(NamedTuple):
    """A version for the list: its note, who published it when, and what it changed."""

    version: int
    note: str
    by: str | None
    at: datetime | None
    changes: list[str]


DEFAULT = Published(0, "As it comes with Leadlight", None, None, [])


def history(before: int | None = None, limit: int = 10) -> tuple[list[Published], int | None]:
    """Versions newest first, and the number from which on there are older ones."""
    wanted = select(ContactFormVersion, User.name).outerjoin(
        User, User.id == ContactFormVersion.published_by_id
    )
    if before is not None:
        wanted = wanted.where(ContactFormVersion.version < before)
    newest = wanted.order_by(ContactFormVersion.version.desc()).limit(limit + 1)
    rows = db.session.execute(newest).tuples().all()
    forms = [_read(row) for row, _ in rows]
    if len(rows) <= limit:
        forms.append(DEFAULT_FORM)
    found = [
        Published(row.version, row.note, name, row.published_at, changes(older, newer))
        for (row, name), newer, older in zip(rows, forms, forms[1:], strict=False)
    ]
    if len(rows) <= limit:
        return [*found, DEFAULT], None
    return found, found[-1].version


def publisher(number: int) -> str | None:
    """Who published a version."""
    wanted = select(User.name).join(
        ContactFormVersion, ContactFormVersion.published_by_id == User.id
    )
    return db.session.scalar(wanted.where(ContactFormVersion.version == number))


def _read(row: ContactFormVersion | None) -> ContactForm:
    return ContactForm.from_json(row.body, row.version) if row else DEFAULT_FORM


def steps() -> tuple[Step, ...]:
    """The steps of the form in force."""
    return form().steps


def known_fields(lead: Lead) -> set[str]:
    """The names of the fields a lead has a value for, and of the own questions they answered."""
    asked = {field.name for step in steps() for field in step.asked}
    return {name for name in asked if getattr(lead, name, None) or name in (lead.answers or {})}


def is_complete(known: Collection[str]) -> bool:
    """Whether there is nothing left to ask somebody who gave these fields."""
    return next_step(steps(), known) is None
