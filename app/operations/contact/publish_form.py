"""Publish a version of the contact form."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.domain.contact.form import ContactForm, numbered
from app.extensions import db
from app.models import ContactFormVersion
from app.operations.audit import audit
from app.queries.contact import contact_form


class FormConflict(Exception):
    """Somebody else published since the edited version was read; `version` is in force now."""

    def __init__(self, version: int):
        self.version = version
        super().__init__(f"Version {version} was published meanwhile.")


def publish_form(
    form: ContactForm, *, made_from: int, note: str, user_id: int | None, now: datetime
) -> ContactForm:
    """Makes the form the one in force, its consents numbered by their words. Raises FormConflict
    when `made_from` is not the version in force."""
    in_force = contact_form.form()
    if in_force.version != made_from:
        raise FormConflict(in_force.version)
    form = numbered(form, contact_form.versions())
    row = ContactFormVersion(
        version=in_force.version + 1,
        body=form.to_json(),
        note=note,
        published_at=now,
        published_by_id=user_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # another transaction published at the very same time
        raise FormConflict(in_force.version + 1) from None
    detail = {"version": row.version, "note": note}
    audit("contact_form.published", f"version {row.version}", detail, user_id=user_id, now=now)
    return ContactForm.from_json(row.body, row.version)
