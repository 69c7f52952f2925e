"""Record a consent that somebody gave in a call, in person or on paper."""

from datetime import datetime

from app.domain.contact.contact_form import CONSENT, LONGEST_CONSENT
from app.domain.leads.told_consent import WAYS, Told, version_of
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Consent, Lead
from app.operations.audit import audit
from app.operations.contact.read_contact import clean_text
from app.operations.leads.lock_lead import lock_lead
from app.operations.leads.renew_lead import renew_lead
from app.operations.tracking.track_engagement import OLDEST
from app.queries.contact.contact_form import form


def record_consent(
    lead: Lead,
    kind: str,
    *,
    way: str,
    words: str = "",
    given_at: datetime | None = None,
    user_id: int | None,
    now: datetime,
) -> Consent:
    """Records that the lead agreed, in the `words` that they were told (by default those of the
    contact form), at `given_at` (by default now). The score follows, and may move the lead as of
    now, when it is heard of. Raises Invalid naming each field."""
    lock_lead(lead)
    boxes, at = words_to_agree_to(), given_at or now
    words = clean_text(words) or boxes.get(kind, "")
    if problems := _problems(kind, boxes, way, words, at, now):
        raise Invalid(problems)
    consent = Consent(
        lead_id=lead.id,
        kind=kind,
        granted=True,
        text=words,
        text_version=version_of(Told(way, user_id)),
        given_at=at,
    )
    db.session.add(consent)
    db.session.flush()
    detail = {"consent_id": consent.id, "kind": kind, "way": way, "words": words}
    detail["given_at"] = at.isoformat()
    audit("consent.recorded", f"lead {lead.id}", detail, user_id=user_id, now=now)
    lead.updated_at = now
    renew_lead(lead, since=now, look_at=now, reason=f"consent given: {kind}", now=now)
    return consent


def words_to_agree_to() -> dict[str, str]:
    """What can be agreed to, with the words by which the contact form asks for it."""
    return {box.name.removeprefix(CONSENT): box.label for box in form().consents}


def _problems(kind, boxes, way, words, at, now) -> dict[str, str]:
    checks = (
        ("kind", "Choose what they agreed to.", kind in boxes),
        ("way", "Choose how they agreed.", way in WAYS),
        ("words", f"Shorten this to {LONGEST_CONSENT} characters.", len(words) <= LONGEST_CONSENT),
        ("given_at", "This is still to come.", at <= now),
        ("given_at", "This is before the year 2000.", at >= OLDEST),
    )
    return {name: message for name, message, fine in checks if not fine}
