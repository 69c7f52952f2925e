"""What somebody has in mind is chosen from what is known, and stored as rules and tiers compare."""

import pytest

from app.extensions import db
from tests.desk import Desk
from tests.leads import address, make_lead, plain, send


@pytest.fixture
def lead(cast):
    return make_lead(cast, first_name="Eve")


@pytest.fixture
def desk(alice, lead):
    desk = Desk(alice)
    desk.open(address(lead))
    return desk


def offered(page: str, field: str) -> list[str]:
    """The words among which a field is chosen."""
    select = page[page.index(f'id="edit-{field}"') :].partition("</select>")[0]
    return [plain(f"<{each}") for each in select.split("<option")[1:]]


def edit(desk, lead, **changes):
    desk.send(f"/leads/{lead.id}", **changes)
    db.session.refresh(lead)


def test_the_forms_own_answers_are_offered_in_their_words(desk):
    assert offered(desk.page, "urgency") == [
        "Not known",
        "As soon as possible",
        "This month",
        "Just looking",
        "Other…",
    ]
    assert offered(desk.page, "budget")[1:-1] == ["Up to €500", "€500 to €2,000", "€2,000 and more"]
    assert offered(desk.page, "preferred_time")[1:-1] == ["Morning", "Afternoon", "Evening"]


def test_the_values_of_tiers_are_offered_and_those_of_other_leads(alice, cast, lead, desk):
    tiers = [{"name": "best", "points": 15, "values": ["gold_card"]}]
    cast.clinic.settings = {"lead_rules": {"customer_tiers": tiers}}
    db.session.commit()
    for n, kind in enumerate(("walk_by", "regular", "regular", "Gold Card")):
        make_lead(cast, f"e{n}@example.com", customer_type=kind, category="men")
    desk.open(address(lead))
    assert offered(desk.page, "customer_type")[1:-1] == ["Gold card", "Regular", "Walk by"]
    assert offered(desk.page, "category")[1:-1] == ["Men"]


def test_what_is_chosen_is_stored_as_the_form_stores_it_and_said_in_words(desk, lead):
    edit(desk, lead, urgency="immediate", budget="high")
    assert (lead.urgency, lead.budget) == ("immediate", "high")
    shown = plain(desk.page)
    assert "Urgency As soon as possible" in shown
    assert "Budget €2,000 and more" in shown


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("As soon as possible", "immediate"),
        ("IMMEDIATE", "immediate"),
        ("this month", "this_month"),
        ("After the summer", "After the summer"),
    ],
)
def test_what_is_typed_beside_is_what_it_means(desk, lead, typed, stored):
    edit(desk, lead, urgency="other…", urgency_other=typed)
    assert lead.urgency == stored
    assert "Saved." in desk.page


def test_a_type_typed_in_another_spelling_gets_the_points_of_its_tier(cast, desk, lead):
    tiers = [{"name": "best", "points": 15, "values": ["gold_card"]}]
    cast.clinic.settings = {"lead_rules": {"customer_tiers": tiers}}
    db.session.commit()
    before = lead.lead_score
    edit(desk, lead, customer_type="other…", customer_type_other="Gold card")
    assert lead.customer_type == "gold_card"
    assert lead.lead_score > before


def test_without_scripts_what_is_typed_beside_counts_whatever_is_chosen(desk, lead):
    edit(desk, lead, budget="", budget_other="5000 EUR")
    assert lead.budget == "5000 EUR"
    assert offered(desk.page, "budget")[-2:] == ["5000 EUR", "Other…"]
    edit(desk, lead, first_name="Ève")
    assert (lead.first_name, lead.budget) == ("Ève", "5000 EUR")


def test_it_is_emptied_by_not_known(desk, lead):
    edit(desk, lead, budget="high")
    edit(desk, lead, budget="")
    assert lead.budget is None


def test_what_was_typed_beside_is_kept_when_another_field_is_refused(desk, lead):
    edit(desk, lead, email="nobody", category="other…", category_other="Brides <b>")
    assert desk.status == 422
    assert 'value="Brides &lt;b&gt;"' in desk.page
    assert 'value="other…" selected' in desk.page


def test_too_long_a_text_is_named(desk, lead):
    edit(desk, lead, category="other…", category_other="x" * 61)
    assert desk.status == 422
    assert "Shorten this to 60 characters." in desk.page


def test_agents_are_offered_what_their_own_leads_have(cast, lead, dora, doras_desk):
    lead.assignee_id = dora.id
    db.session.commit()
    other = make_lead(cast, "secret@example.com", category="somebody else's secret")
    other.assignee_id = cast.alice.id
    db.session.commit()
    doras_desk.open(address(lead))
    assert offered(doras_desk.page, "category") == ["Not known", "Other…"]


def test_a_field_that_is_not_sent_stays(alice, lead):
    send(alice, lead, {"urgency": "immediate"})
    send(alice, lead, {"first_name": "Ada"})
    db.session.refresh(lead)
    assert (lead.first_name, lead.urgency) == ("Ada", "immediate")
