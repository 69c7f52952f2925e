"""Scored acts with the facts they were scored by, person by person, for trying other rules on
them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.domain.scoring.interaction_score import act_facts
from app.domain.scoring.session_score import DEFAULT_SESSION_RULES
from app.domain.tracking.visit import Act as VisitAct
from app.domain.tracking.visit import Origin, begin, fold
from app.extensions import db
from app.models import Interaction, VisitorSession
from app.models.types import to_millis
from app.queries.scoring.outcomes import NOTHING, Outcome, of_leads, of_visitors

COLUMNS = (
    Interaction.id,
    Interaction.visitor_id,
    Interaction.visitor_session_id,
    Interaction.lead_id,
    Interaction.type,
    Interaction.occurred_at,
    Interaction.score,
    Interaction.data,
    Interaction.context,
)
SCORED = Interaction.score.is_not(None)


@dataclass(frozen=True, slots=True)
class ScoredAct:
    """An act as it was scored: `version` of the rules gave it `points` for these `facts`.

    `told_anew`: its circumstances were not kept with it and are worked out from the log.
    """

    id: int
    type: str
    at: datetime
    points: int
    version: int | None
    facts: dict
    told_anew: bool = False


@dataclass(slots=True)
class Actor:
    """A visitor (or, of acts that no visit holds, a lead) with their scored acts, oldest first."""

    visitor_id: UUID | None
    outcome: Outcome = NOTHING
    acts: list[ScoredAct] = field(default_factory=list)


def newest_id() -> int:
    """The id up to which the log goes now."""
    return db.session.scalar(select(func.max(Interaction.id))) or 0


def count(since: datetime | None, until_id: int) -> int:
    """How many scored acts there are since a moment."""
    return db.session.scalar(select(func.count()).where(*_within(since, until_id)))


def since_the_last(wanted: int, until_id: int) -> datetime | None:
    """The moment since which there are that many scored acts; None when there are fewer."""
    by_time = select(Interaction.occurred_at).where(SCORED, Interaction.id <= until_id)
    by_time = by_time.order_by(Interaction.occurred_at.desc())
    return db.session.scalar(by_time.offset(wanted - 1).limit(1))


def actors(
    after: UUID | None, since: datetime | None, until_id: int, at_once: int
) -> tuple[list[Actor], UUID | None]:
    """The next visitors by id with their scored acts since a moment, and from where to go on
    (None: these were the last)."""
    wanted = select(Interaction.visitor_id).where(
        *_within(since, until_id), Interaction.visitor_id.is_not(None)
    )
    if after is not None:
        wanted = wanted.where(Interaction.visitor_id > after)
    wanted = wanted.group_by(Interaction.visitor_id).order_by(Interaction.visitor_id)
    ids = list(db.session.scalars(wanted.limit(at_once)))
    # Earlier acts are read too: those whose circumstances were not kept count them.
    rows = db.session.execute(
        select(*COLUMNS)
        .where(Interaction.visitor_id.in_(ids), SCORED, Interaction.id <= until_id)
        .order_by(Interaction.visitor_id, Interaction.id)
    ).all()
    outcomes = of_visitors(ids)
    found = {i: Actor(i, outcomes.get(i, NOTHING)) for i in ids}
    for row, act in zip(rows, scored_acts(rows), strict=True):
        if since is None or row.occurred_at >= since:
            found[row.visitor_id].acts.append(act)
    return list(found.values()), ids[-1] if len(ids) == at_once else None


def acts_without_visitor(
    after: int, since: datetime | None, until_id: int, at_once: int
) -> list[Actor]:
    """The next scored acts by id that no visitor made: each by somebody of their own, or their
    lead."""
    rows = db.session.execute(
        select(*COLUMNS)
        .where(*_within(since, until_id), Interaction.visitor_id.is_(None), Interaction.id > after)
        .order_by(Interaction.id)
        .limit(at_once)
    ).all()
    outcomes = of_leads({row.lead_id for row in rows} - {None})
    return [
        Actor(None, outcomes.get(row.lead_id, NOTHING), [act])
        for row, act in zip(rows, scored_acts(rows), strict=True)
    ]


def acts_by_id(ids: Iterable[int]) -> dict[int, ScoredAct]:
    """Scored acts by their ids."""
    rows = db.session.execute(
        select(*COLUMNS).where(Interaction.id.in_(set(ids)), SCORED).order_by(Interaction.id)
    ).all()
    return {act.id: act for act in scored_acts(rows)}


def _within(since: datetime | None, until_id: int) -> list:
    bounds = [SCORED, Interaction.id <= until_id]
    return bounds if since is None else [*bounds, Interaction.occurred_at >= since]


def scored_acts(rows: Sequence) -> list[ScoredAct]:
    """Rows of COLUMNS as acts with their facts."""
    bare = [row for row in rows if row.visitor_session_id and not _kept(row)]
    told = _told_anew(bare) if bare else {}
    return [
        ScoredAct(
            id=row.id,
            type=row.type,
            at=row.occurred_at,
            points=row.score,
            version=(row.context or {}).get("rules_version"),
            facts=act_facts(row.type, row.data, _kept(row) or told.get(row.id, {})),
            told_anew=row.id in told,
        )
        for row in rows
    ]


def _kept(row) -> dict | None:
    return (row.context or {}).get("facts")


def _told_anew(rows: Sequence) -> dict[int, dict]:
    """What was known around acts that were stored before it was kept, from the log."""
    visits = {
        visit.id: visit
        for visit in db.session.scalars(
            select(VisitorSession).where(
                VisitorSession.id.in_({row.visitor_session_id for row in rows})
            )
        )
    }
    log = _log_of(visits.keys())
    begun, earlier = _begun_by(rows), _ids_of_scored(rows)
    found = {}
    for row in rows:
        if visit := visits.get(row.visitor_session_id):
            found[row.id] = {
                "session": _session_then(visit, [a for i, a in log[visit.id] if i <= row.id]),
                "visitor": {
                    "sessions": sum(at <= row.occurred_at for at in begun[row.visitor_id]),
                    "earlier_high_intent": sum(i < row.id for i in earlier[row.visitor_id]),
                },
            }
    return found


def _session_then(visit: VisitorSession, acts: list[VisitAct]) -> dict:
    bare = begin(visit.id.bytes, visit.site_id, visit.visitor_id.bytes, 0, Origin())
    then = fold(bare, acts, lambda moment: DEFAULT_SESSION_RULES)  # its points are not asked for
    return {
        "engaged_seconds": then.engaged_seconds,
        "page_views": then.page_views,
        "channel": visit.channel,
        "device": visit.device,
    }


def _log_of(visit_ids: Iterable[UUID]) -> dict[UUID, list[tuple[int, VisitAct]]]:
    found = defaultdict(list)
    rows = db.session.execute(
        select(
            Interaction.visitor_session_id,
            Interaction.id,
            Interaction.type,
            Interaction.occurred_at,
            Interaction.important,
            Interaction.engaged_seconds,
        )
        .where(Interaction.visitor_session_id.in_(list(visit_ids)))
        .order_by(Interaction.id)
    )
    for visit_id, row_id, kind, at, important, engaged in rows:
        act = VisitAct(kind, to_millis(at), important, engaged)
        found[visit_id].append((row_id, act))
    return found


def _begun_by(rows: Sequence) -> dict[UUID, list[datetime]]:
    found = defaultdict(list)
    for visitor_id, at in db.session.execute(
        select(VisitorSession.visitor_id, VisitorSession.started_at).where(
            VisitorSession.visitor_id.in_({row.visitor_id for row in rows})
        )
    ):
        found[visitor_id].append(at)
    return found


def _ids_of_scored(rows: Sequence) -> dict[UUID, list[int]]:
    found = defaultdict(list)
    for visitor_id, row_id in db.session.execute(
        select(Interaction.visitor_id, Interaction.id).where(
            Interaction.visitor_id.in_({row.visitor_id for row in rows}), SCORED
        )
    ):
        found[visitor_id].append(row_id)
    return found
