"""Whom the form takes somebody for: those it knows, strangers with their address, neighbours."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from app import asking
from app.clock import utc_now
from app.extensions import db
from app.models import Interaction, Lead, LeadVisitor
from app.tenancy import acting_for
from tests.contact_form import answer_everything, rows
from tests.leads import lead_by_form
from tests.passerby import Passerby, in_mode, with_cookie

MARIE = {
    "email": "marie@example.com",
    "phone": "+33612345678",
    "first_name": "Marie",
    "last_name": "Curie",
    "budget": "high",
    "urgency": "immediate",
    "preferred_time": "morning",
    "notes": "About the scar",
}


@pytest.fixture
def marie(clinic):
    """A lead whom the clinic knows all about; none of it was given on the website."""
    with acting_for(clinic.clinic):
        lead = lead_by_form(MARIE, source="phone")
        db.session.commit()
        return lead.id


def seen_by(visitor, reach):
    """What a browser is shown from the first step to the thanks, and at its next use of a tool."""
    visitor.calculate("ipl")
    shown = []
    given = [reach, {"first_name": "Eve"}, {"budget": "low"}, {"notes": "Call me"}]
    for fields in given:
        visitor.answer(**fields)
        shown.append(part_of(visitor))
    visitor.calculate("hydrafacial")
    return [*shown, part_of(visitor)]


def part_of(visitor):
    """The words and fields of the form that is shown, without what differs from use to use."""
    text = visitor.page.text.partition('id="contact"')[2].partition("</section>")[0]
    differs = r'value="[^"]{20,}"|/contact/[0-9a-f-]+|AUR-[0-9-]+|/quotes/[\w.-]+|way to \S+'
    return re.sub(differs, "", text)


@pytest.mark.parametrize("mode", ["cookieless", "cookie"])
@pytest.mark.parametrize("known", ["email", "phone"])
def test_an_address_that_is_known_looks_like_a_new_one(app, clinic, marie, mode, known):
    in_mode(clinic, mode)
    new = {"email": "new@example.com", "phone": "+33699999999"}[known]
    shown = seen_by(with_cookie(app), {known: MARIE[known]})
    assert shown == seen_by(with_cookie(app), {known: new})
    assert "Thank you, Eve." in shown[3]
    assert "Marie" not in str(shown)
    assert "About the scar" not in str(shown)


def test_a_stranger_with_a_known_address_changes_nothing_that_is_known(visitor, clinic, marie):
    visitor.calculate("ipl")
    visitor.answer(email=MARIE["email"])
    visitor.answer(first_name="Eve")
    visitor.answer(budget="low", urgency="just_looking")
    visitor.answer(notes="Call me instead")
    (lead,) = rows(clinic, Lead)
    kept = {name: getattr(lead, name) for name in MARIE if name != "notes"}
    assert kept == {name: MARIE[name] for name in kept}
    day = f"{utc_now():%Y-%m-%d}"
    assert lead.notes.splitlines() == [
        "About the scar",
        f"{day} also given: first name Eve",
        f"{day} also given: budget low, urgency just_looking",
        f"{day} also given: notes Call me instead",
    ]
    (act,) = rows(clinic, Interaction, Interaction.type == "cost_calculator")
    assert lead.interaction_id == act.id


def test_a_stranger_who_comes_back_is_not_known_by_the_address_they_typed(app, clinic, marie):
    in_mode(clinic, "cookie")
    visitor_id = uuid4()
    stranger = with_cookie(app, visitor_id)
    stranger.calculate("ipl")
    stranger.answer(email=MARIE["email"])
    again = with_cookie(app, visitor_id)
    again.calculate("ipl")
    assert again.form("/step/1")
    assert "We know how to reach you" not in again.page.text


def test_who_made_the_lead_is_known_by_the_cookie_on_another_day(app, clinic):
    in_mode(clinic, "cookie")
    visitor_id = uuid4()
    ana = with_cookie(app, visitor_id)
    ana.calculate("ipl")
    ana.answer(email="ana@example.com")
    ana.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    again = with_cookie(app, visitor_id)
    again.calculate("hydrafacial")
    assert "We know how to reach you" in again.page.text
    assert again.form("/step/3")


def test_who_made_the_lead_may_change_their_wishes(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer()
    earlier = visitor.page
    visitor.answer(budget="low")
    visitor.page = earlier
    visitor.answer(budget="high")
    (lead,) = rows(clinic, Lead)
    assert (lead.budget, lead.notes) == ("high", None)


def test_a_number_given_later_does_not_make_somebody_the_other_who_has_it(visitor, clinic, marie):
    visitor.calculate("ipl")
    visitor.answer(email="pierre@example.com")
    visitor.answer(first_name="Pierre", phone=MARIE["phone"])
    names = {lead.email: lead.first_name for lead in rows(clinic, Lead)}
    assert names == {"marie@example.com": "Marie", "pierre@example.com": "Pierre"}


def test_a_stranger_cannot_answer_for_somebody_else(visitor, app, clinic):
    event_id = visitor.calculate("ipl")
    stranger = Passerby(app.test_client())
    stranger.calculate("hydrafacial")
    token = stranger.form("/step/").fields["csrf_token"]
    data = {"csrf_token": token, "email": "eve@example.com"}
    data["stamp"] = asking.stamp(event_id, utc_now() - timedelta(minutes=1))
    for path in ("step/1", "step/2", "dismiss"):
        page = stranger.client.post(f"/contact/{event_id}/{path}", data=data)
        assert page.status_code == 404
    assert stranger.get(f"/contact/{event_id}").status_code == 404
    assert rows(clinic, Lead) == []


def test_a_second_person_at_the_same_browser_is_a_second_lead(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.calculate("hydrafacial")
    visitor.send("/step/2", someone_else="1")
    visitor.answer(email="ben@example.com")
    visitor.answer(first_name="Ben")
    leads = {lead.email: lead for lead in rows(clinic, Lead)}
    assert set(leads) == {"ana@example.com", "ben@example.com"}
    assert leads["ana@example.com"].first_name is None
    assert leads["ben@example.com"].first_name == "Ben"
    first, second = sorted(rows(clinic, LeadVisitor), key=lambda link: link.starts_at)
    assert first.lead_id == leads["ana@example.com"].id
    assert first.ends_at == second.starts_at
    assert second.lead_id == leads["ben@example.com"].id
    assert second.ends_at is None


def test_one_persons_answers_do_not_silence_their_neighbours(visitor, app, clinic):
    answer_everything(visitor, "ana@example.com")
    neighbour = Passerby(app.test_client())
    neighbour.calculate("ipl")
    assert neighbour.form("/step/1")
    assert "We know how to reach you" not in neighbour.page.text
    assert len({row.visitor_id for row in rows(clinic, Interaction)}) == 1


def test_neighbours_who_answer_by_turns_keep_their_own_acts(visitor, app, clinic):
    ana, ben = visitor, Passerby(app.test_client())
    ana.calculate("ipl")
    ben.calculate("hydrafacial")
    ben.answer(email="ben@example.com")
    ana.answer(email="ana@example.com")
    ben.answer(first_name="Ben")
    links = sorted(rows(clinic, LeadVisitor), key=lambda link: link.starts_at)
    leads = {lead.id: lead.email for lead in rows(clinic, Lead)}
    assert [leads[link.lead_id] for link in links] == ["ben@example.com", "ana@example.com"]
    _, act = rows(clinic, Interaction, Interaction.type == "cost_calculator")
    assert links[0].starts_at <= act.occurred_at < links[0].ends_at == links[1].starts_at
