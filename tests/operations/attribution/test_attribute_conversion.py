"""A conversion's credit: stored by every model, summed by channel, renewed by late touches."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.domain.attribution.attribution import MODELS, AttributionError
from app.domain.period import last_days
from app.extensions import db
from app.models import AttributionCredit, ChannelWorth, Lead, LeadAttribution, Spend
from app.operations.attribution.attribute_conversion import attribute_again, attribute_conversion
from app.operations.attribution.learn_channels import learn_channels
from app.operations.tracking.record_interaction import record_interaction
from app.queries.attribution.attribution import channel_worth, comparison, conversions, of_lead
from app.tenancy import acting_for
from tests.conftest import NOW

DAY = timedelta(days=1)
PERIOD = last_days(30, NOW.date())


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


def new_lead(created_at=NOW - 20 * DAY) -> Lead:
    lead = Lead(
        email=f"{db.session.query(Lead).count()}@example.com", created_at=created_at, updated_at=NOW
    )
    db.session.add(lead)
    db.session.flush()
    return lead


def touch(lead, type, days_ago, source="", **more):
    record_interaction(
        type,
        site=None,
        lead_id=lead.id,
        channel=type.split("_")[0] if type.startswith(("email", "sms")) else "phone",
        data={"source_name": source} if source else None,
        occurred_at=NOW - days_ago * DAY,
        now=NOW,
        **more,
    )


@pytest.fixture
def lead(clinic):
    lead = new_lead()
    touch(lead, "email_clicked", 10, "Spring letter")
    touch(lead, "call_made", 5)
    touch(lead, "email_replied", 1, "Spring letter")
    return lead


def credited(model, by_source=False):
    rows = comparison(PERIOD, "customer", by_source)
    return {
        (row.source if by_source else row.channel): (
            row.conversions.get(model),
            row.revenue.get(model),
        )
        for row in rows
    }


def test_every_model_is_stored_with_its_touches_and_their_value(lead):
    attribute_conversion(lead, "customer", now=NOW, value=500_000)
    rows = of_lead(lead.id)
    assert [row.model for row in rows] == list(MODELS)
    for row in rows:
        assert sum(Decimal(t["weight"]) for t in row.touchpoints) == 1
        assert sum(t["value"] for t in row.touchpoints) == 500_000
        assert row.summary["total_touchpoints"] == 3
        assert row.summary["journey_duration_days"] == 9
        assert row.summary["avg_hours_between_touches"] == 108
    u_shaped = next(row for row in rows if row.model == "u_shaped")
    assert [t["value"] for t in u_shaped.touchpoints] == [200_000, 100_000, 200_000]
    assert (u_shaped.summary["primary"], u_shaped.summary["secondary"]) == (0, 2)


def test_channels_and_sources_are_summed_over_a_period(lead):
    attribute_conversion(lead, "customer", now=NOW, value=500_000)
    assert credited("u_shaped") == {
        "email": (Decimal("0.8"), 400_000),
        "phone": (Decimal("0.2"), 100_000),
    }
    assert credited("first_touch", True)["Spring letter"] == (1, 500_000)
    assert credited("linear", True)["Spring letter"] == (Decimal("0.666667"), 333_333)
    assert sum(c for c, _ in credited("time_decay").values()) == 1
    assert comparison(last_days(7, (NOW - 30 * DAY).date()), "customer") == []
    told = conversions(PERIOD)
    assert [(c.type, c.count, c.value, c.touches, c.days) for c in told] == [
        ("customer", 1, 500_000, 3, 9)
    ]


def test_calculated_twice_it_counts_once(lead):
    for _ in range(2):
        attribute_conversion(lead, "customer", now=NOW, value=500_000)
    assert len(of_lead(lead.id)) == len(MODELS)
    assert credited("last_touch")["email"] == (1, 500_000)


def test_spend_entered_gives_the_return(lead):
    attribute_conversion(lead, "customer", now=NOW, value=500_000)
    first = PERIOD.last - 9 * DAY
    db.session.add(
        Spend(
            channel="email",
            starts_on=first,
            ends_on=PERIOD.last + 10 * DAY,
            amount=40_000,
            created_at=NOW,
        )
    )
    db.session.add(
        Spend(channel="ads", starts_on=first, ends_on=first, amount=9_000, created_at=NOW)
    )
    db.session.flush()
    rows = {row.channel: row for row in comparison(PERIOD, "customer")}
    assert rows["email"].spent == 20_000  # ten of its twenty days
    assert rows["email"].return_on_spend("last_touch") == 25
    assert rows["ads"].spent == 9_000
    assert rows["ads"].return_on_spend("last_touch") == 0
    assert rows["phone"].return_on_spend("last_touch") is None


def test_a_late_touch_changes_the_conversions_after_it(lead):
    attribute_conversion(lead, "customer", now=NOW, value=500_000)
    touch(lead, "sms_replied", 12)
    assert attribute_again(lead, NOW - 12 * DAY, now=NOW) == 1
    assert credited("first_touch")["sms"] == (1, 500_000)
    assert len(of_lead(lead.id)) == len(MODELS)
    assert attribute_again(lead, NOW + DAY, now=NOW) == 0


def test_a_touch_after_the_conversion_gets_nothing(lead):
    rows = attribute_conversion(lead, "customer", now=NOW, at=NOW - 4 * DAY, models=["last_touch"])
    assert [t["channel"] for t in rows[0].touchpoints] == ["email", "phone"]


def test_without_touches_nothing_is_stored(clinic):
    with pytest.raises(AttributionError, match="no touches"):
        attribute_conversion(new_lead(), "customer", now=NOW)
    assert db.session.scalars(select(LeadAttribution)).all() == []
    assert db.session.scalars(select(AttributionCredit)).all() == []


@pytest.mark.parametrize(
    ("kind", "model", "said"),
    [
        ("sale", "linear", "lead_created, qualified"),
        ("customer", "magic", "first_touch, last_touch"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(lead, kind, model, said):
    with pytest.raises(AttributionError, match=said):
        attribute_conversion(lead, kind, now=NOW, models=[model])
    assert of_lead(lead.id) == []


def test_the_organizations_journeys_teach_what_channels_are_worth(lead):
    other = new_lead(created_at=NOW - 2 * DAY)
    touch(other, "call_made", 3)
    learned = learn_channels("lead_created", now=NOW)
    # both were made leads by what came before: nothing did for the first, a call for the second
    assert set(learned) == {"markov", "shapley"}
    assert channel_worth("lead_created")["shapley"] == {"phone": 1.0}
    rows = attribute_conversion(other, "lead_created", now=NOW, models=["markov", "shapley"])
    assert all(row.summary["learned"] for row in rows)


def test_what_was_learned_shares_the_credit_and_is_replaced_when_learned_again(lead):
    for channel, worth in (("email", 0.1), ("phone", 0.3)):
        db.session.add(
            ChannelWorth(
                conversion_type="customer",
                model="markov",
                channel=channel,
                worth=worth,
                journeys=10,
                conversions=5,
                learned_at=NOW,
            )
        )
    db.session.flush()
    attribute_conversion(lead, "customer", now=NOW, value=400, models=["markov", "shapley"])
    assert credited("markov") == {"email": (Decimal("0.25"), 100), "phone": (Decimal("0.75"), 300)}
    shapley = next(row for row in of_lead(lead.id) if row.model == "shapley")
    assert shapley.summary["learned"] is False  # all touches alike, and it says so
    learn_channels("customer", now=NOW)
    assert channel_worth("customer") == {}  # nobody has become a customer
