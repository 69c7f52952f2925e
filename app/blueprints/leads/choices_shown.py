"""What the fields of a lead's profile offer to choose from: the answers of the contact form and of
the tools, what rules and tiers compare, and what other leads have."""

from collections.abc import Iterator, Mapping

from flask import g, request

from app.domain.contact.form import DEFAULT_FORM, ContactForm
from app.domain.leads.choices import Choices, choices, in_words
from app.domain.scoring.lead_score import LeadRules
from app.domain.tools.calculator import Calculator, budgets
from app.domain.tools.cost import BUDGETS, URGENCIES

FIELDS = ("customer_type", "category", "budget", "urgency", "preferred_time")
OTHER = "other…"  # what a select sends when its value is typed beside it


def offered(form: ContactForm, others: Mapping[str, list[str]]) -> dict[str, Choices]:
    """What is offered for each field; `others` are the values that other leads have."""
    settings = g.organization.settings or {}
    own = budgets(Calculator.from_json(settings.get("cost", {})), g.organization.currency)
    rules = LeadRules.from_json(settings.get("lead_rules", {}))
    known = {name: dict(_options(form, name)) for name in FIELDS}
    known["budget"] = own | {
        value: own[value] if BUDGETS.get(value) == words else words
        for value, words in known["budget"].items()
    }
    known["urgency"] = URGENCIES | known["urgency"]
    known["preferred_time"] = known["preferred_time"] or dict(
        _options(DEFAULT_FORM, "preferred_time")
    )
    tiers = [value for tier in rules.customer_tiers for value in tier.values]
    known["customer_type"] = {value: in_words(value) for value in tiers} | known["customer_type"]
    return {name: choices(known[name], others.get(name, ())) for name in FIELDS}


def chosen(known: Mapping[str, Choices]) -> dict[str, str]:
    """What the request's form says of these fields, each as it is stored."""
    form, said = request.form, {}
    for name in FIELDS:
        if name in form or f"{name}_other" in form:
            value, other = form.get(name, ""), form.get(f"{name}_other", "")
            typed = other if other.strip() else "" if value == OTHER else value
            said[name] = known[name].stored(typed)
    return said


def _options(form: ContactForm, name: str) -> Iterator[tuple[str, str]]:
    for step in form.steps:
        for field in step.fields:
            if field.name == name:
                yield from field.options
