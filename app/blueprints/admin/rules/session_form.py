"""A site's session rules as a form: every value a text as typed, so that nothing is lost."""

from dataclasses import dataclass
from typing import Any

from app.addresses import row_number
from app.blueprints.admin.rules.draft import DECIMAL, Typed, merged, place_in, text_of, whole
from app.domain.scoring.session_score import SessionRules
from app.domain.validation import Invalid

MOST_BANDS = 40
POINTS = {
    "page_points": "Points a page",
    "page_cap": "Most for pages",
    "regular_click_points": "Points a regular click",
    "important_click_points": "Points an important click",
    "click_cap": "Most for clicks",
    "total_cap": "Most in all",
}


@dataclass(slots=True)
class SessionRulesForm(Typed):
    """A site's session rules, as typed."""

    bands: list[dict[str, str]]
    points: dict[str, str]
    labels: str
    half_life_days: str

    @property
    def body(self) -> dict[str, Any]:
        """What is kept of it."""
        return {
            "bands": self.bands,
            "points": self.points,
            "labels": self.labels,
            "half_life_days": self.half_life_days,
            "note": self.note,
        }


def form_of(rules: SessionRules, version: int) -> SessionRulesForm:
    """The form of session rules as they stand."""
    half_life = rules.half_life_days
    return SessionRulesForm(
        made_from=version,
        bands=[
            {"from_seconds": str(band.from_seconds), "points": str(band.points)}
            for band in rules.duration_bands
        ],
        points={name: str(getattr(rules, name)) for name in POINTS},
        labels="\n".join(rules.important_labels),
        half_life_days="" if half_life is None else f"{half_life:g}",
    )


def from_body(body: dict, made_from: int, revision: int) -> SessionRulesForm:
    """The form that was kept."""
    return SessionRulesForm(**body, made_from=made_from, revision=revision)


def read(form) -> SessionRulesForm:
    """What was sent, as typed. Raises ValueError when it is not this form at all."""
    bands, place = [], 0
    while f"bands-{place}-from_seconds" in form and place < MOST_BANDS:
        names = ("from_seconds", "points")
        bands.append({name: text_of(form, f"bands-{place}-{name}") for name in names})
        place += 1
    return SessionRulesForm(
        made_from=row_number(form["made_from"]),
        revision=row_number(form.get("revision", "0")),
        bands=bands,
        points={name: text_of(form, name) for name in POINTS},
        labels=text_of(form, "labels"),
        half_life_days=text_of(form, "half_life_days"),
        note=text_of(form, "note"),
    )


def arrange(form: SessionRulesForm, do: str) -> int | None:
    """Adds or deletes a band: "add", "delete-3"; the place of a new one."""
    if do == "add" and len(form.bands) < MOST_BANDS:
        form.bands.append({"from_seconds": "", "points": ""})
        return len(form.bands) - 1
    what, place = place_in(do, form.bands)
    if what == "delete" and place is not None:
        del form.bands[place]
    return None


def take_over(mine: SessionRulesForm, base: SessionRulesForm, newest: SessionRulesForm) -> None:
    """Makes the form one of the newest rules: what was not touched is as it is there."""
    mine.points = merged(mine.points, base.points, newest.points)
    for name in ("bands", "labels", "half_life_days"):
        if getattr(mine, name) == getattr(base, name):
            setattr(mine, name, getattr(newest, name))
    mine.made_from, mine.revision = newest.made_from, newest.revision


def rules_of(form: SessionRulesForm) -> SessionRules | None:
    """The rules that were typed; None, and the form's errors filled, when they are none."""
    data = {
        "duration_bands": [{n: whole(v) for n, v in band.items()} for band in form.bands],
        **{name: whole(text) for name, text in form.points.items()},
        "important_labels": [line for line in map(str.strip, form.labels.splitlines()) if line],
        "half_life_days": _decimal(form.half_life_days),
    }
    try:
        return SessionRules.from_json(data)
    except Invalid as error:
        form.errors = {_named(path): message for path, message in error.fields.items()}
        return None


def _decimal(text: str) -> float | str | None:
    if not text:
        return None
    return float(text) if DECIMAL.fullmatch(text) else text


def _named(path: str) -> str:
    parts = path.split(".")
    return "-".join(("bands", *parts[1:])) if parts[0] == "duration_bands" and parts[1:] else path
