"""The interaction rules as a form: every value a text as typed, so that nothing is lost."""

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from app.addresses import row_number
from app.domain.rules import FIELDS, OPERATORS, TOOL_TYPES, Rule, RuleError, RuleSet

MOST_RULES = 100
WHOLE = re.compile(r"[+-]?\d{1,9}")
DECIMAL = re.compile(r"[+-]?\d{1,9}(\.\d{1,6})?")
ROW = (
    "id",
    "name",
    "kind",
    "points",
    "interaction_type",
    "field",
    "path",
    "operator",
    "value",
    "per_unit",
    "unit_cap",
    "active",
)
TYPE_NAMES = {
    "ai_recommendation": "AI recommendation",
    "face_analysis": "Face analysis",
    "cost_calculator": "Cost calculator",
    "appointment_booked": "Appointment booked",
}
COUNTED = {
    "visitor.earlier_high_intent": "earlier high-intent interaction",
    "visitor.sessions": "session of the visitor",
    "interaction.procedures": "procedure in the request",
    "interaction.concerns": "concern named",
    "session.page_views": "page viewed in the session",
}


class Blank(dict):
    """What was said of fields, by name; nothing of a field not named."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(slots=True)
class Draft:
    """Rules being edited, made from version `made_from`; values as typed."""

    made_from: int
    rules: list[dict[str, str]]
    thresholds: dict[str, str]
    settings: dict[str, str]
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def row_errors(self, place: int) -> dict[str, str]:
        """The errors of one rule, by field."""
        start = f"rules-{place}-"
        named = {n.removeprefix(start): m for n, m in self.errors.items() if n.startswith(start)}
        return Blank(named)


SETTINGS = ("high_intent_limit", "medium", "high", "cap")


def draft_of(rule_set: RuleSet) -> Draft:
    """The form of a rule set as it stands."""
    thresholds = dict.fromkeys(TOOL_TYPES, "") | dict(rule_set.thresholds)
    medium, high = rule_set.levels
    values = (rule_set.high_intent_limit, medium, high, rule_set.cap)
    return Draft(
        made_from=rule_set.version,
        rules=[_row(rule) for rule in rule_set.ordered],
        thresholds={kind: str(value) for kind, value in thresholds.items()},
        settings={name: str(value) for name, value in zip(SETTINGS, values, strict=True)},
    )


def _row(rule: Rule) -> dict[str, str]:
    condition = rule.condition
    values = (
        rule.id,
        rule.name,
        rule.kind,
        str(rule.points),
        rule.interaction_type or "",
        condition.field if condition else "",
        "",
        condition.operator if condition else "equals",
        typed(condition.value) if condition else "",
        rule.per_unit or "",
        "" if rule.unit_cap is None else str(rule.unit_cap),
        "on" if rule.active else "",
    )
    return dict(zip(ROW, values, strict=True))


def new_row() -> dict[str, str]:
    """A rule just added: nothing decided yet."""
    row = dict.fromkeys(ROW, "")
    return row | {
        "id": f"rule_{secrets.token_hex(4)}",
        "kind": "bonus",
        "operator": "equals",
        "active": "on",
    }


def read(form) -> Draft:
    """What was sent, as typed. Raises ValueError when it is not this form at all."""
    rows, place = [], 0
    while f"rules-{place}-id" in form and place < MOST_RULES:
        rows.append({name: _text(form, f"rules-{place}-{name}") for name in ROW})
        place += 1
    starts = "threshold-"
    kinds = [name.removeprefix(starts) for name in form if name.startswith(starts)]
    return Draft(
        made_from=row_number(form["made_from"]),
        rules=rows,
        thresholds={kind: _text(form, starts + kind) for kind in kinds[:MOST_RULES]},
        settings={name: _text(form, name) for name in SETTINGS},
        note=_text(form, "note"),
    )


def _text(form, name: str) -> str:
    return form.get(name, "").replace("\x00", "").strip()


def arrange(draft: Draft, do: str) -> int | None:
    """Does "add", "delete-3", "up-3" or "down-3" to the draft; the place of the rule then."""
    what, _, place = do.partition("-")
    rules = draft.rules
    if what == "add" and len(rules) < MOST_RULES:
        rules.append(new_row())
        return len(rules) - 1
    if not place.isdecimal() or len(place) > 4 or int(place) >= len(rules):
        return None
    here = int(place)
    if what == "delete":
        del rules[here]
        return None
    there = here + {"up": -1, "down": 1}.get(what, 0)
    if not 0 <= there < len(rules):
        return here
    rules[here], rules[there] = rules[there], rules[here]
    return there


def take_over(draft: Draft, base: RuleSet, newest: RuleSet) -> None:
    """Makes the draft one of the newest version: what was not touched in it is as published there.

    What was touched stands, also where the newest version changed the same field.
    """
    old, new = draft_of(base), draft_of(newest)
    were, are = ({row["id"]: row for row in one.rules} for one in (old, new))
    mine = {row["id"] for row in draft.rules}
    kept = [
        row
        for row in draft.rules
        if row["id"] in are or row["id"] not in were or row | {"path": ""} != were[row["id"]]
    ]
    draft.rules = [merged(row, were.get(row["id"], {}), are.get(row["id"], {})) for row in kept] + [
        row for row in new.rules if row["id"] not in mine and row["id"] not in were
    ]
    draft.thresholds = merged(draft.thresholds, old.thresholds, new.thresholds)
    draft.settings = merged(draft.settings, old.settings, new.settings)
    draft.made_from = newest.version


def merged(mine: dict, was: dict, now: dict) -> dict:
    """`mine`, with the values that are as they were taken from `now`."""
    return {
        name: now.get(name, value) if was.get(name) == value else value
        for name, value in mine.items()
    }


def rule_set_of(draft: Draft) -> RuleSet | None:
    """The rule set that was typed; None, and the draft's errors filled, when it is none."""
    data = {
        "version": max(draft.made_from, 1),
        "rules": [_rule_json(row, place) for place, row in enumerate(draft.rules, start=1)],
        "thresholds": {kind: whole(text) for kind, text in draft.thresholds.items() if text},
        "levels": [whole(draft.settings["medium"]), whole(draft.settings["high"])],
        "high_intent_limit": whole(draft.settings["high_intent_limit"]),
        "cap": whole(draft.settings["cap"]),
    }
    try:
        return RuleSet.from_json(data)
    except RuleError as error:
        draft.errors = _named(error.fields, draft)
        return None


def _rule_json(row: dict[str, str], position: int) -> dict[str, Any]:
    path = row["path"] or row["field"]
    operator = row["operator"]
    value = None if operator == "exists" else parsed(row["value"], several=operator == "one_of")
    return {
        "id": row["id"],
        "name": row["name"],
        "kind": row["kind"],
        "points": whole(row["points"]),
        "interaction_type": row["interaction_type"] or None,
        "condition": {"field": path, "operator": operator, "value": value} if path else None,
        "per_unit": row["per_unit"] or None,
        "unit_cap": whole(row["unit_cap"]) if row["unit_cap"] else None,
        "active": row["active"] == "on",
        "position": position,
    }


def _named(problems: dict[str, str], draft: Draft) -> dict[str, str]:
    """The domain's paths as the form's field names: rules.3.condition.value -> rules-3-value."""
    named = {}
    for path, message in problems.items():
        parts = path.split(".")
        if parts[0] == "rules" and len(parts) > 2:
            name = "-".join((parts[0], parts[1], parts[-1]))
        elif parts[0] == "thresholds":
            named |= _threshold_errors(draft)
            continue
        else:
            name = parts[0]
        named[name] = message
    return named


def _threshold_errors(draft: Draft) -> dict[str, str]:
    must = "must be a whole number 0..100, or empty: never asks by its score"
    typed_values = {kind: whole(text) for kind, text in draft.thresholds.items() if text}
    fine = {kind for kind, n in typed_values.items() if isinstance(n, int) and 0 <= n <= 100}
    return {f"threshold-{kind}": must for kind in typed_values if kind not in fine}


def whole(text: str) -> int | str:
    """The whole number typed; the text itself when it is none, for the domain to refuse."""
    return int(text) if WHOLE.fullmatch(text) else text


def parsed(text: str, several: bool = False) -> Any:
    """A condition's value as typed: a number, yes or no, a text; a list with commas.

    What begins with a quote or a bracket is read as JSON, for texts that look like numbers.
    """
    if text[:1] in ('"', "["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if several:
        return [parsed(part.strip()) for part in text.split(",") if part.strip()]
    if WHOLE.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    return {"yes": True, "no": False}.get(text.casefold(), text)


def typed(value: Any) -> str:
    """A condition's value as somebody would type it; `parsed` reads it back."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        plain = ", ".join(map(typed, value))
        same = _alike(parsed(plain, several=True), list(value))
        return plain if same else json.dumps(list(value), ensure_ascii=False)
    plain = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return plain if _alike(parsed(plain), value) else json.dumps(value, ensure_ascii=False)


def _alike(a: Any, b: Any) -> bool:
    return json.dumps(a) == json.dumps(b)


def in_words(row: dict[str, str]) -> str:
    """When a rule fires, as a sentence; what cannot be read yet stands as it was typed."""
    path, kind = row["path"] or row["field"], row["interaction_type"]
    parts = [TYPE_NAMES.get(kind, kind.replace("_", " ")) or "Any high-intent act"]
    if path:
        operator = OPERATORS.get(row["operator"])
        name = FIELDS.get(path, path)
        words = (name[:1].lower() + name[1:], operator.label if operator else "", row["value"])
        parts.append("when " + " ".join(word for word in words if word))
    if row["per_unit"]:
        each = COUNTED.get(row["per_unit"], row["per_unit"])
        most = f", at most {row['unit_cap']}" if row["unit_cap"] else ""
        parts.append(f"for each {each}{most}")
    return ", ".join(parts) if len(parts) > 1 else f"{parts[0]}, every time"
