"""When the contact form is shown, what it takes, and how it treats people in a hurry."""

import re
from uuid import uuid4

import phonenumbers
import pytest
from sqlalchemy import select

from app import create_app
from app.domain.contact.contact_form import DEFAULT_STEPS, Field, Step
from app.domain.contact.form import ContactForm
from app.domain.scoring.rules import DEFAULT_RULE_SET, RuleSet
from app.domain.tracking.event import TOOLS
from app.extensions import db, limiter
from app.identity import Identity
from app.models import Interaction, Lead
from app.operations.contact.publish_form import publish_form
from app.operations.scoring.publish_rules import publish_interaction_rules
from app.operations.tools.use_tool import Browser, use_tool
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW, Client, settings
from tests.passerby import Passerby

EVERYTHING = frozenset(field.name for step in DEFAULT_STEPS for field in step.asked)
VISITOR = Identity(uuid4())


def rows(cast, model):
    db.session.rollback()
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model)))


# tool, what was asked for, earlier uses in this browser -> score, shown
CASES = [
    ("ai_recommendation", {}, 0, 60, True),
    ("ai_recommendation", {"budget": "high"}, 0, 80, True),
    ("face_analysis", {}, 0, 80, True),
    ("face_analysis", {"budget": "high", "urgency": "immediate"}, 0, 100, True),
    ("cost_calculator", {}, 0, 70, True),
    ("cost_calculator", {"procedures": ["ipl", "lip-filler"]}, 0, 85, True),
    ("appointment_booked", {}, 0, 90, True),
    ("appointment_booked", {"urgency": "immediate"}, 0, 100, True),
]


@pytest.fixture
def site(cast):
    with acting_for(cast.clinic):
        cast.site.identity_mode = "cookie"
        db.session.commit()
        yield cast.site


def use(site, type, data=None, browser=None, now=NOW):
    return use_tool(
        site, type, identity=VISITOR, data=data or {}, url=None, now=now, browser=browser
    )


@pytest.mark.parametrize(("type", "data", "earlier", "score", "shown"), CASES)
def test_each_tool_asks_at_its_threshold(site, type, data, earlier, score, shown):
    made = use(site, type, data)
    assert made.score.points == score
    assert made.decision.show is shown
    assert made.decision.reasons[0].startswith(f"score {score} reaches ")
    assert made.decision.reasons[0].endswith(f"the threshold of {type}")


@pytest.fixture
def strict(site):
    """Rules by which one use is never enough."""
    rules = DEFAULT_RULE_SET.to_json() | {"thresholds": dict.fromkeys(TOOLS, 100)}
    rules["rules"] = [rule | {"points": 1} for rule in rules["rules"]]
    publish_interaction_rules(RuleSet.from_json(rules), user_id=None, now=NOW)
    return site


@pytest.mark.parametrize("type", TOOLS)
def test_below_its_threshold_a_tool_asks_at_the_third_use_of_any(strict, type):
    first, second = (use(strict, other) for other in ("cost_calculator", "face_analysis"))
    third = use(strict, type)
    assert not first.decision.show
    assert not second.decision.show
    assert "is below 100" in second.decision.reasons[0]
    assert third.decision.show
    assert third.decision.reasons == ("3 high-intent interactions",)


@pytest.mark.parametrize("type", TOOLS)
@pytest.mark.parametrize(
    ("browser", "reason"),
    [
        (Browser(dismissed=True), "dismissed in this session"),
        (Browser(known=EVERYTHING), "form completed"),
    ],
)
def test_no_tool_asks_who_put_the_form_away_or_answered_all(site, type, browser, reason):
    decision = use(site, type, browser=browser).decision
    assert (decision.show, decision.reasons) == (False, (reason,))


@pytest.mark.parametrize("type", TOOLS)
def test_a_form_put_away_in_another_visit_is_shown_again(site, type):
    assert use(site, type, browser=Browser(dismissed=True, dismissed_visit=uuid4())).decision.show


@pytest.mark.parametrize("mode", ["cookieless", "cookie", "consent"])
def test_only_this_browsers_uses_count_where_a_visitor_may_be_several(strict, mode):
    strict.identity_mode = mode
    for _ in range(4):
        record_interaction("cost_calculator", site=strict, identity=VISITOR, now=NOW)
    decision = use(strict, "cost_calculator").decision
    assert decision.show is (mode != "cookieless")
    own = Browser(used=frozenset(("0a1b2c3d", "1a1b2c3d")))
    assert use(strict, "cost_calculator", browser=own).decision.show


def test_the_untracked_are_asked_by_what_this_browser_did(strict):
    own = Browser(used=frozenset(("0a1b2c3d", "1a1b2c3d")))
    for browser, shown in ((None, False), (own, True)):
        made = use_tool(
            strict,
            "cost_calculator",
            identity=None,
            data={},
            url=None,
            now=NOW,
            browser=browser,
        )
        assert made.decision.show is shown


def test_the_log_says_why_the_form_was_shown_or_not(visitor, clinic, sign_in):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    visitor.calculate("hydrafacial")
    log = sign_in(clinic.alice).get("/admin/comprehensive/interactions").text
    assert "Contact form shown: score 70 reaches 70, the threshold of cost calculator" in log
    assert "Contact form not shown: dismissed in this session" in log


# What the form takes


@pytest.mark.parametrize(
    ("region", "typed", "kept"),
    [
        ("FR", "06 12 34 56 78", "+33612345678"),
        ("FR", "0033 6 12 34 56 78", "+33612345678"),
        ("FR", "+44 20 7946 0958", "+442079460958"),
        ("GB", "020 7946 0958", "+442079460958"),
        ("US", "(212) 555-0123", "+12125550123"),
        ("DE", "0151 23456789", "+4915123456789"),
        ("IN", "098765 43210", "+919876543210"),
    ],
)
def test_numbers_are_read_as_in_the_organizations_country(visitor, clinic, region, typed, kept):
    clinic.clinic.settings = {**(clinic.clinic.settings or {}), "region": region}
    db.session.commit()
    visitor.calculate("ipl")
    visitor.answer(phone=typed)
    (lead,) = rows(clinic, Lead)
    assert lead.phone == kept


@pytest.mark.parametrize("region", ["FR", "GB", "US"])
def test_a_number_that_is_none_is_answered_with_one_of_the_country(visitor, clinic, region):
    clinic.clinic.settings = {**(clinic.clinic.settings or {}), "region": region}
    db.session.commit()
    visitor.calculate("ipl")
    page = visitor.answer(phone="12")
    example = re.search(r"Write the whole number, such as (\+[\d -]+)\.", page.text)[1]
    assert phonenumbers.region_code_for_number(phonenumbers.parse(example)) == region


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ANA@Example.COM ", "ana@example.com"),
        ("ana+spa@example.com", "ana+spa@example.com"),
        ("zoë@müller.de", "zoë@müller.de"),
        ("ana@xn--mller-kva.de", "ana@müller.de"),
    ],
)
def test_addresses_are_kept_in_one_shape(visitor, clinic, typed, kept):
    visitor.calculate("ipl")
    visitor.answer(email=typed)
    (lead,) = rows(clinic, Lead)
    assert lead.email == kept


def test_a_slip_in_an_address_is_asked_about_once(visitor, clinic):
    visitor.calculate("ipl")
    page = visitor.answer(email="Ana@gmial.com", phone="0612345678", consent_email="1")
    assert page.status_code == 422
    assert "It looks like ana@gmail.com" in page.text
    form = visitor.form("/step/1")
    assert form.fields["phone"] == ["0612345678"]
    assert form.ticked == {"consent_email"}
    assert rows(clinic, Lead) == []
    visitor.answer()
    (lead,) = rows(clinic, Lead)
    assert lead.email == "ana@gmial.com"


def test_the_address_that_was_meant_is_taken_with_one_press(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@gmial.com")
    visitor.answer(use_meant="ana@gmail.com")
    (lead,) = rows(clinic, Lead)
    assert lead.email == "ana@gmail.com"


def test_another_slip_is_asked_about_again(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(email="ana@gmial.com")
    page = visitor.answer(email="ana@hotnail.com")
    assert "It looks like ana@hotmail.com" in page.text
    assert rows(clinic, Lead) == []


# People in a hurry


def test_quicker_than_people_type_is_told_kindly_and_sent_again_with_everything(visitor, clinic):
    visitor.calculate("ipl")
    page = visitor.send("/step/1", email="fast@example.com", consent_email="1")
    assert page.status_code == 422
    assert "Nothing is lost: please send it again." in page.text
    visitor.answer()
    (lead,) = rows(clinic, Lead)
    assert lead.email == "fast@example.com"


@pytest.fixture
def limited(clinic, database_uri, tmp_path):
    """Somebody at an application that counts requests."""
    app = create_app(settings(database_uri, tmp_path) | {"RATELIMIT_ENABLED": True})
    app.test_client_class = Client
    yield Passerby(app.test_client())
    limiter.reset()
    limiter.enabled = False
    app.collector.stop()
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("part", [False, True])
def test_too_often_is_told_kindly_and_loses_nothing(limited, clinic, part):
    visitor = limited
    visitor.calculate("ipl")
    for _ in range(30):
        visitor.answer(email="not an address")
    page = visitor.answer(email="ana@example.com", consent_email="1", _part=part)
    assert page.status_code == 429
    assert "wait a minute, then send it again" in page.text
    form = visitor.form("/step/1")
    assert form.fields["email"] == ["ana@example.com"]
    assert form.ticked == {"consent_email"}
    assert rows(clinic, Lead) == []
    limiter.reset()
    visitor.answer()
    assert len(rows(clinic, Lead)) == 1


def test_whoever_types_a_known_address_overwrites_no_answer_of_its_owner(app, clinic):
    email = Field("email", "E-mail", "email")
    own = Step("own", "One thing more", (Field("q_pet", "Your pet's name?"),))
    form = ContactForm(steps=(Step("reach", "Reach", (email,), ("email",)), own))
    with acting_for(clinic.clinic):
        publish_form(form, made_from=0, note="", user_id=None, now=NOW)
        db.session.commit()
    for pet in ("Rex", "Mallory"):
        person = Passerby(app.test_client())
        person.calculate("ipl")
        person.answer(email="ana@example.com")
        person.answer(q_pet=pet)
    (lead,) = rows(clinic, Lead)
    assert lead.answers["q_pet"]["answer"] == "Rex"
    assert "Your pet's name? Mallory" in lead.notes
    assert all("Mallory" not in str(row.data) for row in rows(clinic, Interaction))
