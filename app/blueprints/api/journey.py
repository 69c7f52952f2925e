"""Journeys for programs (api.md, "Lead tracking")."""

from datetime import datetime

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import iso
from app.blueprints.api.bottlenecks import bottlenecks_told
from app.blueprints.api.own_lead import lead_or_404, major, mean_amount
from app.blueprints.api.parameters import Query, among, asked, asked_period, takes, usual_period
from app.clock import utc_now
from app.domain.journeys.activity import KINDS, summaries
from app.domain.tracking.event import NO_ENGAGEMENTS
from app.errors import ApiError
from app.models import LeadJourney
from app.queries.journeys import lead_analytics
from app.queries.journeys.activity import known_of_lead
from app.queries.leads.stays import stays_told

PREFIX = "/api/lead-tracking/journey"


@blueprint.get(f"{PREFIX}/<int:lead_id>")
@role("agent")
@takes(Query("activity", "The activity by.", among(*KINDS), default="weekly"))
def lead_journey(lead_id):
    """A lead's whole journey: measures, milestones, stages, insights, what to do next."""
    lead, now = lead_or_404(lead_id), utc_now()
    row = lead_analytics.journey(lead_id)
    if row is None:
        message = "This lead's journey is worked out with its next engagement, or tonight."
        raise ApiError(404, message, "no_journey_yet")
    kind = asked("activity")
    since = KINDS[kind].first(now.date())
    activity = summaries(*known_of_lead(lead_id, since), kind, now.date())
    stays = stays_told(lead_id, now)
    return {
        "success": True,
        "lead_id": lead_id,
        "journey": told(row)
        | {
            "current_stage": lead.stage,
            "completed_stages": list(dict.fromkeys(s.row.stage for s in stays if s.row.exited_at)),
            "stages": [
                {
                    "stage": stay.row.stage,
                    "entered_at": iso(stay.row.entered_at),
                    "exited_at": iso(stay.row.exited_at),
                    "duration_days": stay.duration_days,
                }
                for stay in stays
            ],
            "activity": [each.to_json() for each in activity],
        },
    }


@blueprint.get(f"{PREFIX}/stats/overview")
@role("analyst")
@takes(*usual_period(90))
def journey_overview():
    """The health of all journeys of the leads that came in a period."""
    period, now = asked_period(), utc_now()
    groups = lead_analytics.health(period)
    count = sum(each.journeys for each in groups)

    def mean(name: str) -> float | None:
        total = sum(getattr(each, name) * each.journeys for each in groups)
        return round(total / count, 4) if count else None

    revenue = sum(each.revenue for each in groups)
    return {
        "success": True,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "total_journeys": count,
        "avg_duration_days": mean("mean_days"),
        "avg_engagement_score": mean("mean_engagement"),
        "avg_churn_risk": mean("mean_risk"),
        "high_risk": sum(each.high_risk for each in groups),
        "trends": {each.trend: each.journeys for each in groups},
        "total_revenue": major(revenue),
        "avg_lifetime_value": mean_amount(sum(each.lifetime_value for each in groups), count),
        "bottlenecks": bottlenecks_told(lead_analytics.standings(period, now), now),
    }


def days_since(moment: datetime) -> float:
    """Days up to now, to two decimals."""
    return round(max((utc_now() - moment).total_seconds(), 0) / 86_400, 2)


def told(row: LeadJourney) -> dict:
    """Where a journey stands, as programs get it; engagement and risk 0 to 1."""
    end = row.last_activity_at or row.started_at
    counts = {kind: n for kind, n in row.counts.items() if kind not in NO_ENGAGEMENTS}
    return {
        "journey_start_date": iso(row.started_at),
        "last_activity_date": iso(row.last_activity_at),
        "duration_days": round((end - row.started_at).total_seconds() / 86_400, 2),
        "days_since_last_activity": row.last_activity_at and days_since(row.last_activity_at),
        "total_engagements": row.interactions,
        "total_touchpoints": row.touchpoints,
        "engagements": counts,
        "email_engagements": sum(n for kind, n in counts.items() if kind.startswith("email_")),
        "form_submissions": counts.get("form_submitted", 0),
        "page_views": counts.get("page_viewed", 0),
        "purchases": counts.get("purchase_made", 0),
        "channels": row.channels,
        "engagement_score": row.engagement / 10_000,
        "engagement_trend": row.trend,
        "risk_of_churn": row.churn_risk / 10_000,
        "explain": row.parts,
        "milestones": {
            name: iso(at and datetime.fromisoformat(at)) for name, at in row.milestones.items()
        },
        "path_deviation": row.deviation,
        "total_revenue": major(row.total_revenue),
        "lifetime_value": major(row.lifetime_value),
        "predicted_value": major(row.predicted_value),
        "predicted_because": row.predicted_because,
        "insights": row.insights,
        "next_action": row.next_action,
        "updated_at": iso(row.updated_at),
    }
