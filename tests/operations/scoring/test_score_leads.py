"""Scoring many leads at once gives what scoring each by itself gives, by the same rules."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import event, select

from app.extensions import db
from app.identity import Identity
from app.models import Consent, Lead, LeadScore, LeadVisitor
from app.operations.leads.enter_stage import enter_stage
from app.operations.leads.let_go_silent import let_go_silent
from app.operations.scoring.score_lead import score_lead
from app.operations.scoring.score_leads import (
    changed_scores,
    count_leads,
    keep_changed_scores,
    keep_read_scores,
    keep_scores,
    newest_score,
)
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW

DAY = timedelta(days=1)
TYPES = ("email_opened", "email_replied", "call_made", "form_submitted", "purchase_made")


@pytest.fixture
def clinic(cast):
    with acting_for(cast.clinic):
        yield cast


def come(clinic, n: int) -> Lead:
    at = NOW - 3 * n * DAY
    lead = Lead(
        email=f"lead{n}@example.com",
        first_name="Ada" if n % 2 else None,
        location="Paris" if n % 3 else None,
        interests=["ipl"] if n % 4 else [],
        source="referral" if n % 2 else "website",
        created_at=at,
        updated_at=at,
    )
    db.session.add(lead)
    db.session.flush()
    enter_stage(lead, "new", now=at)
    for place in range(n):
        record_interaction(
            TYPES[(n + place) % len(TYPES)],
            site=None,
            lead_id=lead.id,
            channel="email",
            occurred_at=at + place * DAY,
            now=at + place * DAY,
        )
    visitor = UUID(int=n + 1, version=4)
    record_interaction(
        "page_viewed", site=clinic.site, identity=Identity(visitor), occurred_at=at, now=at
    )
    db.session.add(LeadVisitor(lead_id=lead.id, visitor_id=visitor, starts_at=at))
    agreed = {"kind": "email", "text": "", "text_version": "1", "given_at": at}
    db.session.add(Consent(lead_id=lead.id, granted=n % 2 == 0, **agreed))
    db.session.flush()
    return lead


@pytest.fixture
def leads(clinic):
    return [come(clinic, n) for n in range(9)]


def current() -> dict[int, tuple]:
    db.session.expire_all()
    rows = db.session.scalars(select(LeadScore).where(LeadScore.is_current))
    return {
        row.lead_id: (
            row.total_score,
            row.undecayed_score,
            row.grade,
            row.temperature,
            row.score_factors,
            row.contributions,
            row.rules_version,
        )
        for row in rows
    }


def score_all(reason="bulk"):
    changed = [each for each in changed_scores(NOW) if each[1] is not None]
    keep_scores(changed, reason=reason, now=NOW)
    return [lead_id for lead_id, _ in changed]


def test_all_at_once_is_one_by_one(leads):
    assert score_all() == [lead.id for lead in leads]
    at_once = current()
    shown = {lead.id: (lead.lead_score, lead.grade, lead.temperature) for lead in leads}
    for lead in leads:
        score_lead(lead, reason="alone", now=NOW)
    db.session.flush()
    assert current() == at_once
    assert shown == {lead.id: (lead.lead_score, lead.grade, lead.temperature) for lead in leads}
    assert len({total for total, *_ in at_once.values()}) > 5


def test_only_what_changed_becomes_history(leads):
    score_all()
    assert score_all("again") == []
    record_interaction(
        "email_replied", site=None, lead_id=leads[4].id, channel="email", now=NOW, occurred_at=NOW
    )
    assert score_all("again") == [leads[4].id]
    history = db.session.scalars(
        select(LeadScore).where(LeadScore.lead_id == leads[4].id).order_by(LeadScore.id)
    ).all()
    assert [(row.reason, row.is_current) for row in history] == [("bulk", False), ("again", True)]


def test_every_score_is_the_sum_of_what_made_it(leads):
    score_all()
    for row in db.session.scalars(select(LeadScore)):
        assert sum(Decimal(str(part["points"])) for part in row.contributions) == row.total_score


def test_erased_leads_are_left_alone(leads):
    leads[2].erased_at = NOW
    db.session.flush()
    assert count_leads() == 8
    assert leads[2].id not in score_all()


def test_however_many_leads_the_queries_are_as_few(clinic, leads):
    def reads():
        statements = []

        def note(conn, cursor, statement, *rest):
            statements.append(statement)

        db.session.flush()
        event.listen(db.engine, "before_cursor_execute", note)
        list(changed_scores(NOW))
        event.remove(db.engine, "before_cursor_execute", note)
        return len(statements)

    few = reads()
    for n in range(9, 30):
        come(clinic, n)
    assert reads() == few <= 8


def test_the_silent_are_let_go_and_the_others_stay(leads):
    for lead in leads[:3]:
        lead.created_at = NOW - 500 * DAY
        lead.last_engaged_at = NOW
    leads[1].last_engaged_at = NOW - 179 * DAY
    leads[2].last_engaged_at = NOW - 180 * DAY
    assert let_go_silent(leads, now=NOW) == 1
    assert [lead.stage for lead in leads[:3]] == ["new", "new", "churned"]
    assert let_go_silent(leads, now=NOW) == 0


def test_where_a_person_put_a_silent_lead_it_stays_until_it_is_silent_from_then(leads):
    for lead in leads[:2]:
        lead.last_engaged_at = NOW - 400 * DAY
        lead.created_at = NOW - 500 * DAY
    enter_stage(leads[0], "contacted", "spoke to them", now=NOW)
    assert let_go_silent(leads, now=NOW) == 1
    assert [lead.stage for lead in leads[:2]] == ["contacted", "churned"]
    enter_stage(leads[1], "contacted", "they called back", now=NOW + DAY)
    assert let_go_silent(leads[:2], now=NOW + DAY) == 0
    assert let_go_silent(leads[:2], now=NOW + 180 * DAY) == 1
    assert [lead.stage for lead in leads[:2]] == ["churned", "contacted"]


def test_nobody_is_silent_for_longer_than_they_have_been_a_lead(leads):
    leads[0].last_engaged_at, leads[0].created_at = NOW - 400 * DAY, NOW - DAY
    assert let_go_silent(leads, now=NOW) == 0


def test_an_organization_may_keep_the_silent(clinic, leads):
    clinic.clinic.settings = {"lifecycle": {"switched_off": ["silent"]}}
    leads[2].last_engaged_at = NOW - 999 * DAY
    assert let_go_silent(leads, now=NOW) == 0


def test_a_score_that_is_newer_than_what_was_read_stays(leads):
    score_lead(leads[0], reason="meanwhile", now=NOW + DAY)
    db.session.flush()
    scores = dict(changed_scores(NOW))
    assert scores[leads[0].id] is None
    assert all(scores[lead.id] for lead in leads[1:])


def test_who_was_scored_while_all_were_read_keeps_that_score(leads):
    newest, scores = newest_score(), list(changed_scores(NOW))
    record_interaction(
        "email_replied", site=None, lead_id=leads[0].id, channel="email", now=NOW, occurred_at=NOW
    )
    score_lead(leads[0], reason="meanwhile", now=NOW - timedelta(seconds=1))
    keep_read_scores(scores, newest=newest, reason="bulk", now=NOW)
    rows = db.session.scalars(select(LeadScore).where(LeadScore.is_current))
    assert {row.lead_id: row.reason for row in rows} == {
        lead.id: "bulk" if lead != leads[0] else "meanwhile" for lead in leads
    }


def test_all_of_some_leads_are_told_and_those_that_changed_are_kept(leads):
    some = leads[:3]
    keep_changed_scores(some, reason="once", now=NOW)
    told = keep_changed_scores(some, reason="twice", now=NOW)
    assert [lead_id for lead_id, _ in told] == [lead.id for lead in some]
    rows = db.session.scalars(select(LeadScore)).all()
    assert [row.reason for row in rows] == ["once"] * 3
