"""What was chosen in the calculator, as it was sent, and what is wrong with it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.domain.tools.cost import BUDGETS, URGENCIES, Clinic, Selection
from app.models import Clinic as ClinicRow
from app.models import Treatment as TreatmentRow
from app.queries.catalogue.catalogue import placed, priced

CHOOSE_ONE = "Choose at least one treatment."
GONE = "A treatment you chose is no longer offered. Please choose again."


@dataclass
class Choices:
    """The calculator's fields as texts; details are kept for treatments not chosen too."""

    procedures: list[str] = field(default_factory=list)
    areas: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    clinic: str = ""
    months: str = ""
    budget: str = ""
    urgency: str = ""

    def to_json(self) -> dict:
        """The choices as they are kept with a use of the tool: the chosen treatments only."""
        chosen = {
            slug: {
                "area": self.areas.get(slug, ""),
                "sessions": self.sessions.get(slug, ""),
                "options": self.options.get(slug, []),
            }
            for slug in self.procedures
        }
        return {"clinic": self.clinic, "months": self.months, "treatments": chosen}

    @classmethod
    def from_use(cls, data: dict) -> "Choices":
        """The choices kept with an earlier use."""
        kept = data.get("choices", {})
        chosen = kept.get("treatments", {})
        return cls(
            procedures=data.get("procedures", []),
            areas={slug: each["area"] for slug, each in chosen.items()},
            sessions={slug: each["sessions"] for slug, each in chosen.items()},
            options={slug: each["options"] for slug, each in chosen.items()},
            clinic=kept.get("clinic", ""),
            months=kept.get("months", ""),
            budget=data.get("budget", ""),
            urgency=data.get("urgency", ""),
        )


@dataclass
class Checked:
    """Choices that can be priced, or what is wrong: `errors` by field. `months` to pay over; 0: at
    once."""

    selections: list[Selection]
    clinic: Clinic | None
    errors: dict[str, str]
    months: int = 0


def read(form: MultiDict, treatments: list[TreatmentRow]) -> Choices:
    """The fields of the treatments on offer, each text cut to what a field can mean."""
    slugs = [treatment.slug for treatment in treatments]
    return Choices(
        procedures=list(dict.fromkeys(slug[:80] for slug in form.getlist("procedures")))[:50],
        areas={slug: form.get(f"area-{slug}", "")[:80] for slug in slugs},
        sessions={slug: form.get(f"sessions-{slug}", "").strip()[:20] for slug in slugs},
        options={slug: [o[:80] for o in form.getlist(f"options-{slug}")][:20] for slug in slugs},
        clinic=form.get("clinic", "")[:80],
        months=form.get("months", "")[:10],
        budget=form.get("budget", "")[:40],
        urgency=form.get("urgency", "")[:40],
    )


def check(
    choices: Choices,
    treatments: list[TreatmentRow],
    clinics: list[ClinicRow],
    name: str,
    durations: Collection[int],
) -> Checked:
    """The selections to price. `name` stands for an organization without places; `durations` are
    the numbers of months one may pay over."""
    offered = {treatment.slug: treatment for treatment in treatments}
    checked = Checked([], _clinic(choices, clinics, name), {})
    errors = checked.errors
    if not choices.procedures:
        errors["procedures"] = CHOOSE_ONE
    elif not set(choices.procedures) <= offered.keys():
        errors["procedures"] = GONE
    for slug in choices.procedures:
        if slug in offered:
            checked.selections.append(_selection(choices, offered[slug], errors))
    if checked.clinic is None:
        errors["clinic"] = "Choose one of our places."
    for name, known in (("budget", BUDGETS), ("urgency", URGENCIES)):
        if getattr(choices, name) not in ("", *known):
            errors[name] = "Choose one of the answers, or leave this open."
    if choices.months not in ("", *map(str, durations)):
        errors["months"] = "Choose how long you would like to pay."
    elif choices.months:
        checked.months = int(choices.months)
    return checked


def _clinic(choices: Choices, clinics: list[ClinicRow], name: str) -> Clinic | None:
    if not clinics:
        return placed(None, name)
    slug = choices.clinic or clinics[0].slug
    row = next((clinic for clinic in clinics if clinic.slug == slug), None)
    return placed(row, name) if row else None


def _selection(choices: Choices, row: TreatmentRow, errors: dict) -> Selection:
    treatment, slug = priced(row), row.slug
    area = choices.areas.get(slug) or None
    options = choices.options.get(slug, [])
    if area and area not in {a.key for a in treatment.areas}:
        errors[f"area-{slug}"] = f"Choose an area that belongs to {row.name}."
    if not set(options) <= {option.key for option in treatment.options}:
        errors[f"options-{slug}"] = f"Choose among the extras of {row.name}."
    sessions = _sessions(choices.sessions.get(slug), treatment.sessions)
    if sessions is None or not 1 <= sessions <= treatment.max_sessions:
        errors[f"sessions-{slug}"] = f"Give 1 to {treatment.max_sessions} sessions of {row.name}."
    if area is None and treatment.areas:
        area = treatment.areas[0].key
    return Selection(treatment, area, sessions, tuple(options))


def _sessions(given: str | None, usual: int) -> int | None:
    if not given:
        return usual
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
