"""How the cost calculator of the organization acted for is set."""

from sqlalchemy import select

from app.domain.tools.calculator import Calculator
from app.domain.tools.calculator import budgets as labels
from app.extensions import db
from app.models import Organization
from app.tenancy import acting_organization_id


def settings() -> Calculator:
    """The organization's own settings, else the defaults."""
    return _settings_and_currency()[0]


def budgets() -> dict[str, str]:
    """What a visitor may answer about their budget: low, medium and high with their labels."""
    return labels(*_settings_and_currency())


def _settings_and_currency() -> tuple[Calculator, str]:
    wanted = select(Organization.settings, Organization.currency)
    own, currency = db.session.execute(
        wanted.where(Organization.id == acting_organization_id())
    ).one()
    return Calculator.from_json((own or {}).get("cost", {})), currency
