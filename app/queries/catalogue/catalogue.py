"""What the organization offers: treatments, clinics, their prices."""

import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from app.domain.tools import cost
from app.extensions import db
from app.models import Clinic, Treatment


def treatments() -> list[Treatment]:
    """The active treatments in the organization's order."""
    wanted = select(Treatment).where(Treatment.active)
    return list(db.session.scalars(wanted.order_by(Treatment.position, Treatment.name)))


def treatment(slug: str) -> Treatment | None:
    """The active treatment with this slug."""
    return db.session.scalar(select(Treatment).where(Treatment.slug == slug, Treatment.active))


def any_treatment(slug: str) -> Treatment | None:
    """The treatment with this slug, hidden ones too."""
    return db.session.scalar(select(Treatment).where(Treatment.slug == slug))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the staff's list: `q` in names, concerns and synonyms; `active` None is both."""

    q: str = ""
    category: str = ""
    active: bool | None = None

    def __bool__(self) -> bool:
        return bool(self.q or self.category or self.active is not None)


def listed(wanted: Wanted, offset: int, limit: int) -> tuple[list[Treatment], int]:
    """A page of the treatments that staff sees, in order, and how many there are in all."""
    rows = select(Treatment).order_by(Treatment.position, Treatment.name, Treatment.id)
    if wanted.category:
        rows = rows.where(Treatment.category == wanted.category)
    if wanted.active is not None:
        rows = rows.where(Treatment.active == wanted.active)
    if not wanted.q:
        count = db.session.scalar(select(func.count()).select_from(rows.subquery()))
        return list(db.session.scalars(rows.offset(offset).limit(limit))), count
    # JSON is stored with escapes that LIKE does not see through.
    asked = words(wanted.q)
    found = [row for row in db.session.scalars(rows) if _names(row, asked)]
    return found[offset : offset + limit], len(found)


def _names(row: Treatment, asked: list[str]) -> bool:
    told = " ".join(words(" ".join([row.slug, row.name, *row.concerns, *row.synonyms])))
    return all(word in told for word in asked)


def categories() -> list[str]:
    """The categories of the treatments, hidden ones too, in the catalogue's order."""
    rows = select(Treatment.category).order_by(Treatment.position, Treatment.name)
    return list(dict.fromkeys(db.session.scalars(rows)))


def also_leading(to: Treatment) -> dict[str, list[str]]:
    """The name and synonyms of a treatment that lead to others too: the others' names by word."""
    mine = {" ".join(words(text)): text for text in (to.name, *to.synonyms)}
    found: dict[str, list[str]] = {}
    others = select(Treatment).where(Treatment.active, Treatment.slug != to.slug)
    for other in db.session.scalars(others.order_by(Treatment.position, Treatment.name)):
        theirs = {" ".join(words(text)) for text in (other.name, *other.synonyms)}
        for shared in mine.keys() & theirs - {""}:
            found.setdefault(mine[shared], []).append(other.name)
    return dict(sorted(found.items()))


def clinics() -> list[Clinic]:
    """The organization's places, in its order."""
    return list(db.session.scalars(select(Clinic).order_by(Clinic.position, Clinic.name)))


def priced(treatment: Treatment) -> cost.Treatment:
    """A catalogue entry as the calculator takes it."""
    return cost.Treatment(
        key=treatment.slug,
        name=treatment.name,
        price_low=treatment.price_low,
        price_high=treatment.price_high,
        areas=tuple(
            cost.Area(area["key"], area["name"], Decimal(str(area.get("factor", 1))))
            for area in treatment.areas
        ),
        options=tuple(
            cost.Option(
                option["key"],
                option["name"],
                option["price_low"],
                option["price_high"],
                bool(option.get("each_session")),
            )
            for option in treatment.options
        ),
        sessions=treatment.sessions,
    )


def placed(clinic: Clinic | None, name: str) -> cost.Clinic:
    """A place as the calculator takes it; `name` stands for an organization without places."""
    if clinic is None:
        return cost.Clinic(name)
    return cost.Clinic(clinic.name, clinic.city, Decimal(clinic.price_percent) / 100)


def words(text: str) -> list[str]:
    """The words of a text without accents, in small letters."""
    flat = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    plain = "".join(c if c.isalnum() else " " for c in flat if not unicodedata.combining(c))
    return plain.split()
