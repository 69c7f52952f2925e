"""Lead score and automatic moves as a form: every value a text as typed, nothing is lost."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from app.blueprints.settings.lead_scoring_fields import (
    CHOICES,
    LIFECYCLE_NUMBERS,
    MODE_WORDS,
    NUMBERS,
    PARTS,
    POINTS,
    THRESHOLDS,
    TIER_PARTS,
    TIERS,
    label_of,
)
from app.domain.catalogue.catalogue_fields import FieldError, whole
from app.domain.leads.lifecycle import AUTOMATIC
from app.domain.scoring.decay import MODES
from app.domain.scoring.lead_score import COMPONENTS, MOST_POINTS
from app.domain.scoring.lead_scoring import LeadScoring
from app.domain.tracking.event import ENGAGEMENT_TYPES
from app.domain.validation import Invalid, plain

SPARE_TIERS = 2
MOST_TIERS = 20
ON = "on"
LONGEST_VALUE, MOST_VALUES = 200, 500
HUNDRED = Decimal(100)


class Typed:
    """The whole form as it was typed, with what is wrong with it."""

    def __init__(self, texts: Mapping[str, str], errors: Mapping[str, str] | None = None):
        self.texts, self.errors = dict(texts), dict(errors or {})

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def is_on(self, name: str) -> bool:
        return self.text(name) == ON

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def label(self, name: str) -> str:
        return label_of(name)

    def tier_rows(self, kind: str) -> range:
        """The places of the rows shown: those filled, and one to add another."""
        filled = [n for n in range(MOST_TIERS) if any(self._tier(kind, n))]
        return range(min(max(filled, default=-1) + 1 + SPARE_TIERS, MOST_TIERS))

    def _tier(self, kind: str, place: int) -> list[str]:
        return [self.text(f"{kind}-{place}-{part}") for part in TIER_PARTS]

    @property
    def bands(self) -> int:
        return sum(1 for name in self.texts if name.startswith("band-") and name.endswith("points"))


def texts_of(scoring: LeadScoring) -> dict[str, str]:
    """Every field of the form as it stands; every field has one, also when it is empty."""
    rules, lifecycle = scoring.rules, scoring.lifecycle
    texts = {f"weight-{n}": _told(rules.weights[n] * 100) for n in COMPONENTS}
    for name, (prefix, keys) in POINTS.items():
        given = getattr(rules, name)
        texts |= {f"{prefix}-{key}": str(given.get(key, 0)) for key in keys}
    texts |= {name: str(getattr(rules, name)) for name in NUMBERS}
    texts |= {name: str(getattr(lifecycle, name)) for name in LIFECYCLE_NUMBERS}
    texts["target_locations"] = "\n".join(rules.target_locations)
    texts["stage_share"] = _told(Decimal(rules.stage_share) * 100)
    for kind in TIERS:
        for n, tier in enumerate(getattr(rules, kind)):
            values = (tier.name, str(tier.points), ", ".join(tier.values))
            texts |= {
                f"{kind}-{n}-{part}": value for part, value in zip(TIER_PARTS, values, strict=True)
            }
    for n, band in enumerate(rules.contact_bands):
        texts[f"band-{n}-below"] = "" if band.below is None else str(band.below)
        texts[f"band-{n}-points"] = str(band.points)
    for name, prefix in CHOICES.items():
        chosen = getattr(rules, name)
        texts |= {f"{prefix}-{kind}": ON if kind in chosen else "" for kind in ENGAGEMENT_TYPES}
    for name, prefix in THRESHOLDS.items():
        for n, step in enumerate(getattr(rules, name)):
            texts[f"{prefix}-{n}"] = str(step.at_least)
    texts["decay-mode"] = rules.decay.mode
    texts["decay-rate"] = _told(rules.decay.rate)
    texts["decay-half_life_days"] = _told(rules.decay.half_life_days)
    return texts | {
        f"move-{name}": "" if name in lifecycle.switched_off else ON for name in AUTOMATIC
    }


def parts_of(names: Iterable[str]) -> set[str]:
    """The parts of the page that hold these fields."""
    listed = list(names)
    return {
        part
        for part, beginnings in PARTS.items()
        if any(name.startswith(beginnings) for name in listed)
    }


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The fields that are not the same in both."""
    return [
        name
        for name in sorted(one.keys() | other.keys(), key=list({**one, **other}).index)
        if one.get(name, "") != other.get(name, "")
    ]


def sent(form: Mapping[str, str], known: Mapping[str, str]) -> Typed:
    """What was sent of the fields that are `known`, and of further rows of tiers."""
    names = set(known) | {
        f"{kind}-{n}-{part}" for kind in TIERS for n in range(MOST_TIERS) for part in TIER_PARTS
    }
    return Typed({name: form.get(name, "").replace("\r\n", "\n").strip() for name in names})


def read(form: Typed, base: LeadScoring) -> LeadScoring | None:
    """What was typed, made from `base` (which names the grades, and what this form has no field
    for); None, and the form's errors filled, when it cannot be used."""
    problems: dict[str, str] = {}
    rules = base.to_json()["lead_rules"] | _rules(form, base, problems)
    lifecycle = {
        name: _whole(form, name, number.low, number.high, problems)
        for name, number in LIFECYCLE_NUMBERS.items()
    }
    lifecycle["switched_off"] = [name for name in AUTOMATIC if not form.is_on(f"move-{name}")]
    if not problems:
        try:
            whole_of = {"lead_rules": rules, "lifecycle": lifecycle}
            return LeadScoring.from_json(whole_of).numbered(base.rules.version)
        except Invalid as invalid:
            problems = {_field_of(path): told for path, told in invalid.fields.items()}
    form.errors = {name: _sentence(told) for name, told in problems.items()}
    return None


def _rules(form: Typed, base: LeadScoring, problems: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: _whole(form, name, number.low, number.high, problems)
        for name, number in NUMBERS.items()
    }
    told["weights"] = _weights(form, problems)
    told["stage_share"] = plain(_decimal(form, "stage_share", problems) / HUNDRED)
    for name, (prefix, keys) in POINTS.items():
        told[name] = _points(form, prefix, keys, problems, base.to_json()["lead_rules"][name])
    lines = (line.strip() for line in form.text("target_locations").splitlines())
    told["target_locations"] = list(dict.fromkeys(filter(None, lines)))
    if any(len(line) > LONGEST_VALUE for line in told["target_locations"]):
        problems["target_locations"] = f"Keep each line to {LONGEST_VALUE} characters."
    if len(told["target_locations"]) > MOST_VALUES:
        problems["target_locations"] = f"Keep it to {MOST_VALUES} lines."
    for kind in TIERS:
        told[kind] = list(_tiers(form, kind, problems))
    told["contact_bands"] = _bands(form, problems)
    for name, prefix in CHOICES.items():
        told[name] = _chosen(form, prefix, getattr(base.rules, name))
    for name, prefix in THRESHOLDS.items():
        told[name] = [
            {"name": step.name, "at_least": _whole(form, f"{prefix}-{n}", 0, 100, problems)}
            for n, step in enumerate(getattr(base.rules, name))
        ]
        _falling(told[name], prefix, problems)
    told["decay"] = _decay(form, problems)
    return told


def _chosen(form: Typed, prefix: str, before: Iterable[str]) -> list[str]:
    """The kinds ticked, those of before in their order; what the form has no box for stays."""
    ticked = [kind for kind in ENGAGEMENT_TYPES if form.is_on(f"{prefix}-{kind}")]
    kept = [kind for kind in before if kind in ticked or kind not in ENGAGEMENT_TYPES]
    return list(dict.fromkeys([*kept, *ticked]))


def _weights(form: Typed, problems: dict[str, str]) -> dict[str, Any]:
    percents = {n: _decimal(form, f"weight-{n}", problems) for n in COMPONENTS}
    whole_of = sum(percents.values())
    if whole_of != HUNDRED and not any(f"weight-{n}" in problems for n in COMPONENTS):
        problems["weights"] = f"They sum to {_told(whole_of)}%, not to 100%."
    return {n: plain(percent / HUNDRED) for n, percent in percents.items()}


def _points(
    form: Typed, prefix: str, keys: Iterable[str], problems: dict[str, str], base: dict[str, int]
) -> dict[str, int]:
    """Those that are not 0, and what stands in the rules beside the form's own names."""
    high = MOST_POINTS if prefix in ("profile", "points") else 100
    given = {key: _whole(form, f"{prefix}-{key}", 0, high, problems) for key in keys}
    others = {key: points for key, points in base.items() if key not in given}
    kept = {key: points for key, points in given.items() if points or key in base}
    return kept | others


def _tiers(form: Typed, kind: str, problems: dict[str, str]) -> Iterable[dict[str, Any]]:
    for n in range(MOST_TIERS):
        name, points, values = (form.text(f"{kind}-{n}-{part}") for part in TIER_PARTS)
        if not (name or points or values):
            continue
        listed = list(dict.fromkeys(filter(None, (v.strip() for v in values.split(",")))))
        if not name:
            problems[f"{kind}-{n}-name"] = "Give it a name, such as high value."
        if not listed:
            problems[f"{kind}-{n}-values"] = "Which values? Divide them by commas."
        if len(name) > LONGEST_VALUE or any(len(value) > LONGEST_VALUE for value in listed):
            problems[f"{kind}-{n}-values"] = f"Keep each to {LONGEST_VALUE} characters."
        if len(listed) > MOST_VALUES:
            problems[f"{kind}-{n}-values"] = f"Keep it to {MOST_VALUES} values."
        worth = _whole(form, f"{kind}-{n}-points", 0, 100, problems)
        yield {"name": name, "points": worth, "values": listed}


def _bands(form: Typed, problems: dict[str, str]) -> list[dict[str, Any]]:
    bands, last = [], 0
    for n in range(form.bands):
        points = _whole(form, f"band-{n}-points", 0, 100, problems)
        name = f"band-{n}-below"
        if n == form.bands - 1 and not form.text(name):
            bands.append({"below": None, "points": points})
            continue
        below = _whole(form, name, 1, 3650, problems)
        if name not in problems and below <= last:
            problems[name] = f"More than {last}: the days rise from line to line."
        last = max(last, below)
        bands.append({"below": below, "points": points})
    return bands


def _falling(steps: list[dict[str, Any]], prefix: str, problems: dict[str, str]) -> None:
    for n, (higher, lower) in enumerate(pairwise(steps), start=1):
        name = f"{prefix}-{n}"
        if name not in problems and lower["at_least"] >= higher["at_least"]:
            problems[name] = f"Below {higher['at_least']}, where {higher['name']} begins."


def _decay(form: Typed, problems: dict[str, str]) -> dict[str, Any]:
    mode = form.text("decay-mode")
    if mode not in MODES:
        problems["decay-mode"] = "Choose one."
    rate = _decimal(form, "decay-rate", problems)
    days = _decimal(form, "decay-half_life_days", problems, most=3650)
    if not days and "decay-half_life_days" not in problems:
        problems["decay-half_life_days"] = "Enter a number above 0."
    return {"mode": mode, "rate": plain(rate), "half_life_days": plain(days)}


def _whole(form: Typed, name: str, low: int, high: int, problems: dict[str, str]) -> int:
    try:
        return whole(low, high)(form.text(name))
    except FieldError as problem:
        problems[name] = str(problem)
        return low


def _decimal(form: Typed, name: str, problems: dict[str, str], most: int = 100) -> Decimal:
    text = form.text(name).replace(",", ".")
    digits = text.replace(".", "", 1)
    if digits.isascii() and digits.isdigit() and len(text) <= 8 and Decimal(text) <= most:
        return Decimal(text)
    problems[name] = f"Enter a number from 0 to {most}."
    return Decimal(0)


def _told(number: Decimal | float) -> str:
    return str(plain(Decimal(str(number))))


def _field_of(path: str) -> str:
    """The domain's path as the form's field: lead rules that only make sense together."""
    name = path.split(".")[0]
    first = {
        "contact_bands": "band-0-below",
        "decay": "decay-mode",
    }
    return first.get(name) or (f"{THRESHOLDS[name]}-0" if name in THRESHOLDS else name)


def _sentence(told: str) -> str:
    return told if told[:1].isupper() else f"This {told}."


def changes(before: LeadScoring, after: LeadScoring) -> list[str]:
    """What `after` changes, in words, a line a field."""
    old, new = texts_of(before), texts_of(after)
    return [
        f"{label_of(name)}: {_value(name, old)} → {_value(name, new)}"
        for name in differing(old, new)
    ]


def _value(name: str, texts: Mapping[str, str]) -> str:
    text = texts.get(name, "").replace("\n", ", ")
    if name.partition("-")[0] in ("move", "high", "reply"):
        return "yes" if text else "no"
    if name == "decay-mode":
        return MODE_WORDS[text].lower()
    return text or ("any time" if name.endswith("-below") else "nothing")
