"""The interaction rules as a form: every value a text as typed, so that nothing is lost."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from app.addresses import row_number
from app.blueprints.admin.rules.draft import (
    DECIMAL,
    WHOLE,
    Blank,
    Typed,
    merged,
    place_in,
    text_of,
    whole,
)
from app.domain.scoring.condition import FIELDS, OPERATORS
from app.domain.scoring.rules import TOOL_TYPES, Rule, RuleError, RuleSet

MOST_RULES = 100
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


@dataclass(slots=True)
class RulesForm(Typed):
    """The interaction rules, as typed."""

    rules: list[dict[str, str]]
    thresholds: dict[str, str]
    settings: dict[str, str]

    def row_errors(self, place: int) -> dict[str, str]:
        """The errors of one rule, by field."""
        start = f"rules-{place}-"
        named = {n.removeprefix(start): m for n, m in self.errors.items() if n.startswith(start)}
        return Blank(named)

    @property
    def no_errors(self) -> dict[str, str]:
        return Blank()

    @property
    def body(self) -> dict[str, Any]:
        """What is kept of it."""
        return {
            "rules": self.rules,
            "thresholds": self.thresholds,
            "settings": self.settings,
            "note": self.note,
        }


SETTINGS = ("high_intent_limit", "medium", "high", "cap")


def form_of(rule_set: RuleSet) -> RulesForm:
    """The form of a rule set as it stands."""
    thresholds = dict.fromkeys(TOOL_TYPES, "") | dict(rule_set.thresholds)
    medium, high = rule_set.levels
    values = (rule_set.high_intent_limit, medium, high, rule_set.cap)
    return RulesForm(
        made_from=rule_set.version,
        rules=[_row(rule) for rule in rule_set.ordered],
        thresholds={kind: str(value) for kind, value in thresholds.items()},
        settings={name: str(value) for name, value in zip(SETTINGS, values, strict=True)},
    )


def from_body(body: dict, made_from: int, revision: int) -> RulesForm:
    """The form that was kept."""
    return RulesForm(**body, made_from=made_from, revision=revision)


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


def read(form) -> RulesForm:
    """What was sent, as typed. Raises ValueError when it is not this form at all."""
    rows, place = [], 0
    while f"rules-{place}-id" in form and place < MOST_RULES:
        row = {name: text_of(form, f"rules-{place}-{name}") for name in ROW}
        rows.append(row | {"operator": row["operator"] or "equals"})  # not sent without a field
        place += 1
    starts = "threshold-"
    kinds = [name.removeprefix(starts) for name in form if name.startswith(starts)]
    return RulesForm(
        made_from=row_number(form["made_from"]),
        revision=row_number(form.get("revision", "0")),
        rules=_in_order(rows, form.getlist("order")),
        thresholds={kind: text_of(form, starts + kind) for kind in kinds[:MOST_RULES]},
        settings={name: text_of(form, name) for name in SETTINGS},
        note=text_of(form, "note"),
    )


def _in_order(rows: list, order: list[str]) -> list:
    """The rows as they were dragged: each holds its old place, and is sent where it stands."""
    places = {str(place): row for place, row in enumerate(rows)}
    if len(order) == len(set(order)) == len(rows) and places.keys() == set(order):
        return [places[place] for place in order]
    return rows


def arrange(form: RulesForm, do: str) -> int | None:
    """Does "add", "delete-3", "up-3" or "down-3" to the rules; the place of the rule then."""
    rules = form.rules
    if do == "add":
        if len(rules) == MOST_RULES:
            return None
        rules.append(new_row())
        return len(rules) - 1
    what, here = place_in(do, rules)
    if here is None:
        return None
    if what == "delete":
        del rules[here]
        return None
    there = here + {"up": -1, "down": 1}.get(what, 0)
    if not 0 <= there < len(rules):
        return here
    rules[here], rules[there] = rules[there], rules[here]
    return there


def take_over(mine: RulesForm, base: RulesForm, newest: RulesForm) -> None:
    """Makes the form one of the newest rules: what was not touched in it is as it is there.

    What was touched stands, also where the newest changed the same field.
    """
    were, are = ({row["id"]: row for row in one.rules} for one in (base, newest))
    known = {row["id"] for row in mine.rules}
    kept = [
        row
        for row in mine.rules
        if row["id"] in are or row["id"] not in were or row | {"path": ""} != were[row["id"]]
    ]
    rules = [merged(row, were.get(row["id"], {}), are.get(row["id"], {})) for row in kept]
    if [row["id"] for row in mine.rules] == list(were):  # the order was not touched
        places = {row_id: place for place, row_id in enumerate(are)}
        rules.sort(key=lambda row: places.get(row["id"], len(places)))
    mine.rules = rules + [
        row for row in newest.rules if row["id"] not in known and row["id"] not in were
    ]
    mine.thresholds = merged(mine.thresholds, base.thresholds, newest.thresholds)
    mine.settings = merged(mine.settings, base.settings, newest.settings)
    mine.made_from, mine.revision = newest.made_from, newest.revision


def rules_of(form: RulesForm) -> RuleSet | None:
    """The rule set that was typed; None, and the form's errors filled, when it is none."""
    data = {
        "version": max(form.made_from, 1),
        "rules": [_rule_json(row, place) for place, row in enumerate(form.rules, start=1)],
        "thresholds": {kind: whole(text) for kind, text in form.thresholds.items() if text},
        "levels": [whole(form.settings["medium"]), whole(form.settings["high"])],
        "high_intent_limit": whole(form.settings["high_intent_limit"]),
        "cap": whole(form.settings["cap"]),
    }
    try:
        return RuleSet.from_json(data)
    except RuleError as error:
        form.errors = _named(error.fields, form)
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


def _named(problems: dict[str, str], form: RulesForm) -> dict[str, str]:
    """The domain's paths as the form's field names: rules.3.condition.value -> rules-3-value."""
    named = {}
    for path, message in problems.items():
        parts = path.split(".")
        if parts[0] == "rules" and len(parts) > 2:
            name = "-".join((parts[0], parts[1], parts[-1]))
        elif parts[0] == "thresholds":
            named |= _threshold_errors(form)
            continue
        else:
            name = parts[0]
        named[name] = message
    return named


def _threshold_errors(form: RulesForm) -> dict[str, str]:
    must = "must be a whole number 0..100, or empty: never asks by its score"
    typed_values = {kind: whole(text) for kind, text in form.thresholds.items() if text}
    fine = {kind for kind, n in typed_values.items() if isinstance(n, int) and 0 <= n <= 100}
    return {f"threshold-{kind}": must for kind in typed_values if kind not in fine}


def parsed(text: str, several: bool = False) -> Any:
    """A condition's value as typed: a number, yes or no, a text; a list with commas.

    What begins with a quote or a bracket is read as JSON, for texts that look like numbers.
    """
    if text[:1] in ('"', "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
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


def doubts_of(form: RulesForm) -> dict[int, str]:
    """Of the rules that can never fire, by their place: why."""
    found = {}
    for place, row in enumerate(form.rules):
        try:
            rule = Rule.from_json(_rule_json(row, place + 1))
        except RuleError:
            continue
        if rule.condition and rule.condition.doubt:
            found[place] = rule.condition.doubt
    return found
