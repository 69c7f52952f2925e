"""Write down something about a lead, and change what was written."""

from datetime import datetime

from app.domain.validation import Invalid
from app.extensions import db
from app.models import Lead, LeadNote
from app.operations.audit import audit
from app.operations.contact.read_contact import clean_text

LONGEST_NOTE = 4000


def write_note(lead: Lead, text: str, *, user_id: int | None, now: datetime) -> LeadNote:
    """Adds a note by this user. Raises Invalid: nothing written, or too much."""
    note = LeadNote(lead_id=lead.id, user_id=user_id, text=_text(text), created_at=now)
    db.session.add(note)
    db.session.flush()
    _tell("written", note, {}, user_id, now)
    return note


def rewrite_note(note: LeadNote, text: str, *, user_id: int | None, now: datetime) -> bool:
    """Gives a note other words; whether they differ. Raises Invalid as `write_note`."""
    before, after = note.text, _text(text)
    if before == after:
        return False
    note.text, note.edited_at = after, now
    _tell("edited", note, {"before": before, "after": after}, user_id, now)
    return True


def remove_note(note: LeadNote, *, user_id: int | None, now: datetime) -> None:
    """Takes a note away; its row stays, so that it can be restored."""
    if note.removed_at is None:
        note.removed_at = now
        _tell("removed", note, {}, user_id, now)


def restore_note(note: LeadNote, *, user_id: int | None, now: datetime) -> None:
    """Brings back a note that was taken away."""
    if note.removed_at is not None:
        note.removed_at = None
        _tell("restored", note, {}, user_id, now)


def _text(text: str) -> str:
    text = clean_text(text, keep_lines=True)
    if not text:
        raise Invalid({"text": "Write the note first."})
    if len(text) > LONGEST_NOTE:
        raise Invalid({"text": f"Shorten this to {LONGEST_NOTE} characters."})
    return text


def _tell(verb: str, note: LeadNote, detail: dict, user_id: int | None, now: datetime):
    told = {"note_id": note.id, **detail}
    audit(f"note.{verb}", f"lead {note.lead_id}", told, user_id=user_id, now=now)
    db.session.flush()
