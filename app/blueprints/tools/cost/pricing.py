"""The price of what was chosen, and all that the pages say of it."""

from dataclasses import dataclass

from flask import g

from app.blueprints.tools.cost import forms
from app.blueprints.tools.cost.forms import Checked, Choices
from app.domain.tools.calculator import Calculator
from app.domain.tools.cost import Estimate, estimate
from app.domain.tools.financing import plans
from app.domain.tools.savings import savings
from app.models import Clinic, Treatment
from app.queries.catalogue import catalogue
from app.queries.tools import calculator

TYPE = "cost_calculator"
DRIVERS = 3


@dataclass
class Offer:
    """What the organization offers now, and how its calculator is set."""

    treatments: list[Treatment]
    clinics: list[Clinic]
    settings: Calculator

    @classmethod
    def now(cls) -> "Offer":
        return cls(catalogue.treatments(), catalogue.clinics(), calculator.settings())

    def check(self, choices: Choices) -> Checked:
        """The selections to price, or what is wrong with the choices."""
        name = g.organization.name
        return forms.check(choices, self.treatments, self.clinics, name, self.settings.months)

    def price(self, checked: Checked) -> Estimate:
        """The itemised range of choices in which nothing is wrong."""
        return estimate(checked.selections, checked.clinic, self.settings.discounts)

    def told(self, checked: Checked) -> dict:
        """What is said of the price: itemised, what drives it, by month, what would lower it."""
        priced = self.price(checked)
        by_month = plans(priced.total, self.settings.months, self.settings.yearly_percent)
        others = [
            catalogue.placed(row, g.organization.name)
            for row in self.clinics
            if row.name != checked.clinic.name
        ]
        cheaper = savings(checked.selections, checked.clinic, others, self.settings.discounts)
        return {
            "estimate": priced.to_json(),
            "drivers": drivers(priced),
            "savings": [saving.to_json() for saving in cheaper],
            "financing": {"months": checked.months, "plans": [plan.to_json() for plan in by_month]},
            "currency": g.organization.currency,
        }


def data(choices: Choices, checked: Checked, offer: Offer) -> dict:
    """What the log keeps of a use; the rules of scoring read procedures, budget, urgency."""
    wishes = {"budget": choices.budget, "urgency": choices.urgency}
    place = checked.clinic
    return {
        "procedures": choices.procedures,
        **{name: value for name, value in wishes.items() if value},
        "choices": choices.to_json(),
        "clinic": f"{place.name}, {place.city}" if place.city else place.name,
        **offer.told(checked),
    }


def drivers(priced: Estimate) -> list[dict]:
    """What makes the most of the price: the largest parts, with their share of the sum in %."""
    whole = priced.subtotal.high or 1
    parts = [
        {"name": f"{line.name}: {part.name}", "percent": round(100 * part.price.high / whole)}
        for line in priced.lines
        for part in line.parts
        if part.price.high > 0
    ]
    return sorted(parts, key=lambda part: -part["percent"])[:DRIVERS]
