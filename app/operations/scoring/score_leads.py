"""Work out the scores of many leads at once: by the same facts and rules as of one lead."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

import msgspec
from sqlalchemy import Row, bindparam, func, select, update

from app.domain.scoring.lead_score import LeadScore as Scored
from app.domain.scoring.lead_score import score_lead as scored
from app.extensions import db
from app.models import Lead, LeadScore, bulk
from app.models.types import to_millis
from app.queries.scoring.lead_facts import facts_of, facts_of_all, lead_rules
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
AT_ONCE = 1000
encode = msgspec.json.Encoder(decimal_format="number").encode


@contextmanager
def _no_search_for_cycles():
    """Scores refer to nothing that refers back to them: looking through all of them again and
    again, as they grow in number, took a third of the time."""
    searches = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searches:
            gc.enable()


def changed_scores(now: datetime) -> Iterator[tuple[int, Scored | None]]:
    """Every lead with its score as it would be now; None in place of one that is what it was, or
    that somebody has scored meanwhile.

    The log is read set-based, a few queries for all leads, when it begins. Nothing is written, and
    whoever asks may write and commit in between: the scores come as they are asked for, and are
    kept by `keep_read_scores`.
    """
    with _no_search_for_cycles():
        yield from _changed_scores(now)


def _changed_scores(now: datetime) -> Iterator[tuple[int, Scored | None]]:
    rules = lead_rules()
    for some in _parts_of(facts_of_all(rules, now)):
        before = _current([lead.id for lead, _ in some], LeadScore.calculated_at)
        for lead, facts in some:
            score, was = scored(facts, rules), before.get(lead.id)
            overtaken = was is not None and was.calculated_at > now
            yield lead.id, None if overtaken or _is_same(score, was) else score


def _parts_of(found: Iterator[tuple]) -> Iterator[list[tuple]]:
    while part := list(islice(found, AT_ONCE)):
        yield part


def scores_of(leads: Sequence[Lead], now: datetime) -> list[tuple[int, Scored]]:
    """These leads with their scores as they would be now; nothing is written."""
    rules = lead_rules()
    return [(lead.id, scored(facts, rules)) for lead, facts in facts_of(leads, rules, now)]


@_no_search_for_cycles()
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


def newest_score() -> int:
    """The id of the score that was kept last of all leads; 0 where there is none."""
    return db.session.scalar(select(func.max(LeadScore.id))) or 0


def keep_read_scores(
    scores: Sequence[tuple[int, Scored]], *, newest: int, reason: str, now: datetime
) -> None:
    """Keeps scores that were worked out after `newest` was the newest of all, but for those of
    leads that somebody has scored since, who knew more. For whoever holds the leads
    (`lock_leads`)."""
    before = _current([lead_id for lead_id, _ in scores], LeadScore.id)
    overtaken = {lead_id for lead_id, row in before.items() if row.id > newest}
    keep_scores([each for each in scores if each[0] not in overtaken], reason=reason, now=now)


def keep_changed_scores(
    leads: Sequence[Lead], *, reason: str, now: datetime
) -> list[tuple[int, Scored]]:
    """Scores these leads; only what changed, be it a part that a cap took away again, becomes a
    line of the history. The scores of all of them."""
    scores = scores_of(leads, now)
    before = _current([lead.id for lead in leads], LeadScore.contributions)
    changed = [
        (lead_id, score)
        for lead_id, score in scores
        if not _is_same(score, row := before.get(lead_id)) or row.contributions != _parts(score)
    ]
    keep_scores(changed, reason=reason, now=now)
    for lead in leads:
        db.session.expire(lead, ("lead_score", "grade", "temperature"))
    return scores


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
        encode(score.contributions).decode(),
        score.version,
        reason,
        at,
        True,
    )


def _parts(score: Scored) -> list[dict]:
    return [part.to_json() for part in score.contributions]


def _current(lead_ids: Sequence[int], *more) -> dict[int, Row]:
    rows = db.session.execute(
        select(
            LeadScore.lead_id,
            LeadScore.total_score,
            LeadScore.undecayed_score,
            LeadScore.score_factors,
            LeadScore.rules_version,
            *more,
        ).where(
            LeadScore.organization_id == acting_organization_id(),
            LeadScore.is_current,
            LeadScore.lead_id.in_(lead_ids),
        )
    )
    return {row.lead_id: row for row in rows}


def _is_same(score: Scored, before: Row | None) -> bool:
    return before is not None and (
        (score.total, score.undecayed, score.version)
        == (before.total_score, before.undecayed_score, before.rules_version)
        and score.score_factors() == before.score_factors
    )
