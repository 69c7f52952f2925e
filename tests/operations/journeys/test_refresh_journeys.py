"""Where a lead's journey stands, from the log and from the organization's own past."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select

from app.domain.journeys.next_action import Outcome
from app.domain.leads.lifecycle import AUTOMATIC
from app.extensions import db
from app.identity import Identity
from app.models import Appointment, Consent, Interaction, Lead, LeadJourney, LeadVisitor
from app.operations.journeys.learn_history import learn_history
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.enter_stage import enter_stage
from app.operations.scoring.score_lead import score_lead
from app.operations.tracking.log_engagement import log_engagement
from app.operations.tracking.record_interaction import record_interaction
from app.queries.journeys.journey_facts import known_of
from app.queries.journeys.won import Won, count_won, won
from app.queries.leads.lead_acts import acts
from app.tenancy import acting_for
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


@pytest.fixture
def by_hand(clinic):
    """The clinic, whose leads move by hand only."""
    clinic.clinic.settings = {"lifecycle": {"switched_off": sorted(AUTOMATIC)}}
    return clinic


def new_lead(n=0, days_ago=50, **more) -> Lead:
    at = NOW - days_ago * DAY
    lead = Lead(email=f"lead{n}@example.com", created_at=at, updated_at=at, **more)
    db.session.add(lead)
    db.session.flush()
    enter_stage(lead, "new", now=at)
    return lead


def act(lead, type, days_ago, channel="email", **more):
    at = NOW - days_ago * DAY
    return record_interaction(
        type, site=None, lead_id=lead.id, channel=channel, occurred_at=at, now=at, **more
    )


def journey_of(lead) -> LeadJourney:
    refresh_journeys([lead], now=NOW)
    return db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == lead.id))


def test_a_journey_is_measured_from_the_log(by_hand):
    lead = new_lead()
    act(lead, "call_made", 40, "phone")
    for days_ago in (20, 9, 3):
        act(lead, "email_replied", days_ago)
    enter_stage(lead, "engaged", "answers", now=NOW - 20 * DAY)
    row = journey_of(lead)
    assert (row.interactions, row.touchpoints, row.channels) == (4, 4, ["email", "phone"])
    # recency 1 - 3/30, frequency 4/10, diversity 2/5
    assert row.engagement == 3600 + 1600 + 800
    assert row.trend == "increasing"
    # 3 of 90 days silent, increasing, engagement 0.6
    assert row.churn_risk == 200 + 0 + 600
    assert row.milestones["first_contact"] == (NOW - 40 * DAY).isoformat()
    assert row.milestones["customer"] is None
    assert row.deviation == {"skipped": ["contacted", "qualified"], "back": []}
    assert row.last_activity_at == NOW - 3 * DAY
    assert {each["name"] for each in row.insights} == {
        "multi_channel",
        "reply_waits",
        "no_consent",
    }
    assert row.next_action["name"] == "answer"
    assert row.counts["email_replied"] == 3


def test_what_is_hot_and_what_qualifies_is_what_was_set(by_hand):
    lead = new_lead(first_name="Eve", phone="+3312345678", lead_score=65, temperature="hot")
    row = journey_of(lead)
    assert "hot_not_contacted" in {each["name"] for each in row.insights}
    by_hand.clinic.settings = {"lifecycle": {"qualified_at": 66}}
    lead.temperature = "warm"
    row = journey_of(lead)
    assert "hot_not_contacted" not in {each["name"] for each in row.insights}
    assert row.next_action["reason"].endswith("and they may not be written to")
    by_hand.clinic.settings = {"lifecycle": {"qualified_at": 65}}
    assert journey_of(lead).next_action["reason"].startswith("lead score 65")


def test_who_booked_was_in_touch(by_hand):
    lead = new_lead(phone="+3312345678", lead_score=82, temperature="hot")
    act(lead, "appointment_booked", 2, "web")
    row = journey_of(lead)
    assert "hot_not_contacted" not in {each["name"] for each in row.insights}
    assert "nobody has been in touch" not in row.next_action["reason"]


def test_what_the_visitor_did_before_and_after_belongs_to_the_journey(clinic):
    lead = new_lead()
    visitor = UUID(int=9, version=4)
    for days_ago in (60, 2):
        at = NOW - days_ago * DAY
        for type in ("page_viewed", "cost_calculator"):
            record_interaction(
                type, site=clinic.site, identity=Identity(visitor), data={}, occurred_at=at, now=at
            )
    link = {"visitor_id": visitor, "starts_at": NOW - 61 * DAY, "ends_at": NOW - DAY}
    db.session.add(LeadVisitor(lead_id=lead.id, **link))
    record_interaction(
        "page_viewed", site=clinic.site, identity=Identity(visitor), occurred_at=NOW, now=NOW
    )
    row = journey_of(lead)
    assert row.counts["cost_calculator"] == 2
    assert row.counts["page_viewed"] == 2  # the one of today is somebody else's
    assert row.touchpoints == 2  # visits
    assert row.started_at == NOW - 60 * DAY
    assert "revived" in {each["name"] for each in row.insights}


def test_a_silence_ends_with_the_first_act_after_it(clinic):
    lead = new_lead(days_ago=70)
    for days_ago in (60.5, 60, 5, 4.9, 1):
        act(lead, "email_replied", days_ago)
    [told] = [each for each in journey_of(lead).insights if each["name"] == "revived"]
    assert told["evidence"] == "5 days ago, after 55 days of silence"


def test_one_lead_some_and_all_are_read_alike(clinic):
    leads = [new_lead(n) for n in range(3)]
    for n, lead in enumerate(leads):
        visitor = UUID(int=n + 20, version=4)
        record_interaction(
            "page_viewed", site=clinic.site, identity=Identity(visitor), occurred_at=NOW, now=NOW
        )
        db.session.add(LeadVisitor(lead_id=lead.id, visitor_id=visitor, starts_at=NOW - DAY))
        act(lead, "email_sent", n + 1)
    db.session.flush()

    def read(lead_ids):
        every = acts(lead_ids)
        return sorted(db.session.execute(select(every.c.lead_id, every.c.id)).tuples())

    ids = [lead.id for lead in leads]
    assert read(None) == read(ids) == sorted(row for i in ids for row in read([i]))
    assert len(read(None)) == db.session.query(Interaction).count()


def test_a_journey_of_nothing_says_so(clinic):
    row = journey_of(new_lead(days_ago=0))
    assert (row.interactions, row.engagement, row.trend) == (0, 0, "stable")
    assert row.last_activity_at is None
    assert row.predicted_value is None
    assert "30 needed" in row.predicted_because


def test_many_leads_take_as_many_queries_as_one(clinic):
    leads = [new_lead(n) for n in range(12)]
    for lead in leads:
        act(lead, "email_replied", 3)
        score_lead(lead, reason="test", now=NOW)
    refresh_journeys(leads, now=NOW)

    def reads(some):
        statements = []

        def note(conn, cursor, statement, *rest):
            statements.append(statement)

        db.session.flush()
        event.listen(db.engine, "before_cursor_execute", note)
        refresh_journeys(some, now=NOW)
        event.remove(db.engine, "before_cursor_execute", note)
        return sum(s.lstrip().startswith("SELECT") for s in statements)

    assert reads(leads) == reads(leads[:1])


def win(n, value):
    lead = new_lead(n)
    act(lead, "call_made", 30, "phone")
    enter_stage(lead, "contacted", now=NOW - 29 * DAY)
    enter_stage(lead, "customer", "bought", now=NOW - 20 * DAY)
    act(lead, "purchase_made", 20, revenue=value)
    score_lead(lead, reason="test", now=NOW)
    refresh_journeys([lead], now=NOW)  # as wherever a purchase is told of
    return lead


def test_the_past_teaches_paths_values_and_chances(by_hand):
    for n in range(30):
        win(n, 100_000)
    losing = [new_lead(n + 100) for n in range(10)]
    for lead in losing:
        act(lead, "call_made", 20, "phone")
        score_lead(lead, reason="test", now=NOW)
    history = learn_history(now=NOW)
    assert history.usual == ("new", "contacted", "customer")
    assert (history.customers, history.mean_value) == (30, 100_000)
    assert history.likelihood("new") == 30 / 40
    assert history.likelihood("lost") == 0
    assert history.likelihood("customer") is None
    assert history.outcomes["new"]["call"].cases == 40
    assert history.outcomes["new"]["call"].moved_on == 30
    assert won().to_json() == history.to_json()
    assert Won.from_json(history.to_json()).to_json() == history.to_json()
    segments = {name: n for name, (n, _) in history.by_segment.items()}
    row = journey_of(losing[0])
    same = segments.get("Standard", 0)
    assert (row.predicted_value is not None) == (same >= 30)


def test_moving_on_later_than_two_weeks_is_not_its_doing(by_hand):
    lead = new_lead()
    act(lead, "call_made", 40, "phone")
    enter_stage(lead, "contacted", now=NOW - 20 * DAY)
    act(lead, "email_sent", 19)
    enter_stage(lead, "lost", now=NOW - 18 * DAY)
    found = count_won(NOW).outcomes
    assert (found["new"]["call"].cases, found["new"]["call"].moved_on) == (1, 0)
    assert (found["contacted"]["write"].cases, found["contacted"]["write"].moved_on) == (1, 0)


def test_a_contact_is_no_failure_before_it_has_had_its_two_weeks(by_hand):
    for n, days_ago in enumerate((20, 13, 1)):
        act(new_lead(n), "call_made", days_ago, "phone")
    assert count_won(NOW).outcomes == {"new": {"call": Outcome(1, 0)}}
    assert count_won(NOW + DAY).outcomes == {"new": {"call": Outcome(2, 0)}}


def test_calls_that_nobody_answered_are_cases_of_calling(by_hand):
    for n, kinds in enumerate((("call_unanswered", "call_made"), ("call_unanswered",))):
        lead = new_lead(n)
        for days_ago, kind in zip((40, 39), kinds, strict=False):
            act(lead, kind, days_ago, "phone")
        if n == 0:
            enter_stage(lead, "qualified", "agreed", now=NOW - 38 * DAY)
    assert count_won(NOW).outcomes == {"new": {"call": Outcome(3, 2)}}


def test_an_unanswered_call_is_told_and_counts_for_nothing_else(by_hand):
    lead = new_lead()
    act(lead, "email_opened", 9)
    before = journey_of(lead)
    measured = ("engagement", "churn_risk", "trend", "touchpoints", "channels", "milestones")
    measured += ("last_activity_at", "parts")
    told = {name: getattr(before, name) for name in measured}
    for days_ago in (3, 2):
        act(lead, "call_unanswered", days_ago, "phone")
    row = journey_of(lead)
    assert {name: getattr(row, name) for name in measured} == told
    assert (row.interactions, row.counts["call_unanswered"]) == (3, 2)
    assert row.milestones["first_contact"] is None


@pytest.mark.parametrize(
    ("reached", "calls"),
    [
        (None, 3),
        ("email_opened", 3),
        ("page_viewed", 3),
        ("email_sent", 1),
        ("sms_replied", 1),
        ("call_made", 1),
        ("appointment_booked", 1),
    ],
)
def test_calls_without_an_answer_are_counted_since_anybody_was_reached(by_hand, reached, calls):
    lead, other = new_lead(), new_lead(1)
    act(other, "call_unanswered", 1, "phone")
    for days_ago in (9, 8, 2):
        act(lead, "call_unanswered", days_ago, "phone")
    if reached:
        act(lead, reached, 5)
    known = known_of([lead.id, other.id], NOW)
    assert known[lead.id].unanswered_calls == calls
    assert known[other.id].unanswered_calls == 1


def test_the_next_action_follows_the_calls_in_vain(by_hand):
    lead = new_lead(phone="+33612345678")
    assert journey_of(lead).next_action["name"] == "call"
    act(lead, "call_unanswered", 1, "phone")
    assert journey_of(lead).next_action["name"] == "call_again"
    consent = {"kind": "email", "granted": True, "text": "Write", "text_version": "1"}
    db.session.add(Consent(lead_id=lead.id, given_at=NOW - 2 * DAY, **consent))
    act(lead, "call_unanswered", 0.5, "phone")
    assert journey_of(lead).next_action["name"] == "call_again"
    act(lead, "call_unanswered", 0.1, "phone")
    row = journey_of(lead)
    assert row.next_action["name"] == "write"
    assert "called 3 times without an answer" in row.next_action["reason"]
    assert "calls_unanswered" in {each["name"] for each in row.insights}
    act(lead, "email_sent", 0.05)
    assert journey_of(lead).next_action["name"] == "wait"


def consents(lead, kind, **days_ago):
    """Given and taken back, as many days ago."""
    for name, days in days_ago.items():
        text = {"text": "Write", "text_version": "1", "granted": name == "given"}
        db.session.add(Consent(lead_id=lead.id, kind=kind, given_at=NOW - days * DAY, **text))
    db.session.flush()


def next_of(lead) -> tuple[str, str]:
    action = journey_of(lead).next_action
    return action["name"], action["channel"]


def test_a_reply_is_answered_on_the_channel_that_it_came_by(by_hand):
    lead = new_lead(phone="+33612345678")
    act(lead, "email_replied", 5)
    act(lead, "sms_replied", 2, "sms")
    assert next_of(lead) == ("answer", "sms")
    consents(lead, "sms", given=9, taken=1)
    assert next_of(lead) == ("answer", "phone")
    consents(lead, "sms", given=0.5)
    assert next_of(lead) == ("answer", "sms")
    act(lead, "email_replied", 0.1)
    assert next_of(lead) == ("answer", "email")
    act(lead, "call_made", 0.1, "phone")
    assert next_of(lead)[0] == "wait"


def test_looks_at_prices_are_told_since_the_contact_the_purchase_or_the_end(by_hand):
    lead = new_lead(phone="+33612345678")
    act(lead, "call_made", 30, "phone")
    for days_ago in (15, 13, 5, 2):
        act(lead, "cost_calculator", days_ago, "web")
    act(lead, "quote_viewed", 2, "web")
    row = journey_of(lead)
    assert row.next_action["reason"] == "looked at prices 4 times within 14 days"
    act(lead, "email_sent", 2.5)
    row = journey_of(lead)
    assert row.next_action["name"] == "wait"
    assert "price_visits" in {each["name"] for each in row.insights}
    act(lead, "purchase_made", 2.2)
    assert "price_visits" not in {each["name"] for each in journey_of(lead).insights}


def test_who_was_lost_and_comes_back_is_called(by_hand):
    lead = new_lead(phone="+33612345678")
    act(lead, "page_viewed", 31, "web")
    act(lead, "email_replied", 31)
    enter_stage(lead, "lost", "too dear", now=NOW - 30 * DAY)
    assert next_of(lead) == ("leave_alone", "")
    for kind in ("email_opened", "email_sent", "form_dismissed"):
        act(lead, kind, 2)
    assert next_of(lead) == ("leave_alone", "")
    act(lead, "page_viewed", 1, "web")
    assert next_of(lead) == ("call", "phone")
    act(lead, "call_made", 0.5, "phone")
    assert next_of(lead) == ("wait", "")
    other = new_lead(1, phone="+33612345679")
    enter_stage(other, "lost", "said no", now=NOW - 2 * DAY)
    act(other, "call_made", 1.9, "phone")
    assert next_of(other) == ("leave_alone", "")


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("appointment_missed", "rebook"),
        ("appointment_cancelled", "rebook"),
        ("appointment_attended", "ask_next_step"),
    ],
)
def test_what_became_of_an_appointment_is_acted_upon_once(by_hand, kind, action):
    lead = new_lead(phone="+33612345678")
    enter_stage(lead, "engaged", "booked", now=NOW - 4 * DAY)
    act(lead, "appointment_booked", 4, "web")
    assert next_of(lead)[0] == "wait"
    act(lead, kind, 0.2, "web")
    assert next_of(lead) == (action, "phone")
    act(lead, "call_made", 0.1, "phone")
    assert next_of(lead)[0] == "wait"


def booked(lead, days, state="booked"):
    at = NOW + timedelta(days=days)
    times = {"starts_at": at, "ends_at": at + DAY / 24, "held_until": at + DAY / 24}
    names = {"title": "Peel", "clinic_name": "A", "practitioner_name": "B", "timezone": "UTC"}
    made = {"created_at": NOW - 9 * DAY, "updated_at": NOW - 9 * DAY}
    about = {"event_id": uuid4(), "lead_id": lead.id, "state": state, "contact": {}}
    db.session.add(Appointment(**about, **times, **names, **made))
    db.session.flush()


def test_appointments_that_are_over_are_told_from_those_to_come(by_hand):
    lead = new_lead(phone="+33612345678")
    act(lead, "call_made", 9, "phone")
    booked(lead, 5)
    booked(lead, -3, "missed")
    assert next_of(lead)[0] == "wait"
    booked(lead, -2)
    booked(lead, -1)
    assert next_of(lead) == ("note_attendance", "")
    known = known_of([lead.id], NOW)[lead.id]
    assert known.next_appointment_at == NOW + 5 * DAY
    assert known.unclosed_appointment_at == NOW - DAY
    booked(lead, 2)
    assert next_of(lead) == ("prepare_appointment", "")


def test_a_customer_is_cared_for_within_a_month_of_the_newest_purchase(by_hand):
    lead = new_lead(phone="+33612345678", days_ago=900)
    enter_stage(lead, "customer", "bought", now=NOW - 800 * DAY)
    act(lead, "purchase_made", 800, revenue=100)
    assert next_of(lead)[0] == "wait"
    act(lead, "purchase_made", 5, revenue=100)
    assert next_of(lead) == ("ask_how_it_went", "phone")
    act(lead, "call_made", 1, "phone")
    assert next_of(lead)[0] == "wait"


def test_what_moves_a_lead_by_itself_counts_to_the_stage_it_ended(clinic):
    for n, then in enumerate((None, "qualified", "lost")):
        lead = new_lead(n)
        log_engagement(lead, "call_made", user_id=None, now=NOW - 40 * DAY)
        assert lead.stage == "contacted"
        if then:
            enter_stage(lead, then, now=NOW - 35 * DAY)
    meeting = new_lead(9)
    log_engagement(meeting, "meeting_scheduled", user_id=None, now=NOW - 40 * DAY)
    assert meeting.stage == "engaged"
    outcomes = count_won(NOW).outcomes
    assert outcomes == {"new": {"call": Outcome(3, 1), "book_meeting": Outcome(1, 0)}}


def test_leads_that_just_came_do_not_lower_the_chance(by_hand):
    for n in range(3):
        win(n, 100_000)
    for n in range(10, 15):
        new_lead(n, days_ago=29)
    new_lead(20, days_ago=31)
    assert count_won(NOW).likelihood("new") == 3 / 4
    assert count_won(NOW + 2 * DAY).likelihood("new") == 3 / 9


def test_of_what_an_earlier_release_learned_the_rest_is_kept():
    learned = {"usual": ["new", "customer"], "by_segment": {}, "reached": {"customer": 3}}
    history = Won.from_json(learned | {"outcomes": {"new": {"call": [9, 3]}}})
    assert (history.customers, history.likelihood("new"), history.stays) == (3, None, {})


def test_withdrawn_consent_counts_as_none(clinic):
    lead = new_lead()
    for granted, days_ago in ((True, 9), (False, 2)):
        db.session.add(
            Consent(
                lead_id=lead.id,
                kind="email",
                granted=granted,
                text="",
                text_version="1",
                given_at=NOW - days_ago * DAY,
            )
        )
    db.session.flush()
    assert known_of([lead.id], NOW)[lead.id].consents == set()
