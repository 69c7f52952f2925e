"""Who is asked again by the contact form, and for what: never what is known, never after a no."""

from uuid import uuid4

from app import asking
from tests.contact_form import answer_everything, types
from tests.passerby import Passerby, in_mode, with_cookie


def test_who_comes_back_is_asked_only_what_is_unknown(visitor):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.answer(first_name="Ana", last_name="Reyes", phone="+33612345678")
    visitor.calculate("lip-filler")
    form = visitor.form("/step/")
    assert form.action.endswith("/step/3")
    assert "email" not in form
    assert {"budget", "urgency", "preferred_time"} <= form.names


def test_who_answered_everything_is_not_asked_again(visitor, clinic):
    answer_everything(visitor, "ana@example.com")
    visitor.calculate("lip-filler")
    assert visitor.forms("/step/") == []
    assert types(clinic).count("form_shown") == 1


def test_no_thank_you_is_taken_for_an_answer(visitor, clinic):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    assert visitor.page.request.path.startswith("/enhanced-cost/result/")
    assert visitor.forms("/step/") == []
    visitor.calculate("hydrafacial")
    assert visitor.forms("/step/") == []
    assert types(clinic).count("form_dismissed") == 1
    assert types(clinic).count("form_shown") == 1


def test_no_thank_you_counts_for_the_untracked_too(client, clinic):
    quiet = Passerby(client, DNT="1")
    quiet.calculate("ipl")
    quiet.send("/dismiss")
    quiet.calculate("hydrafacial")
    assert quiet.forms("/step/") == []


def test_that_is_all_after_the_first_step_is_no_refusal(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@example.com")
    visitor.send("/dismiss")
    assert "Thank you" in visitor.page.text
    assert "form_dismissed" not in types(clinic)


def test_one_persons_refusal_does_not_silence_their_neighbours(visitor, app, clinic):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    neighbour = Passerby(app.test_client())
    neighbour.calculate("ipl")
    assert neighbour.form("/step/1")
    assert types(clinic).count("form_shown") == 2


def test_with_a_cookie_a_refusal_holds_for_the_visit_without_the_session(app, clinic):
    in_mode(clinic, "cookie")
    visitor_id = uuid4()
    first = with_cookie(app, visitor_id)
    first.calculate("ipl")
    first.send("/dismiss")
    again = with_cookie(app, visitor_id)
    again.calculate("hydrafacial")
    assert again.forms("/step/") == []


def test_a_refusal_ends_with_its_visit(visitor, clinic):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    with visitor.client.session_transaction() as kept:
        kept[asking.DISMISSED] = uuid4().hex
    visitor.calculate("hydrafacial")
    assert visitor.form("/step/1")
