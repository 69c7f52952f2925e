"""The face analysis as a visitor without JavaScript meets it: a photo sent, measured by the worker
process, and answered."""

from sqlalchemy import select

from app.extensions import db
from app.models import Treatment
from app.tenancy import acting_for
from tests import portrait as of
from tests.faces import PAGE, analyse, receipts, send, stored, use_of
from tests.passerby import Passerby
from tests.portrait import jpeg, png


def test_no_box_is_ticked_beforehand(visitor):
    visitor.get(PAGE)
    form = visitor.form(PAGE)
    assert {"photo", "consent", "keep", "concerns", "budget", "urgency"} <= form.names
    assert not {"consent", "keep", "concerns", "procedures"} & form.ticked


def test_both_pages_say_what_it_is_and_on_how_few_faces_it_was_checked(visitor, photo):
    for page in (visitor.get(PAGE), analyse(visitor, photo)):
        assert "Cosmetic guidance, not a diagnosis." in page.text
        assert "one light-skinned woman" in page.text


def test_concerns_are_asked_that_the_catalogue_answers(visitor, clinic):
    assert "Pigment spots" in visitor.get(PAGE).text
    with acting_for(clinic.clinic):
        for row in db.session.scalars(select(Treatment)):
            row.active = row.slug == "lip-filler"
        db.session.commit()
    page = visitor.get(PAGE).text
    assert "Pigment spots" not in page
    assert "Thin or dry lips" in page


def test_a_treatment_one_came_from_is_chosen_already(visitor):
    visitor.get(f"{PAGE}?treatment=ipl&treatment=no-such-thing")
    assert visitor.form(PAGE).fields["procedures"] == ["ipl"]


def test_a_face_is_measured_and_shown_with_its_regions(visitor, photo):
    page = analyse(visitor, photo, concerns=["pigment spots"])
    for words in ("Redness of the cheeks", "Contrast under the eyes", "Shine", "give or take 1.5"):
        assert words in page.text
    assert "data:image/jpeg;base64," in page.text
    assert page.text.count('<polygon class="halo"') == 6  # cheeks, under both eyes, nose, forehead
    assert page.headers["Cache-Control"] == "no-store"


def test_what_was_named_and_measured_finds_treatments_with_price_and_downtime(visitor, face):
    page = analyse(visitor, png(of.painted(face, of.CHEEKS, 1, 12)), concerns=["scars"])
    assert "redness of the cheeks: high" in page.text
    assert "you named scars" in page.text
    assert "IPL for pigmentation and redness" in page.text
    assert "Microneedling" in page.text
    assert "€170 – €260" in page.text
    assert "Downtime" in page.text
    assert "/enhanced-cost/?treatment=ipl" in page.text


def test_nothing_named_and_nothing_measured_is_answered_with_nothing(visitor, photo):
    page = analyse(visitor, photo)
    assert "calls for one of our treatments" in page.text
    assert 'class="card fit"' not in page.text


def test_an_analysis_scores_eighty_and_asks_for_contact_in_place(visitor, clinic, photo):
    analyse(visitor, photo)
    (use,) = stored(clinic)
    assert use.score == 80
    assert visitor.forms("/step/")


def test_immediate_and_a_high_budget_come_to_125_capped_at_100(visitor, clinic, photo):
    analyse(visitor, photo, budget="high", urgency="immediate")
    (use,) = stored(clinic)
    assert use.score == 100
    told = {part["name"]: part["points"] for part in use.contributions}
    assert told == {
        "Face analysis used": 80,
        "High budget range": 20,
        "Immediate urgency": 25,
        "Cap at 100": -25,
    }


def test_treatments_that_fit_are_not_taken_for_asked_for(visitor, clinic, face):
    analyse(visitor, png(of.painted(face, of.CHEEKS, 1, 12)), concerns=["scars", "wrinkles"])
    analyse(visitor, jpeg(face, 90), procedures=["ipl", "hydrafacial"])
    first, second = stored(clinic)
    assert "procedures" not in first.data
    assert second.data["procedures"] == ["ipl", "hydrafacial"]
    assert "More than one procedure" in {part["name"] for part in second.contributions}


def test_the_same_form_sent_twice_counts_once_and_leaves_one_receipt(visitor, clinic, photo):
    visitor.get(PAGE)
    form_page = visitor.page
    for _ in range(2):
        visitor.page = form_page
        send(visitor, photo)
    assert len(stored(clinic)) == 1
    assert len(receipts(clinic)) == 1


def test_a_result_is_seen_by_the_browser_that_made_it_only(visitor, app, photo):
    analyse(visitor, photo, keep="1")
    event_id = use_of(visitor)
    stranger = Passerby(app.test_client())
    assert stranger.get(f"{PAGE}result/{event_id}").status_code == 404
    assert stranger.get(f"{PAGE}?from={event_id}").status_code == 404
    assert visitor.get(f"{PAGE}result/{event_id}").status_code == 200


def test_another_photo_begins_with_the_same_answers(visitor, photo):
    analyse(visitor, photo, concerns=["scars"], budget="low", urgency="immediate")
    visitor.get(f"{PAGE}?from={use_of(visitor)}")
    fields = visitor.form(PAGE).fields
    assert fields["concerns"] == ["scars"]
    assert (fields["budget"], fields["urgency"]) == (["low"], ["immediate"])


def test_who_came_from_the_recommendation_is_known_to_have(visitor, clinic, photo):
    visitor.get(f"{PAGE}?from=ai")
    send(visitor, photo)
    assert stored(clinic)[0].data["from"] == "ai"
