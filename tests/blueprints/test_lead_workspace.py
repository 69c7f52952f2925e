"""A lead's page as the place to work: what to do next, why, and all that is at hand."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Appointment,
    EngagementType,
    Interaction,
    Lead,
    LeadJourney,
    LeadNote,
    Quote,
    Task,
)
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.leads.update_lead import update_lead
from app.operations.leads.withdraw_consent import withdraw_consent
from app.operations.tracking.log_engagement import log_engagement
from app.operations.tracking.track_engagement import track_engagement
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import (
    address,
    counted_queries,
    make_lead,
    make_lead_by_calculator,
    plain,
    send,
)

ACTION = {"name": "call", "channel": "phone", "label": "Call", "reason": "score 80 and waiting"}


@pytest.fixture
def lead(cast):
    return make_lead_by_calculator(cast)


def journey_of(cast, lead) -> LeadJourney:
    with acting_for(cast.clinic):
        return db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == lead.id))


def advise(cast, lead, **action):
    """Has the journey say what to do."""
    with acting_for(cast.clinic):
        journey_of(cast, lead).next_action = {**ACTION, "learned_from": "rules", **action}
        db.session.commit()


def part(client, lead, first: str, last: str = "</section>") -> str:
    """The page from one mark to another."""
    page = client.get(address(lead)).text
    start = page.index(first)
    return page[start : page.index(last, start)]


# What to do next


def test_the_next_action_stands_with_its_reason_and_one_button_that_does_it(alice, cast, lead):
    with acting_for(cast.clinic):
        update_lead(lead, {"phone": "+33612345678"}, user_id=None, now=NOW)
        db.session.commit()
    advise(cast, lead)
    shown = part(alice, lead, 'id="next"')
    assert "Call Score 80 and waiting. Advised by the usual rules" in plain(shown)
    assert 'href="tel:+33612345678"' in shown


def test_what_was_learned_says_so(alice, cast, lead):
    reason = "60 of 90 comparable leads moved on after it"
    advise(cast, lead, reason=reason, learned_from="history")
    words = plain(part(alice, lead, 'id="next"'))
    assert f"{reason}. Learned from how your own leads moved on" in words


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("write", "mailto:eve%40example.com"),
        ("answer", "mailto:eve%40example.com"),
        ("send_offer", "mailto:eve%40example.com"),
        ("ask_how_it_went", "mailto:eve%40example.com"),  # there is no phone
        ("book_meeting", "/admin/appointments/new"),
        ("prepare_appointment", "#appointments-title"),
        ("wait", "#task-title"),
    ],
)
def test_each_action_has_its_way(alice, cast, lead, name, opens):
    advise(cast, lead, name=name)
    assert f'href="{opens}' in part(alice, lead, 'id="next"')


@pytest.mark.parametrize("name", ["leave_alone", "call", "something_new"])
def test_what_cannot_be_done_has_no_button(alice, cast, lead, name):
    advise(cast, lead, name=name)
    assert "href=" not in part(alice, lead, 'id="next"', "</div>\n    </div>")


def test_insights_stand_with_their_evidence(alice, cast, lead):
    with acting_for(cast.clinic):
        journey_of(cast, lead).insights = [
            {"name": "x", "tone": "urgent", "text": "A reply waits.", "evidence": "2 days ago"},
            {"name": "y", "tone": "good", "text": "Keen.", "evidence": "engagement 88%"},
        ]
        db.session.commit()
    words = plain(part(alice, lead, 'aria-label="Insights"'))
    assert "Urgent A reply waits. 2 days ago." in words
    assert "Good sign Keen. Engagement 88%." in words


def test_a_lead_whose_journey_was_never_worked_out_has_a_page(alice, cast):
    with acting_for(cast.clinic):
        lead = Lead(email="old@example.com", created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.commit()
    words = plain(alice.get(address(lead)).text)
    assert "or tonight at the latest" in words
    assert "Journey engagement" not in words


# Who they are and how they do


def test_consent_stands_beside_the_way_that_needs_it(alice, cast, lead):
    with acting_for(cast.clinic):
        update_lead(lead, {"phone": "+33612345678"}, user_id=None, now=NOW)
        db.session.commit()
    words = plain(part(alice, lead, 'id="glance-title"'))
    assert "Call +33612345678 Copy phone No consent to text messages" in words
    assert "Agreed to e-mails, since 2 Mar 2026" in words
    with acting_for(cast.clinic):
        withdraw_consent(lead, "email", user_id=None, now=NOW + timedelta(days=1))
        db.session.commit()
    assert "No consent to marketing e-mails" in plain(part(alice, lead, 'id="glance-title"'))


def test_the_risk_says_what_it_rests_on_and_a_prediction_why_there_is_none(alice, lead):
    words = plain(part(alice, lead, 'aria-labelledby="score-title"'))
    assert re.search(r"Risk of losing them \d+% (low|some|high) \w", words)
    assert "0 won leads of the same segment are too few to predict from; 30 needed." in words


def test_halves_of_a_percent_are_rounded_up(alice, cast, lead):
    with acting_for(cast.clinic):
        journey = journey_of(cast, lead)
        journey.churn_risk, journey.engagement = 1850, 4250
        db.session.commit()
    words = plain(part(alice, lead, 'aria-labelledby="score-title"'))
    assert "Risk of losing them 19% low" in words
    assert "Journey engagement 43%" in words


def test_who_was_only_called_came_by_that_call_and_a_told_value_is_no_purchase(alice, cast):
    caller = make_lead(cast, "caller@example.com")
    with acting_for(cast.clinic):
        caller.first_touch = caller.last_touch = None
        log_engagement(caller, "call_made", user_id=None, now=NOW + timedelta(days=1))
        at = NOW + timedelta(days=2)
        attribute_conversion(caller, "customer", at=at, value=500_000, now=at)
        db.session.commit()
    words = plain(part(alice, caller, 'id="origin-title"'))
    assert "Not known" not in words
    assert re.search(r"First touch \w+ phone Last touch \w+ phone", words)
    assert "Credit for becoming a customer" in words
    assert "€5,000 as told, no purchase is logged" in words
    with acting_for(cast.clinic):
        journey_of(cast, caller).total_revenue = 500_000
        db.session.commit()
    words = plain(part(alice, caller, 'id="origin-title"'))
    assert "Credit for a purchase" in words
    assert "as told" not in words


def test_milestones_say_when_or_not_yet(alice, cast, lead):
    with acting_for(cast.clinic):
        log_engagement(lead, "call_made", user_id=None, now=NOW + timedelta(days=1))
        db.session.commit()
    words = plain(part(alice, lead, 'aria-label="Milestones"', "</ol>"))
    assert "First contact 3 Mar 2026" in words
    assert words.endswith("Opportunity not yet Customer not yet")


def test_the_same_phone_or_the_same_name_may_be_the_same_person(alice, sign_in, cast, dora):
    eve = make_lead(cast, first_name="Eve", last_name="Martin", phone="+33612345678")
    named = make_lead(cast, "e2@example.com", first_name="EVE", last_name="martin")
    called = make_lead(cast, "e3@example.com", phone="06 12 34 56 78", first_name="E")
    make_lead(cast, "e4@example.com", first_name="Eve")
    shown = part(alice, eve, 'id="twins"', "</div>")
    assert re.findall(r'href="([^"]+)"', shown) == [address(called), address(named)]
    assert 'id="twins"' not in alice.get(address(make_lead(cast, "e5@example.com"))).text
    with acting_for(cast.clinic):
        eve.assignee_id = called.assignee_id = dora.id
        named.assignee_id = None
        db.session.commit()
    shown = part(sign_in(dora), eve, 'id="twins"', "</div>")
    assert re.findall(r'href="([^"]+)"', shown) == [address(called)]


def test_on_a_phone_who_and_what_next_come_first_then_the_log_tasks_score_and_timeline(alice, lead):
    page = alice.get(address(lead)).text
    places = ["glance-title", "next", "log-title", "tasks-title", "score-title", "timeline-title"]
    at = [page.index(f'id="{place}"') for place in places]
    assert at == sorted(at)


# Conversions


def test_the_newest_conversion_stands_open_and_older_ones_are_folded(alice, cast, lead):
    with acting_for(cast.clinic):
        update_lead(
            lead, {"stage": "customer", "reason": "Paid"}, user_id=None, now=NOW + timedelta(days=2)
        )
        db.session.commit()
    shown = part(alice, lead, 'id="origin-title"')
    opened, _, folded = shown.partition("<details")
    assert "Credit for becoming a customer" in opened
    assert "by 8 models" in opened
    assert "Becoming a lead" in folded
    assert plain(opened).count("First touch Last touch Linear") == 1


# What is logged by hand


def test_a_purchase_is_logged_with_its_amount(alice, cast, lead):
    form = {"type": "purchase_made", "revenue": "1 250,50"}
    assert send(alice, lead, form, "/engagements").status_code == 303
    db.session.refresh(lead)
    assert lead.stage == "customer"
    assert journey_of(cast, lead).total_revenue == 125_050
    words = plain(alice.get(address(lead)).text)
    assert "Purchase logged." in words
    assert "Purchase €1,250.50" in words
    assert "Revenue so far €1,250.50" in words


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"type": "purchase_made"}, "Say how much they paid"),
        ({"type": "purchase_made", "revenue": "much"}, "Write an amount such as"),
        ({"type": "purchase_made", "revenue": "-5"}, "Write an amount such as"),
        ({"type": "call_made", "revenue": "5"}, "Only a purchase has an amount"),
        ({"type": "call_made", "occurred_at": "1999-12-31T10:00"}, "before the year 2000"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_and_all_is_kept(alice, lead, form, message):
    answer = send(alice, lead, {**form, "note": "Typed with care"}, "/engagements")
    assert answer.status_code == 422
    assert message in answer.text
    assert "Typed with care" in answer.text
    assert form.get("revenue", "") in answer.text
    db.session.refresh(lead)
    assert lead.stage == "new"


def test_kinds_of_the_organizations_own_are_logged_too(alice, cast, lead):
    with acting_for(cast.clinic):
        db.session.add(
            EngagementType(
                name="fair_talk", label="Talk at a fair", channel="social", points=7, created_at=NOW
            )
        )
        db.session.commit()
    assert ">Talk at a fair</option>" in alice.get(address(lead)).text
    assert send(alice, lead, {"type": "fair_talk"}, "/engagements").status_code == 303
    with acting_for(cast.clinic):
        act = db.session.scalar(select(Interaction).where(Interaction.type == "fair_talk"))
    assert (act.channel, act.lead_id) == ("social", lead.id)
    words = plain(alice.get(address(lead)).text)
    assert "Talk at a fair logged." in words
    assert "Fair talk, once" in words


def test_another_organizations_kind_is_not_known_here(alice, cast, lead):
    with acting_for(cast.other):
        theirs = EngagementType(
            name="secret_talk", label="Secret", channel="web", points=1, created_at=NOW
        )
        db.session.add(theirs)
        db.session.commit()
    assert "Secret" not in alice.get(address(lead)).text
    assert send(alice, lead, {"type": "secret_talk"}, "/engagements").status_code == 422


# However much there is


def quote_of(lead, n: int) -> Quote:
    content = {"currency": "EUR"}
    money = {"currency": "EUR", "total_low": 1, "total_high": 2}
    number = {"year": 2026, "sequence": n, "number": f"Q-{n}"}
    return Quote(
        event_id=lead_event(n),
        lead_id=lead.id,
        content=content,
        issued_at=NOW,
        valid_until=NOW.date(),
        **money,
        **number,
    )


def lead_event(n: int):
    return UUID(int=1000 + n)


def appointment_of(lead, n: int) -> Appointment:
    starts = NOW + timedelta(days=n)
    return Appointment(
        event_id=lead_event(500 + n),
        lead_id=lead.id,
        title="Consultation",
        clinic_name="Paris",
        practitioner_name="Dr. Martin",
        timezone="Europe/Paris",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=30),
        held_until=starts + timedelta(minutes=30),
        created_at=NOW,
        updated_at=NOW,
    )


def fill(cast, lead, count: int, first: int = 0):
    """Everything a lead's page shows, `count` times."""
    with acting_for(cast.clinic):
        for n in range(first, first + count):
            at = NOW + timedelta(hours=n + 1)
            log_engagement(lead, "call_made", note=f"call {n}", user_id=cast.bob.id, now=at)
            log_engagement(lead, "purchase_made", revenue=100, user_id=cast.alice.id, now=at)
            attribute_conversion(lead, "opportunity", now=at)
            db.session.add(LeadNote(lead_id=lead.id, user_id=cast.bob.id, text="x", created_at=at))
            owned = {"lead_id": lead.id, "title": "x", "created_at": at}
            db.session.add(Task(assignee_id=cast.bob.id, **owned))
            db.session.add(Task(done_at=at, done_by_id=cast.alice.id, **owned))
            db.session.add(quote_of(lead, n + 1))
            db.session.add(appointment_of(lead, n + 1))
            own = {"label": f"Own {n}", "channel": "web", "points": 1, "created_at": NOW}
            db.session.add(EngagementType(name=f"own_{n}", **own))
        db.session.commit()


def asked_by(client, lead) -> list[str]:
    where = address(lead)
    client.get(where)
    db.session.expire_all()
    with counted_queries() as statements:
        assert client.get(where).status_code == 200
    return [s for s in statements if s.lstrip().upper().startswith(("SELECT", "WITH"))]


@pytest.mark.parametrize("who", ["alice", "bob", "dora"])
def test_the_page_takes_at_most_twelve_queries_whatever_it_shows(sign_in, cast, dora, lead, who):
    lead.phone, lead.assignee_id = "+33612345678", dora.id
    db.session.commit()
    make_lead(cast, "twin@example.com", phone="+33612345678")
    client = sign_in({"alice": cast.alice, "bob": cast.bob, "dora": dora}[who])
    fill(cast, lead, 2)
    short = asked_by(client, lead)
    fill(cast, lead, 12, first=2)
    long = asked_by(client, lead)
    assert len(long) == len(short)
    assert len(long) <= 12, long


def test_a_stay_says_what_happened_in_it_as_programs_are_told(alice, client, cast):
    lead = make_lead(cast, "stay@example.com")
    with acting_for(cast.clinic):
        own = {"label": "Open day", "channel": "web", "points": 7, "created_at": NOW}
        db.session.add(EngagementType(name="open_day", **own))
        db.session.flush()
        for n, kind in enumerate(("call_made", "email_replied", "open_day")):
            log_engagement(lead, kind, user_id=None, now=NOW + timedelta(hours=n + 1))
        db.session.commit()
    answer = client.get(
        f"/api/lead-tracking/lifecycle/{lead.id}/history",
        headers={"Authorization": "Bearer clinic-token"},
    )
    words = plain(part(alice, lead, 'id="stage-title"'))
    told = answer.get_json()["history"]
    assert sum(each["touchpoints_count"] for each in told) == 3
    assert any(each["engagement_score"] >= 17 for each in told)
    for each in told:
        count = each["touchpoints_count"]
        if not count:
            continue
        touches = f"{count} touch{'' if count == 1 else 'es'}"
        assert f"{touches}, engagement {each['engagement_score']} of 100" in words


def test_a_line_of_the_history_names_what_it_came_from(alice, cast, lead):
    with acting_for(cast.clinic):
        for n, name in enumerate(("Spring news", "Summer <b>news</b>")):
            track_engagement(
                lead,
                "email_clicked",
                context={"source_type": "campaign", "source_name": name},
                now=NOW + timedelta(hours=n),
            )
        db.session.commit()
    shown = part(alice, lead, 'id="timeline-title"')
    assert "Clicked in an e-mail · Spring news" in plain(shown)
    assert "· Summer &lt;b&gt;news&lt;/b&gt;" in shown


def test_only_the_newest_stay_is_open_ended(alice, cast, lead):
    with acting_for(cast.clinic):
        for day, stage in enumerate(("contacted", "qualified", "engaged", "opportunity"), 1):
            update_lead(lead, {"stage": stage}, user_id=None, now=NOW + timedelta(days=day))
        db.session.commit()
    words = plain(part(alice, lead, 'id="stage-title"'))
    assert words.count("Since ") == 1
    assert words.count("For ") == 4
    assert "2 before" in words


def test_the_chart_has_its_values_in_a_table(alice, cast, lead):
    with acting_for(cast.clinic):
        log_engagement(lead, "meeting_scheduled", user_id=None, now=NOW + timedelta(days=1))
        db.session.commit()
    shown = part(alice, lead, 'class="score-chart"')
    label = re.search(
        r'aria-label="Lead score from ([\d.]+) on (.+?) to ([\d.]+) on (.+?)\.', shown
    )
    assert datetime.strptime(label[2], "%d %b %Y") < datetime.strptime(label[4], "%d %b %Y")
    assert float(label[1]) < float(label[3])
    table = shown[shown.index("<tbody>") :]
    for score in (label[1], label[3]):
        assert score in table


def test_the_chart_shows_what_is_hot_and_warm_here(alice, cast, lead):
    levels = [{"at_least": n, "name": name} for n, name in ((60, "hot"), (30, "warm"), (0, "cold"))]
    with acting_for(cast.clinic):
        clinic = db.session.get(type(cast.clinic), cast.clinic.id)
        clinic.settings = {**(clinic.settings or {}), "lead_rules": {"temperatures": levels}}
        log_engagement(lead, "meeting_scheduled", user_id=None, now=NOW + timedelta(days=1))
        db.session.commit()
    shown = part(alice, lead, 'class="score-chart"')
    bands = re.findall(
        r'class="chart-(hot|warm)" x="0" y="(\d+)" width="\d+" height="(\d+)"', shown
    )
    assert bands == [("hot", "0", "40"), ("warm", "40", "30")]


# Without scrolling and without a detour


def test_the_list_does_the_next_action_at_a_click(alice, cast, lead):
    with acting_for(cast.clinic):
        update_lead(lead, {"phone": "+33612345678"}, user_id=None, now=NOW)
        db.session.commit()
    advise(cast, lead)
    shown = alice.get("/admin/leads").text
    assert re.search(r'href="tel:\+33612345678">Call<', shown)
    assert "Score 80 and waiting" in shown


def test_what_nobody_needs_to_do_is_told_without_a_link(alice, cast, lead):
    advise(cast, lead, name="wait", label="Wait", reason="nothing presses")
    shown = alice.get("/admin/leads").text
    assert "Nothing presses" in shown
    assert "next-link" not in shown


def test_a_long_history_is_folded_after_its_newest(alice, cast, lead):
    with acting_for(cast.clinic):
        for n in range(40):
            log_engagement(
                lead, "call_made", note=f"call {n}", user_id=None, now=NOW + timedelta(minutes=n)
            )
        db.session.commit()
    shown = part(alice, lead, 'id="timeline"')
    newest, rest = shown.split('<details class="timeline-rest">')
    assert "call 39" in newest
    assert "call 0<" not in newest
    assert "call 0" in rest


def test_a_short_history_is_not_folded(alice, lead):
    assert "timeline-rest" not in part(alice, lead, 'id="timeline"')
