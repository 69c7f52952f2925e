"""Text to be compared whatever its case and accents: `app.domain.leads.finding` in statements."""

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import String, event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.domain.leads import finding

MOST_KEPT = 20_000  # names come again and again


class folded(FunctionElement):
    """folded(column): what to compare, by = or LIKE, with a text that `finding.folded` gave.

    Most text is ASCII, which both databases compare by themselves.
    """

    type = String()
    name = "folded"
    inherit_cache = True


@compiles(folded)
def _on_sqlite(element, compiler, **more):
    text = compiler.process(element.clauses, **more)
    in_ascii = f"length({text}) = length(CAST({text} AS BLOB))"
    return f"(CASE WHEN NOT ({in_ascii}) THEN folded({text}) ELSE {text} END COLLATE NOCASE)"


@compiles(folded, "postgresql")
def _on_postgresql(element, compiler, **more):
    text = compiler.process(element.clauses, **more)
    apart = _small(f"normalize({text}, NFKD)")
    usual, told = _translated(apart, _USUAL), _translated(apart, (*finding.SAME, *_MARKS))
    for letter, letters in finding.LONGER.items():
        told = f"replace({told}, {_quoted(letter)}, {_quoted(letters)})"
    whens = f"WHEN {_in_ascii(text)} THEN {_small(text)} WHEN {_in_ascii(usual)} THEN {usual}"
    return f"(CASE {whens} ELSE {told} END)"


def _small(text: str) -> str:
    """ASCII's capitals made small: what a database knows of others depends on where it was made."""
    return f'lower({text} COLLATE "C")'


def _in_ascii(text: str) -> str:
    return f"char_length({text}) = octet_length({text})"


def _translated(text: str, letters: Iterable[str]) -> str:
    """What has no counterpart, at the end, is left off."""
    known = [letter for letter in letters if letter in finding.SAME]
    spelt = "".join(known + [letter for letter in letters if letter not in finding.SAME])
    same = "".join(finding.SAME[letter] for letter in known)
    return f"translate({text}, {_quoted(spelt)}, {_quoted(same)})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_MARKS = finding.LEFT_OFF
# Each letter is sought among all that there are, so those of most names are tried first.
_USUAL = "øØłŁđĐı’\u0300\u0301\u0302\u0303\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328"


@event.listens_for(Engine, "connect")
def _on_connect(connection, _record):
    if type(connection).__module__.startswith("sqlite3"):
        connection.create_function("folded", 1, _folded, deterministic=True)


_folded = lru_cache(MOST_KEPT)(finding.folded)
