"""What somebody agreed to and took back, as their page shows it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.blueprints.leads.present import WHILE_FRESH
from app.domain.contact.contact_form import CONSENT
from app.domain.contact.form import ContactForm
from app.domain.leads.choices import in_words
from app.domain.leads.told_consent import WAYS, told_by
from app.operations.tools.analyse_face import KEEP

KINDS = {
    "email": "E-mail",
    "sms": "Text messages",
    "privacy": "Privacy notice",
    "face_analysis": "Measuring one photo",
    KEEP: "Keeping what was measured",
}
FOR_ONE_PHOTO = "face_analysis"


class ConsentShown(NamedTuple):
    """A record, newest first among its like: what of, how it stands, where it comes from, and what
    may be done with it."""

    row: Any
    kind: str
    state: str
    source: str
    withdrawable: bool
    strikeable: bool


def consents(
    rows: Sequence, people: Mapping[int, str], me: int | None, is_admin: bool, now: datetime
) -> list[ConsentShown]:
    """The records of a lead's consents for somebody who may change the lead; `people` are the
    members by id."""
    shown, newest = [], set()
    for place, row in enumerate(rows):
        told = told_by(row.version) if row.flag else None
        by = told.user_id if told else row.user_id
        own = by is not None and by == me and now - row.at <= WHILE_FRESH
        given_before = any(older.name == row.name and older.flag for older in rows[place + 1 :])
        shown.append(
            ConsentShown(
                row,
                name_of(row.name),
                "given" if row.flag else "taken back" if given_before else "not given",
                _source(row, told, people.get(by) if by else None),
                bool(row.flag) and row.name not in newest and row.name != FOR_ONE_PHOTO,
                by is not None and row.name != KEEP and (is_admin or own),
            )
        )
        newest.add(row.name)
    return shown


def to_agree(asked: ContactForm, in_force: Collection[str]) -> dict[str, str]:
    """What can be agreed to on the team's word, with its name and the words that ask for it; what
    is not in force first."""
    boxes = {box.name.removeprefix(CONSENT): box.label for box in asked.consents}
    ordered = sorted(boxes.items(), key=lambda box: box[0] in in_force)
    return {kind: f"{name_of(kind)}: “{words}”" for kind, words in ordered}


def name_of(kind: str) -> str:
    """What people call a kind of consent."""
    return KINDS.get(kind) or in_words(kind)


def _source(row, told, person: str | None) -> str:
    if told:
        return f"{WAYS[told.way]}{f', told to {person}' if person else ''}"
    if row.user_id is not None:
        return f"Noted by {person}" if person else "Noted by the team"
    if told_by(row.version):
        return "Text that they were told"
    return f"Text, version {row.version}"
