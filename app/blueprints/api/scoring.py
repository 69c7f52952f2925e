"""Lead scores for programs (api.md, "Lead tracking")."""

from typing import Annotated, Any

import msgspec
from flask import request, url_for
from sqlalchemy import select

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import RowId, commit, iso, read_json, shaped
from app.blueprints.api.own_lead import held_or_404, lead_or_404
from app.caller import caller_id, changes_leads, own_leads_of
from app.clock import utc_now
from app.domain.score import round_half_up
from app.errors import ApiError, invalid
from app.extensions import db
from app.jobs.score_leads import KIND, REASON
from app.models import Lead, LeadScore
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.lock_lead import lock_leads
from app.operations.scoring.score_lead import score_lead
from app.operations.scoring.score_leads import count_leads, keep_changed_scores
from app.operations.start_job import start_job

PREFIX = "/api/lead-tracking/scoring"
AT_ONCE = 1000


class Bulk(msgspec.Struct):
    """Which leads to score; all of them without `lead_ids`."""

    lead_ids: Annotated[list[RowId], msgspec.Meta(min_length=1)] | None = None


@blueprint.post(f"{PREFIX}/<int:lead_id>/calculate")
@role("agent")
@changes_leads
def calculate_score(lead_id):
    """Calculates a lead's score now and keeps it."""
    lead, now = held_or_404(lead_id), utc_now()
    row = score_lead(lead, reason="calculated by request", now=now)
    refresh_journeys([lead], now=now)
    commit()
    return {"success": True, "lead_id": lead_id, "score": told(row)}


@blueprint.get(f"{PREFIX}/<int:lead_id>")
@role("agent")
def lead_score(lead_id):
    """A lead's score as it was calculated last, taken apart."""
    lead_or_404(lead_id)
    wanted = select(LeadScore).where(LeadScore.lead_id == lead_id, LeadScore.is_current)
    row = db.session.scalar(wanted)
    if row is None:
        raise ApiError(404, "This lead has not been scored yet; calculate it.", "not_scored")
    return {"success": True, "lead_id": lead_id, "score": told(row)}


@blueprint.post(f"{PREFIX}/bulk-calculate")
@role("agent")
@changes_leads
def bulk_calculate():
    """Calculates many leads: at once up to 1,000, beyond that as a job whose progress can be
    followed. Either way only a score that changed becomes a line of its history."""
    body = shaped(_body(), Bulk)
    if own_leads_of() is not None:
        raise ApiError(403, "Only admins score leads that are not their own.")
    ids = None if body.lead_ids is None else _known(body.lead_ids)
    if (count_leads() if ids is None else len(ids)) > AT_ONCE:
        return _as_job({} if ids is None else {"lead_ids": ids})
    lock_leads()
    leads, now = _leads(ids), utc_now()
    scores = keep_changed_scores(leads, reason=REASON, now=now)
    refresh_journeys(leads, now=now)
    commit()
    return {
        "success": True,
        "calculated": len(scores),
        "scores": [
            {
                "lead_id": lead_id,
                "total_score": float(score.total),
                "grade": score.grade,
                "temperature": score.temperature,
            }
            for lead_id, score in scores
        ],
    }


def _body() -> Any:
    return read_json() if request.get_data() else {}


def _as_job(arguments: dict):
    job = start_job(KIND, arguments, user_id=caller_id(), now=utc_now())
    commit()
    return {
        "success": True,
        "job": {"id": job.id, "state": job.state, "progress": 0},
        "status": url_for("api.job_status", job_id=job.id),
    }, 202


def _known(ids: list[int]) -> list[int]:
    """These ids, each once. Raises ApiError 422 naming those of no lead."""
    wanted = select(Lead.id).where(Lead.erased_at.is_(None))
    if len(ids) <= AT_ONCE:
        wanted = wanted.where(Lead.id.in_(ids))
    if missing := sorted(set(ids) - set(db.session.scalars(wanted))):
        some = ", ".join(map(str, missing[:10]))
        raise invalid({"lead_ids": f"There are no leads with these ids: {some}."})
    return sorted(set(ids))


def _leads(ids: list[int] | None) -> list[Lead]:
    wanted = select(Lead).where(Lead.erased_at.is_(None)).order_by(Lead.id)
    return list(db.session.scalars(wanted if ids is None else wanted.where(Lead.id.in_(ids))))


def told(row: LeadScore) -> dict:
    """A score as programs get it: `total_score` to two decimals, `shown` as people see it, and
    `explain`, whose points sum to the total."""
    factors = row.score_factors
    return {
        "total_score": float(row.total_score),
        "shown": round_half_up(row.total_score),
        "undecayed_score": float(row.undecayed_score),
        "grade": row.grade,
        "temperature": row.temperature,
        "components": {n: v for n, v in factors.items() if n in factors["weights"]},
        "score_factors": factors,
        "explain": row.contributions,
        "rules_version": row.rules_version,
        "reason": row.reason,
        "calculated_at": iso(row.calculated_at),
    }
