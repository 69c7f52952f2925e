"""A site's session rules as a form: every value a text as typed, so that nothing is lost."""

from dataclasses import dataclass, field

from app.addresses import row_number
from app.blueprints.admin.rules_form import DECIMAL, merged, whole
from app.domain.session_score import SessionRules
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
class SessionDraft:
    """Session rules being edited, made from version `made_from`; values as typed."""

    made_from: int
    bands: list[dict[str, str]]
    points: dict[str, str]
    labels: str
    half_life_days: str
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def draft_of(rules: SessionRules, version: int) -> SessionDraft:
    """The form of session rules as they stand."""
    half_life = rules.half_life_days
    return SessionDraft(
        made_from=version,
        bands=[
            {"from_seconds": str(band.from_seconds), "points": str(band.points)}
            for band in rules.duration_bands
        ],
        points={name: str(getattr(rules, name)) for name in POINTS},
        labels="\n".join(rules.important_labels),
        half_life_days="" if half_life is None else f"{half_life:g}",
    )


def read(form) -> SessionDraft:
    """What was sent, as typed. Raises ValueError when it is not this form at all."""
    text = {name: form[name].replace("\x00", "").replace("\r\n", "\n").strip() for name in form}
    bands, place = [], 0
    while f"bands-{place}-from_seconds" in text and place < MOST_BANDS:
        names = ("from_seconds", "points")
        bands.append({name: text.get(f"bands-{place}-{name}", "") for name in names})
        place += 1
    return SessionDraft(
        made_from=row_number(form["made_from"]),
        bands=bands,
        points={name: text.get(name, "") for name in POINTS},
        labels=text.get("labels", ""),
        half_life_days=text.get("half_life_days", ""),
        note=text.get("note", ""),
    )


def arrange(draft: SessionDraft, do: str) -> None:
    """Adds or deletes a band of the draft: "add", "delete-3"."""
    what, _, place = do.partition("-")
    if what == "add" and len(draft.bands) < MOST_BANDS:
        draft.bands.append({"from_seconds": "", "points": ""})
    if what == "delete" and place in map(str, range(len(draft.bands))):
        del draft.bands[int(place)]


def take_over(draft: SessionDraft, base: SessionRules, newest: SessionRules, version: int) -> None:
    """Makes the draft one of the newest version: what was not touched is as published there."""
    old, new = draft_of(base, 0), draft_of(newest, version)
    draft.points = merged(draft.points, old.points, new.points)
    for name in ("bands", "labels", "half_life_days"):
        if getattr(draft, name) == getattr(old, name):
            setattr(draft, name, getattr(new, name))
    draft.made_from = version


def session_rules_of(draft: SessionDraft) -> SessionRules | None:
    """The rules that were typed; None, and the draft's errors filled, when they are none."""
    data = {
        "duration_bands": [{n: whole(v) for n, v in band.items()} for band in draft.bands],
        **{name: whole(text) for name, text in draft.points.items()},
        "important_labels": [line for line in map(str.strip, draft.labels.splitlines()) if line],
        "half_life_days": _decimal(draft.half_life_days),
    }
    try:
        return SessionRules.from_json(data)
    except Invalid as error:
        draft.errors = {_named(path): message for path, message in error.fields.items()}
        return None


def _decimal(text: str) -> float | str | None:
    if not text:
        return None
    return float(text) if DECIMAL.fullmatch(text) else text


def _named(path: str) -> str:
    parts = path.split(".")
    return "-".join(("bands", *parts[1:])) if parts[0] == "duration_bands" and parts[1:] else path
