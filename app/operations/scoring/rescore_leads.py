"""Score leads by the interaction rules in force now; what they were scored before stays written."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select, update

from app.domain.scoring.interaction_score import engagement_level
from app.extensions import db
from app.models import Interaction, Lead, LeadScore
from app.queries.scoring.judge import Judge
from app.queries.scoring.scored_acts import ScoredAct, acts_by_id


def take_scored_act(lead: Lead, interaction: Interaction, judge: Judge) -> None:
    """Makes the act the one that the lead's interaction score and level are of."""
    lead.scored_interaction_id = interaction.id
    _score(lead, acts_by_id([interaction.id])[interaction.id], judge)


def rescore_leads(
    after: int, at_once: int, judge: Judge, *, now: datetime
) -> tuple[Counter, int | None]:
    """Scores the next leads by id; what became of them, and the id to go on from (None: none left).

    A lead whose score or level changed gets a line in its history that says why; the five
    components of its lead score do not depend on these rules and stay as they are.
    """
    act_of = func.coalesce(Lead.scored_interaction_id, Lead.interaction_id)
    leads = db.session.scalars(
        select(Lead)
        .where(Lead.id > after, Lead.erased_at.is_(None), act_of.is_not(None))
        .order_by(Lead.id)
        .limit(at_once)
    ).all()
    acts = acts_by_id(lead.scored_interaction_id or lead.interaction_id for lead in leads)
    counts = Counter(leads=0)
    for lead in leads:
        if act := acts.get(lead.scored_interaction_id or lead.interaction_id):
            counts["leads"] += 1
            counts.update(_rescore(lead, act, judge, now))
    db.session.flush()
    return counts, leads[-1].id if len(leads) == at_once else None


def count_leads() -> int:
    """How many leads there are to score."""
    act_of = func.coalesce(Lead.scored_interaction_id, Lead.interaction_id)
    scored = select(func.count()).where(Lead.erased_at.is_(None), act_of.is_not(None))
    return db.session.scalar(scored)


def _rescore(lead: Lead, act: ScoredAct, judge: Judge, now: datetime) -> list[str]:
    before = lead.interaction_score, lead.engagement_level
    _score(lead, act, judge)
    after = lead.interaction_score, lead.engagement_level
    if before == after:
        return []
    # Of leads made before this score was kept nothing but the level is known.
    points = act.points if before[0] is None else before[0]
    if (points, before[1]) == after:
        return []
    _keep_history(lead, points, before[1], judge.rule_set.version, now)
    moved = f"{before[1] or 'none'} to {after[1]}"
    return ["changed", moved] if before[1] != after[1] else ["changed"]


def _score(lead: Lead, act: ScoredAct, judge: Judge):
    lead.interaction_score = judge.points(act)
    lead.engagement_level = engagement_level(lead.interaction_score, judge.rule_set)


def _keep_history(lead: Lead, points: int, level: str | None, version: int, now: datetime):
    """The current line again, with the reason of the change."""
    current = db.session.scalar(
        select(LeadScore).where(LeadScore.lead_id == lead.id, LeadScore.is_current)
    )
    if current is None:
        return
    told = f"interaction score {points} → {lead.interaction_score}"
    if level != lead.engagement_level:
        told += f", engagement {level or 'none'} → {lead.engagement_level}"
    kept = {name: getattr(current, name) for name in COPIED}
    db.session.execute(update(LeadScore).where(LeadScore.id == current.id).values(is_current=False))
    reason = f"rules version {version} published: {told}"
    db.session.add(LeadScore(**kept, reason=reason, calculated_at=now, is_current=True))


COPIED = (
    "lead_id",
    "total_score",
    "undecayed_score",
    "grade",
    "temperature",
    "score_factors",
    "contributions",
    "rules_version",
)
