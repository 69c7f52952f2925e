"""Work out a lead's five-component score again, and keep it with its reason."""

from datetime import datetime

from sqlalchemy import update

from app.domain.scoring.lead_score import score_lead as scored
from app.extensions import db
from app.models import Lead, LeadScore
from app.queries.scoring.lead_facts import facts_of, lead_rules


def score_lead(lead: Lead, *, reason: str, now: datetime) -> LeadScore:
    """Appends the lead's score as it is now, marks it current and copies it to the lead.

    `reason` says which engagement, stage or change of rules made it (scoring.md 3).
    """
    rules = lead_rules()
    [(_, facts)] = facts_of([lead], rules, now)
    score = scored(facts, rules)
    db.session.execute(
        update(LeadScore)
        .where(LeadScore.lead_id == lead.id, LeadScore.is_current)
        .values(is_current=False)
    )
    row = LeadScore(
        lead_id=lead.id,
        total_score=score.total,
        undecayed_score=score.undecayed,
        grade=score.grade,
        temperature=score.temperature,
        score_factors=score.score_factors(),
        contributions=[part.to_json() for part in score.contributions],
        rules_version=score.version,
        reason=reason,
        calculated_at=now,
        is_current=True,
    )
    db.session.add(row)
    lead.lead_score, lead.grade, lead.temperature = score.shown, score.grade, score.temperature
    return row
