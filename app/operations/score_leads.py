"""Work out the scores of many leads at once: by the same facts and rules as of one lead."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Row, bindparam, func, select, update

from app.domain.lead_score import LeadScore as Scored
from app.domain.lead_score import score_lead as scored
from app.extensions import db
from app.models import Lead, LeadScore, bulk
from app.models.types import to_millis
from app.queries.lead_facts import facts_of, facts_of_all, lead_rules
from app.tenancy import acting_organization_id

COLUMNS = (
    "organization_id",
    "lead_id",
    "total_score",
    "undecayed_score",
    "grade",
    "temperature",
    "score_factors",
    "contributions",
    "rules_version",
    "reason",
    "calculated_at",
    "is_current",
)
encode = msgspec.json.Encoder().encode


def changed_scores(now: datetime) -> Iterator[tuple[int, Scored | None]]:
    """Every lead with its score as it would be now; None in place of one that is what it was.

    The log is read set-based, a few queries for all leads; nothing is written.
    """
    rules, before = lead_rules(), _current()
    for lead, facts in facts_of_all(rules, now):
        score = scored(facts, rules)
        yield lead.id, None if _is_same(score, before.get(lead.id)) else score


def scores_of(leads: Sequence[Lead], now: datetime) -> list[tuple[int, Scored]]:
    """These leads with their scores as they would be now; nothing is written."""
    rules = lead_rules()
    return [(lead.id, scored(facts, rules)) for lead, facts in facts_of(leads, rules, now)]


def keep_scores(scores: Sequence[tuple[int, Scored]], *, reason: str, now: datetime) -> None:
    """Appends the leads' scores, marks them current and copies them to the leads."""
    if not scores:
        return
    organization_id, connection = acting_organization_id(), db.session.connection()
    ids = [lead_id for lead_id, _ in scores]
    db.session.execute(
        update(LeadScore)
        .where(LeadScore.lead_id.in_(ids), LeadScore.is_current)
        .values(is_current=False)
        .execution_options(synchronize_session=False)
    )
    at = to_millis(now)
    rows = [_row(organization_id, *each, reason, at) for each in scores]
    bulk.insert(connection, LeadScore.__table__, rows, COLUMNS)
    leads = Lead.__table__
    connection.execute(
        leads.update()
        .where(leads.c.organization_id == organization_id, leads.c.id == bindparam("lead"))
        .values(
            lead_score=bindparam("shown"),
            grade=bindparam("its_grade"),
            temperature=bindparam("warmth"),
        ),
        [
            {"lead": n, "shown": s.shown, "its_grade": s.grade, "warmth": s.temperature}
            for n, s in scores
        ],
    )


def keep_changed_scores(leads: Sequence[Lead], *, reason: str, now: datetime) -> None:
    """Scores these leads; only a score that changed becomes a line of its history."""
    before = _current([lead.id for lead in leads])
    scores = scores_of(leads, now)
    changed = [each for each in scores if not _is_same(each[1], before.get(each[0]))]
    keep_scores(changed, reason=reason, now=now)
    for lead in leads:
        db.session.expire(lead, ("lead_score", "grade", "temperature"))


def count_leads() -> int:
    """How many leads there are to score."""
    return db.session.scalar(select(func.count()).select_from(Lead).where(Lead.erased_at.is_(None)))


def _row(organization_id: int, lead_id: int, score: Scored, reason: str, at: int) -> tuple:
    return (
        organization_id,
        lead_id,
        float(score.total),
        float(score.undecayed),
        score.grade,
        score.temperature,
        encode(score.score_factors()).decode(),
        encode([part.to_json() for part in score.contributions]).decode(),
        score.version,
        reason,
        at,
        True,
    )


def _current(lead_ids: Sequence[int] | None = None) -> dict[int, Row]:
    wanted = (
        select(
            LeadScore.lead_id,
            LeadScore.total_score,
            LeadScore.undecayed_score,
            LeadScore.score_factors,
            LeadScore.rules_version,
        )
        .where(LeadScore.organization_id == acting_organization_id())
        .where(LeadScore.is_current)
    )
    if lead_ids is not None:
        wanted = wanted.where(LeadScore.lead_id.in_(lead_ids))
    rows = db.session.execute(wanted)
    return {row.lead_id: row for row in rows}


def _is_same(score: Scored, before: Row | None) -> bool:
    return before is not None and (
        (score.total, score.undecayed, score.version)
        == (before.total_score, before.undecayed_score, before.rules_version)
        and score.score_factors() == before.score_factors
    )
