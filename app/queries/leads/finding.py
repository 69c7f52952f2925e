"""Leads by what somebody typed to find them."""

from sqlalchemy import ColumnElement, and_, or_

from app.domain.leads.finding import Word, words_of
from app.models import Lead
from app.models.folded import folded

TEXTS = (Lead.first_name, Lead.last_name, Lead.email)


def found_by(query: str | None, *more: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """Of each word that somebody typed: that it stands in a name or the e-mail, or in one of
    `more`, or is the phone number or a part of it. None where nothing was typed."""
    return [_has(word, (*TEXTS, *more)) for word in words_of(query or "")]


def _has(word: Word, columns: tuple[ColumnElement[str], ...]) -> ColumnElement[bool]:
    found = [Lead.phone.contains(digits) for digits in word.digits]
    if word.parts:
        return or_(*found, and_(*(_has(part, columns) for part in word.parts)))
    return or_(*found, *(folded(each).contains(word.text, autoescape=True) for each in columns))
