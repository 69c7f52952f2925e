"""A second admin, a past to try rules on, and the page of the rules of visits."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Membership
from app.tenancy import acting_for
from tests.rules import PAGE, become_lead, use


@pytest.fixture
def carol(sign_in, cast):
    """Bob is an admin too."""
    with acting_for(cast.clinic):
        member = db.session.scalar(select(Membership).where(Membership.user_id == cast.bob.id))
        member.role = "admin"
        db.session.commit()
    return sign_in(cast.bob)


@pytest.fixture
def history(cast):
    """Forty visitors; the twenty with a high budget all become leads, of the others every tenth."""
    for visitor in range(1, 41):
        budget = "high" if visitor <= 20 else "low"
        used = use(cast, visitor, budget=budget, procedures=["peel"], minutes=visitor)
        if budget == "high" or visitor % 10 == 0:
            become_lead(cast, used, f"lead{visitor}@example.com")
    return cast


@pytest.fixture
def visits_page(cast):
    return f"{PAGE}/sessions/{cast.site.id}"
