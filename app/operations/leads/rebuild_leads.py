"""Derive again from the log what is kept of leads: stages, conversions and their credit, first and
last touch; and bring scores and journeys up to date."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from app.domain.score import round_half_up
from app.extensions import db
from app.models import Lead, LeadLifecycle, LeadScore
from app.operations.attribution.keep_conversions import changes, forget_conversions
from app.operations.attribution.put_credit_right import CALCULATIONS, put_credit_right
from app.operations.attribution.set_touches import retell_touches
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.put_stages_right import EVER, put_stages_right
from app.operations.scoring.score_leads import keep_changed_scores, keep_scores, scores_of
from app.operations.tracking.track import lock_log
from app.queries.journeys.won import Won
from app.queries.scoring.lead_facts import last_signs_of_life
from app.tenancy import acting_organization_id

STAGE, TOUCHES, SCORE = "leads.stage", "leads.touches", "leads.score"
HEARD_FROM = "leads.last_engaged_at"
STAYS = LeadLifecycle.__tablename__
REASON = "derived again from the log"


def rebuild_leads(
    after: int, count: int, *, now: datetime, history: Won | None = None
) -> tuple[Counter, int, int | None]:
    """Brings the next leads after an id in line with the log, those erased left out. Not committed.

    Returns how much differed by what it is of (a table, or a column of the leads), how many leads
    there were, and the id to go on from, None at the end. Scores and journeys change as time
    passes, so that they are renewed and not counted; what a lead shows of its score is.
    Let `catch_up` take in first what visitors just did: that differs rightly.
    """
    leads = _next(after, count)
    differing: Counter = Counter()
    if leads:
        _put_right(leads, differing, now)
        _put_scores_right(leads, differing, now)
        refresh_journeys(leads, now=now, history=history)
    return +differing, len(leads), leads[-1].id if len(leads) == count else None


def rebuild_lead(lead: Lead, *, taken_at: datetime, reason: str, now: datetime) -> None:
    """Brings one lead in line with the log, of which something was taken away that happened at
    `taken_at`; `reason` is that of the new score. To be called by whoever holds the lead."""
    _put_right([lead], Counter(), now, doubted=taken_at)
    keep_changed_scores([lead], reason=reason, now=now)
    refresh_journeys([lead], now=now)


def _next(after: int, count: int) -> list[Lead]:
    """Held until the transaction ends, as `lock_lead` does for one."""
    lock_log(db.session.connection(), acting_organization_id())
    wanted = select(Lead).where(Lead.id > after, Lead.erased_at.is_(None))
    fresh = wanted.execution_options(populate_existing=True)
    return list(db.session.scalars(fresh.order_by(Lead.id).limit(count)))


def _put_right(
    leads: Sequence[Lead], differing: Counter, now: datetime, doubted: datetime | None = None
):
    lead_ids = [lead.id for lead in leads]
    signs, conversions = last_signs_of_life(lead_ids), []
    for lead in leads:
        since = _not_looked_at(lead, signs, differing)
        retold = put_stages_right(lead, since=since, doubted=doubted)
        gone, wanted = changes(lead, retold.before, retold.told, retold.acts, EVER)
        differing[CALCULATIONS] += forget_conversions(lead.id, gone)
        differing[STAYS] += retold.differing
        differing[STAGE] += retold.moved
        differing[TOUCHES] += retell_touches(lead)
        conversions += wanted
    db.session.flush()
    differing += put_credit_right(lead_ids, conversions, now=now)


def _not_looked_at(
    lead: Lead, signs: Mapping[int, datetime], differing: Counter
) -> datetime | None:
    """From when on the log holds signs of life that nobody has looked at yet."""
    heard, sign = lead.last_engaged_at, signs.get(lead.id)
    if sign is None or (heard is not None and heard >= sign):
        return None
    lead.last_engaged_at = sign
    differing[HEARD_FROM] += 1
    return heard or EVER


def _put_scores_right(leads: Sequence[Lead], differing: Counter, now: datetime):
    """Scores the leads anew, and first those that show another score than is kept of them."""
    wanted = select(LeadScore).where(
        LeadScore.lead_id.in_([lead.id for lead in leads]), LeadScore.is_current
    )
    kept = {row.lead_id: _shown(row) for row in db.session.scalars(wanted)}
    wrong = [lead for lead in leads if kept.get(lead.id, _shows(lead)) != _shows(lead)]
    differing[SCORE] += len(wrong)
    keep_scores(scores_of(wrong, now), reason=REASON, now=now)
    for lead in wrong:
        db.session.expire(lead, ("lead_score", "grade", "temperature"))
    keep_changed_scores(leads, reason=REASON, now=now)


def _shown(row: LeadScore) -> tuple:
    return round_half_up(row.total_score), row.grade, row.temperature


def _shows(lead: Lead) -> tuple:
    return lead.lead_score, lead.grade, lead.temperature
