"""Any sound catalogue entry, for Hypothesis."""

from datetime import date

from hypothesis import strategies as st

from app.domain.catalogue.catalogue import KINDS
from app.domain.catalogue.catalogue_fields import RESERVED, FieldError, keyed
from app.domain.catalogue.week import DAYS

WORD = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="|"), max_size=40
)
SLUG = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,8}){0,2}", fullmatch=True).filter(
    lambda slug: slug not in RESERVED
)
MONEY = st.integers(0, 10**9)
FACTOR = st.decimals("0.0001", 100, places=4).map(lambda d: f"{d.normalize():f}")


def line(longest: int, least: int = 0):
    """A text as `catalogue_fields.line` leaves it."""
    found = WORD.map(lambda text: " ".join(text.split())[:longest].strip())
    return found.filter(lambda text: len(text) >= least)


def paragraphs():
    lines = st.lists(WORD.map(lambda text: text.rstrip()), max_size=4)
    return lines.map(lambda found: "\n".join(found).strip())


def items(longest: int, least: int = 0):
    return st.lists(line(longest, 1), max_size=5, unique_by=str.casefold, min_size=least)


def _keyed(records):
    try:
        return keyed(records, "part")
    except FieldError:
        return []


AREAS = st.lists(
    st.fixed_dictionaries({"key": SLUG, "name": line(80, 1), "factor": FACTOR}), max_size=4
).map(_keyed)
OPTIONS = st.lists(
    st.tuples(SLUG, line(80, 1), MONEY, MONEY, st.booleans()).map(
        lambda told: {
            "key": told[0],
            "name": told[1],
            "price_low": min(told[2:4]),
            "price_high": max(told[2:4]),
            "each_session": told[4],
        }
    ),
    max_size=4,
).map(_keyed)


@st.composite
def days(draw):
    """The stretches of a day: every second gap between sorted times."""
    times = sorted(draw(st.lists(st.integers(0, 288), unique=True, max_size=8)))
    pairs = list(zip(times[::2], times[1::2], strict=False))
    return [[starts * 5, ends * 5] for starts, ends in pairs]


WEEK = {day: days() for day in DAYS}
POSITION = st.integers(0, 1000)
DATE = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def _priced(record):
    low, high = sorted((record["price_low"], record["price_high"]))
    return record | {"price_low": low, "price_high": high}


def _dated(record):
    first, last = sorted((record["from"], record["to"]))
    return record | {"from": first.isoformat(), "to": last.isoformat()}


def a_record(kind: str, treatments=(), clinics=("paris",), people=("anna",)):
    """A strategy for the records of a kind, referring to these slugs."""
    clinic, person = st.sampled_from(clinics), st.sampled_from(people)
    fields = {
        "treatments": {
            "slug": SLUG,
            "name": line(100, 1),
            "category": line(60, 1),
            "summary": line(300, 1),
            "description": paragraphs(),
            "concerns": items(60),
            "synonyms": items(60),
            "questions": items(200),
            "price_low": MONEY,
            "price_high": MONEY,
            "downtime": line(120),
            "minutes": st.integers(1, 1440),
            "sessions": st.integers(1, 12),
            "areas": AREAS,
            "options": OPTIONS,
            "active": st.booleans(),
            "position": POSITION,
        },
        "clinics": {
            "slug": SLUG,
            "name": line(100, 1),
            "city": line(80, 1),
            "address": line(200),
            "timezone": st.sampled_from(["", "Europe/Paris", "Asia/Kathmandu"]),
            "price_percent": st.integers(10, 1000),
            "position": POSITION,
        },
        "practitioners": {
            "slug": SLUG,
            "name": line(100, 1),
            "title": line(100),
            "about": paragraphs(),
            "treatments": st.lists(st.sampled_from(treatments), unique=True)
            if treatments
            else st.just([]),
            "active": st.booleans(),
            "position": POSITION,
        },
        "opening_hours": {"clinic": clinic, **WEEK},
        "working_hours": {"practitioner": person, "clinic": clinic, **WEEK},
        "closures": {
            "clinic": st.just("") | clinic,
            "practitioner": st.just("") | person,
            "from": DATE,
            "to": DATE,
            "reason": line(120),
        },
    }[kind]
    found = st.fixed_dictionaries(fields)
    if kind == "treatments":
        return found.map(_priced)
    if kind == "closures":
        return found.map(_dated)
    return found.filter(lambda record: KINDS[kind].settled(record) is not None)
