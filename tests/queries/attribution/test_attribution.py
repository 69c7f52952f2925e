"""What channels cost and brought, rounded half up."""

from datetime import date
from decimal import Decimal

import pytest

from app.clock import utc_now
from app.domain.period import Period
from app.extensions import db
from app.models import Spend
from app.queries.attribution.attribution import Credited, comparison
from app.tenancy import acting_for


@pytest.mark.parametrize(("revenue", "told"), [(1005, "1.01"), (1015, "1.02"), (1004, "1.00")])
def test_the_return_is_rounded_half_up(revenue, told):
    row = Credited("ads", None, revenue={"linear": revenue}, spent=1000)
    assert row.return_on_spend("linear") == Decimal(told)


def test_part_of_a_spend_is_rounded_half_up(app, cast):
    with app.app_context(), acting_for(cast.clinic):
        first, last = date(2026, 3, 1), date(2026, 3, 2)
        spent = {"channel": "ads", "amount": 5, "created_at": utc_now()}
        db.session.add(Spend(starts_on=first, ends_on=last, **spent))
        db.session.flush()
        [row] = comparison(Period(first, first), "customer")
        assert row.spent == 3
