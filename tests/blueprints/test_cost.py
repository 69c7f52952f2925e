"""The cost calculator, as a visitor without JavaScript meets it."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Interaction, Treatment
from app.tenancy import acting_for
from tests.passerby import Passerby


def stored(cast, kind="cost_calculator"):
    db.session.expire_all()
    with acting_for(cast.clinic):
        wanted = select(Interaction).where(Interaction.type == kind).order_by(Interaction.id)
        return list(db.session.scalars(wanted))


def test_every_treatment_can_be_chosen(visitor):
    form = visitor.get("/enhanced-cost/") and visitor.form("/enhanced-cost/")
    assert {"procedures", "clinic", "budget", "urgency", "sessions-ipl", "area-ipl"} <= form.names
    assert "procedures" not in form.ticked


def test_a_treatment_one_came_from_is_chosen_already(visitor):
    visitor.get("/enhanced-cost/?treatment=ipl")
    assert visitor.form("/enhanced-cost/").fields["procedures"] == ["ipl"]


def test_the_result_is_itemised_to_the_cent(visitor):
    visitor.calculate(
        "ipl", "lip-filler", clinic="lyon", **{"sessions-ipl": "3", "area-lip-filler": "volume"}
    )
    text = visitor.page.text
    # IPL 3 x 170..260, less 5 % for three sessions; lips 290..420; 5 % less for two procedures.
    for amount in ("€510", "€780", "€290", "€420", "-€25.50", "-€39", "€735.77", "€1,102.95"):
        assert amount in text
    assert "3 sessions of IPL for pigmentation and redness" in text
    assert "2 procedures together" in text
    assert "What drives it" in text
    assert "estimate" in text
    assert "By month" in text
    assert "24 months" in text
    assert "Without interest" in text


def test_a_use_is_one_scored_interaction_however_often_it_is_reloaded(visitor, clinic):
    visitor.calculate("ipl")
    visitor.get(visitor.page.request.path)
    visitor.get(visitor.page.request.path)
    (use,) = stored(clinic)
    assert use.score == 70
    assert use.data["procedures"] == ["ipl"]
    assert use.visitor_session_id is not None


def test_the_same_form_sent_twice_counts_once_and_other_choices_count_again(visitor, clinic):
    visitor.get("/enhanced-cost/")
    form_page = visitor.page
    for procedures in (["ipl"], ["ipl"], ["ipl", "hydrafacial"]):
        visitor.page = form_page
        visitor.send("/enhanced-cost/", procedures=procedures)
    assert [use.data["procedures"] for use in stored(clinic)] == [["ipl"], ["ipl", "hydrafacial"]]


@pytest.mark.parametrize(
    ("procedures", "budget", "score"),
    [
        (("ipl",), "", 70),
        (("ipl", "lip-filler"), "", 85),
        (("ipl", "lip-filler"), "low", 85),
        (("ipl",), "high", 90),
        (("ipl", "lip-filler"), "high", 100),  # 105, capped
    ],
)
def test_the_check_values_of_the_rules_through_the_page(visitor, clinic, procedures, budget, score):
    visitor.calculate(*procedures, budget=budget)
    (use,) = stored(clinic)
    assert use.score == score
    assert sum(part["points"] for part in use.contributions) == score


def test_two_procedures_high_budget_and_no_time_to_lose_score_a_hundred(visitor, clinic):
    visitor.calculate("ipl", "lip-filler", budget="high", urgency="immediate")
    (use,) = stored(clinic)
    assert use.score == 100
    told = {part["name"]: part["points"] for part in use.contributions}
    assert told == {
        "Cost calculator used": 70,
        "More than one procedure": 15,
        "High budget range": 20,
        "Immediate urgency": 25,
        "Cap at 100": -30,
    }


def test_seventy_and_fifteen_and_twenty_are_capped_and_the_cap_is_named(visitor, clinic):
    visitor.calculate("ipl", "lip-filler", budget="high")
    (use,) = stored(clinic)
    assert [(p["name"], p["points"]) for p in use.contributions] == [
        ("Cost calculator used", 70),
        ("More than one procedure", 15),
        ("High budget range", 20),
        ("Cap at 100", -5),
    ]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"procedures": None}, "Choose at least one treatment."),
        ({"procedures": ["no-such-thing"]}, "no longer offered"),
        ({"area-ipl": "full-legs"}, "Choose an area that belongs to IPL"),
        ({"sessions-ipl": "0"}, "Give 1 to 12 sessions of IPL"),
        ({"sessions-ipl": "-1"}, "Give 1 to 12 sessions of IPL"),
        ({"sessions-ipl": "1000000000"}, "Give 1 to 12 sessions of IPL"),
        ({"sessions-ipl": "٣"}, "Give 1 to 12 sessions of IPL"),
        ({"sessions-ipl": "three"}, "Give 1 to 12 sessions of IPL"),
        ({"options-ipl": ["radiofrequency"]}, "Choose among the extras of IPL"),
        ({"clinic": "atlantis"}, "Choose one of our places."),
        ({"budget": "enormous"}, "Choose one of the answers"),
        ({"urgency": "<script>alert(1)</script>"}, "Choose one of the answers"),
    ],
)
def test_what_is_wrong_is_said_and_the_choices_are_kept(visitor, clinic, wrong, said):
    visitor.get("/enhanced-cost/")
    chosen = {"procedures": ["ipl"], "sessions-hydrafacial": "4", "options-ipl": ["skin-imaging"]}
    page = visitor.send("/enhanced-cost/", **{**chosen, **wrong})
    assert page.status_code == 422
    assert said in page.text
    assert 'role="alert"' in page.text
    assert visitor.form("/enhanced-cost/").fields["sessions-hydrafacial"] == ["4"]
    assert "<script>alert(1)" not in page.text
    assert stored(clinic) == []


def test_what_was_typed_wrong_stays_to_be_mended(visitor):
    visitor.get("/enhanced-cost/")
    visitor.send("/enhanced-cost/", procedures=["ipl"], **{"sessions-ipl": "0"})
    form = visitor.form("/enhanced-cost/")
    assert form.fields["sessions-ipl"] == ["0"]
    assert form.fields["procedures"] == ["ipl"]


def test_the_estimate_follows_the_choices_and_is_no_interaction(visitor, clinic):
    visitor.get("/enhanced-cost/")
    form = visitor.form("/enhanced-cost/")
    fields = {**form.fields, "procedures": ["ipl"], "sessions-ipl": "1", "clinic": "lyon"}
    page = visitor.client.post("/enhanced-cost/estimate", data=fields, headers=visitor.headers)
    assert page.status_code == 200
    assert "€170 – €260" in page.text
    assert "<html" not in page.text
    assert stored(clinic) == []


def test_the_estimate_says_what_is_wrong(visitor):
    visitor.get("/enhanced-cost/")
    fields = {**visitor.form("/enhanced-cost/").fields, "procedures": ["ipl"], "sessions-ipl": "99"}
    page = visitor.client.post("/enhanced-cost/estimate", data=fields, headers=visitor.headers)
    assert "Give 1 to 12 sessions" in page.text


def test_without_the_token_nothing_is_taken(visitor, clinic):
    visitor.get("/enhanced-cost/")
    page = visitor.send("/enhanced-cost/", procedures=["ipl"], csrf_token="forged")
    assert page.status_code == 400
    assert stored(clinic) == []


def test_a_result_is_seen_by_the_browser_that_made_it_only(visitor, app):
    event_id = visitor.calculate("ipl")
    stranger = Passerby(app.test_client())
    assert stranger.get(f"/enhanced-cost/result/{event_id}").status_code == 404
    assert visitor.get(f"/enhanced-cost/result/{event_id}").status_code == 200


def test_choices_can_be_changed_from_the_result(visitor):
    event_id = visitor.calculate("ipl", budget="low", clinic="nice", **{"sessions-ipl": "5"})
    visitor.get(f"/enhanced-cost/?from={event_id}")
    fields = visitor.form("/enhanced-cost/").fields
    assert fields["procedures"] == ["ipl"]
    assert fields["sessions-ipl"] == ["5"]
    assert (fields["budget"], fields["clinic"]) == (["low"], ["nice"])


def test_a_treatment_taken_off_the_list_cannot_be_chosen(visitor, clinic):
    visitor.get("/enhanced-cost/")
    with acting_for(clinic.clinic):
        db.session.scalar(select(Treatment).where(Treatment.slug == "ipl")).active = False
        db.session.commit()
    page = visitor.send("/enhanced-cost/", procedures=["ipl"])
    assert page.status_code == 422
    assert "no longer offered" in page.text


def test_names_with_scripts_are_text(visitor, clinic):
    with acting_for(clinic.clinic):
        row = db.session.scalar(select(Treatment).where(Treatment.slug == "ipl"))
        row.name = "<script>alert('💉')</script>"
        db.session.commit()
    visitor.calculate("ipl", "hydrafacial")
    assert "<script>alert" not in visitor.page.text
    assert "💉" in visitor.page.text


def test_who_refuses_tracking_can_calculate_and_leaves_no_visitor(client, clinic):
    quiet = Passerby(client, DNT="1")
    quiet.calculate("ipl")
    (use,) = stored(clinic)
    assert use.visitor_id is None
    assert use.visitor_session_id is None
    assert quiet.forms("/step/")
