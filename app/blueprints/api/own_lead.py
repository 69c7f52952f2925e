"""What the addresses of one lead share: whose it is, and its money."""

from collections.abc import Callable
from decimal import Decimal

from app.caller import own_leads_of
from app.domain.money import in_minor_units
from app.domain.score import round_half_up
from app.domain.validation import Invalid
from app.errors import ApiError, invalid
from app.extensions import db
from app.models import Lead
from app.operations.leads.lock_lead import lock_lead
from app.queries.leads import lead_list


def lead_or_404(lead_id: int) -> Lead:
    """The lead, where the caller may see it."""
    found = lead_list.find(lead_id, own_leads_of())
    if found is None:
        raise ApiError(404, "There is no lead with this id.")
    return found


def held_or_404(lead_id: int) -> Lead:
    """The lead, which nobody else changes until the transaction ends; 404 too where somebody has
    erased it, or given it away, while this waited."""
    lock_lead(lead_or_404(lead_id))
    return lead_or_404(lead_id)


def or_422(operation: Callable, *args, **kwargs):
    """What the operation gives; its Invalid becomes a 422 that names each field."""
    try:
        return operation(*args, **kwargs)
    except Invalid as problem:
        db.session.rollback()
        raise invalid(problem.fields) from None


def minor(amount: float | None) -> int | None:
    """An amount of the organization's currency, 5000.00, as minor units."""
    return None if amount is None else in_minor_units(amount)


def major(amount: int | None) -> float | None:
    """Minor units as an amount of the organization's currency."""
    return None if amount is None else amount / 100


def mean_amount(total: int, count: int) -> float | None:
    """Minor units shared by so many, as an amount to the cent; None among none."""
    return major(round_half_up(Decimal(total) / count)) if count else None
