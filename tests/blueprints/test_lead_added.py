"""Adding somebody by hand: who called, walked in or was met."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Lead
from app.tenancy import acting_for
from tests.leads import TOKEN, make_lead, plain

PAGE = "/admin/leads/new"


def add(client, **form):
    token = TOKEN.search(client.get(PAGE).text)
    return client.post(PAGE, data={**form, "csrf_token": token[1] if token else ""})


def leads(cast) -> list[Lead]:
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Lead).order_by(Lead.id)))


def test_who_called_is_a_lead_with_a_number_and_how_they_came(alice, cast):
    answer = add(
        alice, first_name="Zoé", phone="06 12 34 56 78", source="walk_in", interests="peel, botox"
    )
    (lead,) = leads(cast)
    assert answer.status_code == 303
    assert answer.location == f"/admin/leads/{lead.id}"
    assert (lead.phone, lead.source, lead.interests) == (
        "+33612345678",
        "walk_in",
        ["peel", "botox"],
    )
    assert lead.stage == "new"
    assert "Zoé is a lead now" in plain(alice.get(answer.location).text)


def test_somebody_known_is_completed_and_not_made_twice(alice, cast):
    known = make_lead(cast)
    answer = add(alice, email="EVE@example.com", last_name="Adams", source="phone")
    assert answer.location == f"/admin/leads/{known.id}"
    assert "was a lead already" in plain(alice.get(answer.location).text)
    (lead,) = leads(cast)
    assert (lead.last_name, lead.source) == ("Adams", "website")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"first_name": "Nobody"}, "E-mail"),
        ({"email": "no address"}, "E-mail"),
        ({"phone": "12"}, "Phone"),
        ({"email": "a@example.com", "first_name": "x" * 300}, "First name"),
    ],
)
def test_what_cannot_be_used_is_named_and_all_is_kept(alice, cast, form, said):
    answer = add(alice, notes="Met at the fair 🎉 <b>", **form)
    assert answer.status_code == 422
    assert f">{said}</a>" in answer.text
    assert "Met at the fair 🎉 &lt;b&gt;" in answer.text
    assert leads(cast) == []


def test_who_came_in_no_known_way_came_in_another(alice, cast):
    add(alice, email="a@example.com", source="<script>")
    assert leads(cast)[0].source == "other"


def test_whom_an_agent_adds_is_theirs(sign_in, cast, dora):
    add(sign_in(dora), email="a@example.com")
    assert leads(cast)[0].assignee_id == dora.id


def test_an_agent_completes_and_learns_nothing_of_anothers_lead(sign_in, cast, dora):
    with acting_for(cast.clinic):
        make_lead(cast, first_name="Eve").assignee_id = cast.alice.id
        db.session.commit()
    answer = add(sign_in(dora), email="eve@example.com", last_name="Mallory")
    assert answer.status_code == 422
    assert "Somebody else looks after this person" in answer.text
    assert "Eve" not in plain(answer.text)
    assert leads(cast)[0].last_name is None


def test_another_organizations_lead_stays_theirs(sign_in, cast):
    make_lead(cast)
    add(sign_in(cast.charlie), email="eve@example.com", first_name="Mallory")
    (lead,) = leads(cast)
    assert lead.first_name is None


def test_analysts_read_and_add_nobody(bob, cast):
    assert "Analysts read" in bob.get(PAGE).text
    assert PAGE not in bob.get("/admin/leads").text
    assert bob.post(PAGE, data={"email": "a@example.com"}).status_code == 400
    assert leads(cast) == []


def test_an_empty_list_leads_to_the_form(alice):
    for page in ("/admin/leads", "/admin/leads/board"):
        assert f'href="{PAGE}"' in alice.get(page).text
