"""Set an organization's calculator: prices by month, discounts, budgets, quotes and their logo."""

from base64 import b64encode
from datetime import datetime

from app.clients.pictures import Picture
from app.domain.tools.calculator import Calculator
from app.extensions import db
from app.models import Logo
from app.operations.audit import audit
from app.operations.hold_organization import hold_organization
from app.queries.tools import quotes


def set_calculator(settings: Calculator, *, user_id: int | None, now: datetime) -> bool:
    """From now on this holds; quotes that were issued stay as they are. Whether it changed."""
    organization = hold_organization()
    kept = organization.settings or {}
    before = Calculator.from_json(kept.get("cost", {})).to_json()
    after = settings.to_json()
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changed:
        return False
    organization.settings = {**kept, "cost": after}
    audit("calculator.edited", "cost calculator", {"changed": changed}, user_id=user_id, now=now)
    return True


def set_logo(picture: Picture | None, *, user_id: int | None, now: datetime) -> None:
    """The picture at the head of documents from now on; none: the organization's name stands there
    again."""
    if picture is None and quotes.logo() is None:
        return
    png, width, height = picture or (b"", 0, 0)
    db.session.add(Logo(png=b64encode(png).decode(), width=width, height=height, added_at=now))
    what = "logo.added" if picture else "logo.removed"
    audit(what, "cost calculator", {"width": width, "height": height}, user_id=user_id, now=now)
