"""The recommendation, as a visitor without JavaScript meets it."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Interaction, Lead, Treatment
from app.operations.leads.erase_lead import erase_lead
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.passerby import Passerby

TOOL = "/enhanced-ai/"


def stored(cast, kind="ai_recommendation"):
    db.session.expire_all()
    with acting_for(cast.clinic):
        wanted = select(Interaction).where(Interaction.type == kind).order_by(Interaction.id)
        return list(db.session.scalars(wanted))


def tell(visitor, text, **fields):
    """Writes this into the form and sends it; the page that comes."""
    visitor.get(TOOL)
    return visitor.send(TOOL, text=text, **fields)


def use_of(visitor) -> UUID:
    assert visitor.page.request.path.startswith(f"{TOOL}result/"), visitor.page.text
    return UUID(visitor.page.request.path.rpartition("/")[2])


def shown(page) -> list[str]:
    """The treatments of a result, in order."""
    return [part.split('"')[0] for part in page.text.split('card-title"><a href="/treatments/')[1:]]


def test_what_fits_is_ranked_and_says_why_what_it_costs_and_what_to_ask(visitor):
    page = tell(visitor, "I frown all day and my forehead lines make me look cross")
    assert shown(page)[0] == "wrinkle-relaxing"
    for said in (
        "<mark>frown</mark>",
        "<mark>forehead</mark>",
        "forehead lines",
        "€220 – €320",
        "1 session of 30 min",
        "None; small red marks for an hour",
        "How much movement will I keep?",
        "/enhanced-cost/?treatment=wrinkle-relaxing",
    ):
        assert said in page.text, said


def test_at_most_three_are_offered(visitor):
    page = tell(visitor, "acne scars, large pores, wrinkles, brown spots, redness, thin lips, fat")
    assert len(shown(page)) == 3


def test_a_use_is_one_scored_interaction_however_often_it_is_reloaded(visitor, clinic):
    tell(visitor, "brown spots on my hands")
    visitor.get(visitor.page.request.path)
    (use,) = stored(clinic)
    assert use.score == 60
    assert use.data["text"] == "brown spots on my hands"
    assert use.data["matches"][0]["treatment"] == "ipl"
    assert "procedures" not in use.data
    assert use.visitor_session_id is not None


def test_the_same_form_sent_twice_counts_once_and_other_words_count_again(visitor, clinic):
    visitor.get(TOOL)
    form_page = visitor.page
    for text in ("thin lips", "thin lips", "cellulite"):
        visitor.page = form_page
        visitor.send(TOOL, text=text)
    assert [use.data["text"] for use in stored(clinic)] == ["thin lips", "cellulite"]


def test_sixty_and_twenty_for_a_high_budget_and_five_for_an_earlier_interaction(visitor, clinic):
    tell(visitor, "deep lines on my forehead")
    tell(visitor, "deep lines on my forehead", budget="high")
    first, second = stored(clinic)
    assert first.score == 60
    assert second.score == 85
    assert [(part["name"], part["points"]) for part in second.contributions] == [
        ("AI recommendation used", 60),
        ("High budget range", 20),
        ("Each earlier high-intent interaction", 5),
    ]


def test_a_high_budget_alone_makes_eighty_and_no_time_to_lose_a_hundred(visitor, clinic):
    tell(visitor, "unwanted hair", budget="high")
    (use,) = stored(clinic)
    assert use.score == 80
    assert (use.data["budget"], "urgency" in use.data) == ("high", False)


def test_immediate_urgency_counts(client, clinic):
    tell(Passerby(client), "unwanted hair", urgency="immediate")
    assert [use.score for use in stored(clinic)] == [85]


def test_three_treatments_offered_are_not_three_procedures_asked_for(visitor, clinic):
    page = tell(visitor, "acne scars and large pores")
    assert len(shown(page)) > 1
    (use,) = stored(clinic)
    assert use.score == 60


def test_two_treatments_named_by_the_visitor_are_two_procedures(visitor, clinic):
    tell(visitor, "botox for my forehead and filler for my lips")
    (use,) = stored(clinic)
    assert use.data["procedures"] == ["lip-filler", "wrinkle-relaxing"]
    assert use.score == 75


def test_what_is_ruled_out_is_left_out_and_the_page_says_so(visitor, clinic):
    page = tell(visitor, "wrinkles and sun damage, but no injections please")
    assert shown(page)
    assert not {"wrinkle-relaxing", "lip-filler", "tear-trough"} & set(shown(page))
    assert "Left out, as you asked" in page.text
    (use,) = stored(clinic)
    assert use.data["left_out"] == ["lip-filler", "tear-trough", "wrinkle-relaxing"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("how do I fix my car brakes", "Nothing fits, as far as we can tell"),
        ("asdfgh", "Nothing fits, as far as we can tell"),
        ("🦷🦷🦷", "Nothing fits, as far as we can tell"),
        ("Je voudrais des lèvres plus pulpeuses", "we read English only"),
        ("मुझे अपने चेहरे के दाग हटाने हैं", "we read English only"),
    ],
)
def test_what_fits_nothing_is_said_kindly_and_kept_to_be_changed(visitor, clinic, text, said):
    page = tell(visitor, text, budget="high")
    assert page.status_code == 200
    assert said in page.text
    assert shown(page) == []
    form = visitor.form(TOOL)
    assert (form.fields["text"], form.fields["budget"]) == ([text], ["high"])
    assert 'class="chip"' in page.text
    assert 'href="/search"' in page.text or "call or write" in page.text


def test_what_was_asked_in_vain_is_a_search_without_results_and_no_sign_of_intent(visitor, clinic):
    tell(visitor, "how do I fix my car brakes")
    assert stored(clinic) == []
    (search,) = stored(clinic, "search")
    assert search.score is None
    assert search.data == {
        "query": "how do I fix my car brakes",
        "results": 0,
        "tool": "ai_recommendation",
        "reason": "nothing",
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": ""}, "Write a few words"),
        ({"text": " \n "}, "Write a few words"),
        ({"text": None}, "Write a few words"),
        ({"text": "thin lips " * 200}, "Please say it in 1,000 characters; these are 1,999."),
        ({"text": "thin lips", "budget": "enormous"}, "Choose one of the answers"),
        ({"text": "thin lips", "urgency": "<script>alert(1)</script>"}, "Choose one of the"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(visitor, clinic, wrong, said):
    page = tell(visitor, **{"text": "thin lips", **wrong})
    assert page.status_code == 422
    assert said in page.text
    assert 'role="alert"' in page.text
    assert "<script>alert(1)" not in page.text
    assert visitor.form(TOOL).fields["text"] == [(wrong["text"] or "").strip()]
    assert stored(clinic) == []


def test_scripts_in_the_words_are_text(visitor):
    page = tell(visitor, "<script>alert('💉')</script> thin lips")
    assert "<script>alert" not in page.text
    assert "💉" in page.text


def test_without_the_token_nothing_is_taken(visitor, clinic):
    visitor.get(TOOL)
    page = visitor.send(TOOL, text="thin lips", csrf_token="forged")
    assert page.status_code == 400
    assert stored(clinic) == []


def test_a_result_is_seen_by_the_browser_that_asked_only(visitor, app):
    tell(visitor, "thin lips")
    event_id = use_of(visitor)
    stranger = Passerby(app.test_client())
    assert stranger.get(f"{TOOL}result/{event_id}").status_code == 404
    assert visitor.get(f"{TOOL}result/{event_id}").status_code == 200


def test_the_words_can_be_changed_from_the_result(visitor, app):
    tell(visitor, "thin lips", budget="low", urgency="this_month")
    event_id = use_of(visitor)
    visitor.get(f"{TOOL}?from={event_id}")
    fields = visitor.form(TOOL).fields
    told = [fields[name] for name in ("text", "budget", "urgency")]
    assert told == [["thin lips"], ["low"], ["this_month"]]
    stranger = Passerby(app.test_client())
    assert stranger.get(f"{TOOL}?from={event_id}").status_code == 404


def test_an_example_is_written_into_the_form(visitor):
    visitor.get(TOOL)
    assert f"{TOOL}?text=wrinkles" in visitor.page.text
    visitor.get(f"{TOOL}?text=wrinkles")
    assert visitor.form(TOOL).fields["text"] == ["wrinkles"]


def test_the_contact_form_is_in_place_and_leads_back(visitor):
    tell(visitor, "thin lips")
    event_id = use_of(visitor)
    assert visitor.forms("/step/")
    visitor.answer(email="mila@example.com")
    visitor.get(f"/contact/{event_id}")
    assert f"{TOOL}result/{event_id}" in visitor.page.text


def test_a_change_of_the_catalogue_is_seen_at_once(visitor, clinic):
    assert shown(tell(visitor, "snurfling"))[:1] == []
    with acting_for(clinic.clinic):
        db.session.scalar(select(Treatment).where(Treatment.slug == "ipl")).synonyms = ["snurfling"]
        db.session.commit()
    assert shown(tell(visitor, "snurfling")) == ["ipl"]


def test_a_treatment_taken_off_the_list_is_offered_no_more(visitor, clinic):
    tell(visitor, "thin lips")
    event_id = use_of(visitor)
    with acting_for(clinic.clinic):
        db.session.scalar(select(Treatment).where(Treatment.slug == "lip-filler")).active = False
        db.session.commit()
    assert "no longer offered" in visitor.get(f"{TOOL}result/{event_id}").text
    assert "lip-filler" not in shown(tell(visitor, "thin lips"))


def test_an_organization_without_treatments_recommends_none(client, cast):
    page = tell(Passerby(client), "thin lips")
    assert page.status_code == 200
    assert "Nothing fits" in page.text


def test_who_refuses_tracking_is_answered_and_leaves_no_visitor(client, clinic):
    quiet = Passerby(client, DNT="1")
    tell(quiet, "thin lips")
    (use,) = stored(clinic)
    assert use.visitor_id is None
    assert quiet.forms("/step/")
    assert "Nothing fits" in tell(quiet, "broken arm").text
    assert stored(clinic, "search") == []


def test_erasing_a_person_erases_their_words_and_keeps_the_counts(visitor, clinic):
    tell(visitor, "thin lips since my illness", budget="high")
    result = visitor.page.request.path
    tell(visitor, "my illness in vain")
    visitor.get(result)
    visitor.answer(email="ida@example.com")
    with acting_for(clinic.clinic):
        erase_lead(db.session.scalar(select(Lead)), user_id=None, now=NOW)
        db.session.commit()
    (use,), (search,) = stored(clinic), stored(clinic, "search")
    assert use.data["budget"] == "high"
    assert use.data["matches"][0].keys() == {"treatment", "score"}
    assert (use.score, search.data, search.label) == (80, None, None)
    assert "illness" not in f"{use.data}{use.label}"
    assert visitor.get(result).status_code == 200
