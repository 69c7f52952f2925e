"""Fields of catalogue entries: read from what people type and spreadsheets hold, and written so
that reading gives the same value again.

A reader takes a text and gives a value that JSON can hold; it raises FieldError, which says what
to do. Money is whole minor units, dates are ISO texts, hours as in `app.domain.catalogue.week`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.catalogue.week import BETWEEN, HoursError, read_day, write_day

LONGEST_SLUG = 64
RESERVED = frozenset({"new", "order", "preview"})  # addresses of the catalogue's own pages
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_MONEY = 10**9
# Thousands in threes, all divided by one sign, and another sign before the cents.
AMOUNT = re.compile(
    r"\d{1,3}([.,' \u00a0\u202f])\d{3}(?:\1\d{3})*(?:(?!\1)[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?",
    re.ASCII,
)
CURRENCY = re.compile(r"^(?:[A-Z]{3}|[€$£¥₹]|Fr\.?)|(?:[A-Z]{3}|[€$£¥₹]|Fr\.?)$")
DECIMAL = re.compile(r"\d{1,6}(?:[.,]\d{1,4})?", re.ASCII)
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
YES = ("yes", "y", "true", "1", "x", "on", "oui", "vrai", "ja", "wahr", "si", "sí")
NO = ("no", "n", "false", "0", "off", "non", "faux", "nein", "falsch", "")
ONCE, EACH = "once", "each session"
BAR = "|"
WRITE_AREA = "Write an area like: Whole face = 1.5"
WRITE_OPTION = "Write an extra like: Numbing cream = 20-30 once (or: each session)"


class FieldError(ValueError):
    """A text that cannot be this field; the message says what to do."""


def line(longest: int, *, needed: str = "") -> Callable[[str], str]:
    """A reader of one line of text; `needed` is what to say when there is none."""

    def read(text: str) -> str:
        return _checked(" ".join(text.split()), longest, needed)

    return read


def paragraphs(longest: int) -> Callable[[str], str]:
    """A reader of a text of several lines."""

    def read(text: str) -> str:
        lines = [each.rstrip() for each in _newlines(text).split("\n")]
        return _checked("\n".join(lines).strip(), longest, "")

    return read


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _checked(text: str, longest: int, needed: str) -> str:
    if needed and not text:
        raise FieldError(needed)
    if len(text) > longest:
        raise FieldError(f"Keep it to {longest} characters; these are {len(text)}.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text):
        raise FieldError("There is a sign in it that cannot be shown. Type it anew.")
    return text


def items(longest: int, most: int) -> Callable[[str], list[str]]:
    """A reader of a list, one a line or divided by |; what is there twice counts once."""

    def read(text: str) -> list[str]:
        found = {}
        for each in _newlines(text).replace(BAR, "\n").split("\n"):
            entry = _checked(" ".join(each.split()), longest, "")
            if entry:
                found.setdefault(entry.casefold(), entry)
        if len(found) > most:
            raise FieldError(f"At most {most} entries; these are {len(found)}.")
        return list(found.values())

    return read


def write_items(value: Iterable[str]) -> str:
    return f" {BAR} ".join(value)


def read_slug(text: str) -> str:
    """A short name for addresses: small letters, digits and dashes."""
    slug = text.strip()
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise FieldError(
            f"Use small letters a to z, digits and single dashes, at most {LONGEST_SLUG}: "
            "such as lip-filler."
        )
    return slug


def read_entry_slug(text: str) -> str:
    """A slug under which an entry has a page of its own."""
    if (slug := read_slug(text)) in RESERVED:
        raise FieldError(f"{slug} is kept for the pages themselves. Add a word to it.")
    return slug


def read_optional_slug(text: str) -> str:
    return read_slug(text) if text.strip() else ""


def slug_of(name: str) -> str:
    """The slug that a name suggests; empty when it has no letters of the Latin alphabet."""
    flat = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("ß", "ss")).casefold()
    plain = "".join(sign for sign in flat if not unicodedata.combining(sign))
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", plain))
    return words.strip("-")[:LONGEST_SLUG].rstrip("-")


def free_slug(name: str, taken: Iterable[str], otherwise: str) -> str:
    """The slug of a name, or the first numbered one that is not taken."""
    wanted, known = slug_of(name) or otherwise, RESERVED.union(taken)
    slug, number = wanted, 2
    while slug in known:
        slug = f"{wanted[: LONGEST_SLUG - 6].rstrip('-')}-{number}"
        number += 1
    return slug


def read_money(text: str) -> int:
    """An amount in major units: 220, 220.50, 220,5, 1 250,00, €1,250."""
    plain = CURRENCY.sub("", text.strip()).strip()
    if not AMOUNT.fullmatch(plain):
        raise FieldError("Write an amount such as 220 or 220.50, without a sign.")
    tail = re.search(r"[.,](\d{1,2})$", plain)
    whole = re.sub(r"\D", "", plain[: tail.start()] if tail else plain)
    minor = int(whole) * 100 + (int(tail[1].ljust(2, "0")) if tail else 0)
    if minor > MOST_MONEY:
        raise FieldError(f"The most is {MOST_MONEY // 100:,}.")
    return minor


def write_money(minor: int) -> str:
    whole, cents = divmod(minor, 100)
    return f"{whole}.{cents:02d}" if cents else str(whole)


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of a whole number."""

    def read(text: str) -> int:
        plain = re.sub(r"[.,]0+$", "", text.strip())
        if plain.isascii() and plain.isdigit() and len(plain) < 10 and low <= int(plain) <= high:
            return int(plain)
        raise FieldError(f"Enter a whole number from {low} to {high}.")

    return read


def read_factor(text: str) -> str:
    """What a price is multiplied by, as a text that Decimal reads: 1.5."""
    if not DECIMAL.fullmatch(text.strip()):
        raise FieldError("Enter a number such as 1.5.")
    factor = Decimal(text.strip().replace(",", "."))
    if not 0 < factor <= 100:
        raise FieldError("Enter a number above 0, at most 100.")
    return plain_factor(factor)


def plain_factor(value: Any) -> str:
    """A stored factor in its one way of writing: 1.50 and 1.5 are 1.5."""
    try:
        return f"{Decimal(str(value)).normalize():f}"
    except InvalidOperation:
        return "1"


def read_flag(text: str) -> bool:
    told = text.strip().casefold()
    if told in YES:
        return True
    if told in NO:
        return False
    raise FieldError("Write yes or no.")


def write_flag(value: bool) -> str:
    return "yes" if value else "no"


def read_date(text: str) -> str:
    """A day as 2027-05-06; 6/5/2027 and 6.5.2027 are read day first."""
    told = text.strip().removesuffix(" 00:00:00").removesuffix(" 00:00")
    if found := ISO_DAY.fullmatch(told):
        year, month, day = map(int, found.groups())
    elif found := DAY_FIRST.fullmatch(told):
        day, month, year = map(int, found.groups())
    else:
        raise FieldError("Write the day like 2027-05-06, or 6/5/2027 with the day first.")
    try:
        found_day = date(year, month, day)
    except ValueError:
        raise FieldError(f"There is no day {told}.") from None
    if not 2000 <= year <= 2100:
        raise FieldError("Choose a day between 2000 and 2100.")
    return found_day.isoformat()


def read_hours(text: str) -> list[list[int]]:
    """The stretches of a day as lists, for JSON has no tuples."""
    try:
        return [list(stretch) for stretch in read_day(text)]
    except HoursError as problem:
        raise FieldError(str(problem)) from None


write_hours = write_day


# Areas and extras of a treatment, each a small record


def area(name: str, factor: str, key: str = "") -> dict:
    """An area from its parts. Raises FieldError."""
    named = _named(name, "Name the area.")
    return {"key": read_optional_slug(key), "name": named, "factor": read_factor(factor or "1")}


def option(name: str, low: str, high: str, each_session: bool, key: str = "") -> dict:
    """An extra from its parts. Raises FieldError."""
    record = {
        "key": read_optional_slug(key),
        "name": _named(name, "Name the extra."),
        "price_low": read_money(low),
        "price_high": read_money(high or low),
        "each_session": each_session,
    }
    if record["price_low"] > record["price_high"]:
        raise FieldError("The lower price is above the higher one.")
    return record


def _named(name: str, needed: str) -> str:
    if BAR in name:
        raise FieldError(f"Leave out the sign {BAR}, which divides entries.")
    return line(80, needed=needed)(name)


def keyed(records: list[dict], otherwise: str) -> list[dict]:
    """Small records with a key each: those that have none get one of their name."""
    taken = [record["key"] for record in records if record["key"]]
    if len(taken) != len(set(taken)):
        twice = next(key for key in taken if taken.count(key) > 1)
        raise FieldError(f"The key {twice} is there twice.")
    for record in records:
        if not record["key"]:
            record["key"] = free_slug(record["name"], taken, otherwise)
            taken.append(record["key"])
    return records


def read_areas(text: str) -> list[dict]:
    """Areas as `key: Name = factor`, one a line or divided by |; key and factor may be left out."""
    found = []
    for each in _entries(text):
        key, rest = _key_of(each)
        name, sign, factor = rest.rpartition("=")
        found.append(area(*((name, factor) if sign else (rest, "1")), key))
    return keyed(found, "area")


def write_areas(areas: Iterable[dict]) -> str:
    return write_items(f"{each['key']}: {each['name']} = {each['factor']}" for each in areas)


def read_options(text: str) -> list[dict]:
    """Extras as `key: Name = low-high once` or `... each session`; the key may be left out."""
    found = []
    for each in _entries(text):
        key, rest = _key_of(each)
        name, sign, price = rest.rpartition("=")
        if not sign:
            raise FieldError(WRITE_OPTION)
        amounts, each_session = _when_charged(price.strip())
        parts = BETWEEN.split(amounts)
        if len(parts) > 2:
            raise FieldError(WRITE_OPTION)
        found.append(option(name, parts[0], parts[-1], each_session, key))
    return keyed(found, "extra")


def write_options(options: Iterable[dict]) -> str:
    return write_items(
        f"{each['key']}: {each['name']} = {write_money(each['price_low'])}-"
        f"{write_money(each['price_high'])} {EACH if each['each_session'] else ONCE}"
        for each in options
    )


def _entries(text: str) -> list[str]:
    divided = _newlines(text).replace(BAR, "\n").split("\n")
    return [each.strip() for each in divided if each.strip()]


def _key_of(text: str) -> tuple[str, str]:
    key, sign, rest = text.partition(":")
    return (key.strip(), rest) if sign and SLUG.fullmatch(key.strip()) else ("", text)


def _when_charged(price: str) -> tuple[str, bool]:
    for words, each_session in ((EACH, True), (ONCE, False)):
        if price.casefold().endswith(words):
            return price[: -len(words)].strip(), each_session
    return price, False
