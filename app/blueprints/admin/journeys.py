"""Journeys: how those of all leads go, where they stall, what came of whom, and what went on."""

from flask import render_template, request

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin.journeys_shown import (
    activity_of,
    cohorts_of,
    funnel_of,
    health_of,
    stall_in_words,
)
from app.clock import utc_now
from app.domain.journeys.activity import KINDS
from app.domain.period import RANGES, last_days, read_period
from app.domain.validation import Invalid
from app.queries.journeys import activity, lead_analytics
from app.queries.journeys.bottlenecks import stalls
from app.queries.journeys.journey_rules import journey_rules

USUAL = 90
LENGTHS = {"daily": "Days", "weekly": "Weeks", "monthly": "Months"}
COHORTS = {"monthly": "By month", "weekly": "By week", "source": "By source"}


@blueprint.get("/admin/journeys")
@role("analyst")
def journeys():
    """The journeys of the leads that came in a period, and the activity of its days."""
    now, problems = utc_now(), {}
    try:
        asked = request.args.to_dict() or {"days": str(USUAL)}
        if not any(asked.get(name) for name in ("from", "to", "days")):
            asked["days"] = str(USUAL)
        period = read_period(asked, now.date())
    except Invalid as error:
        problems, period = error.fields, last_days(USUAL, now.date())
    by = request.args.get("cohorts")
    by = by if by in COHORTS else "monthly"
    length = request.args.get("activity")
    length = length if length in KINDS else "daily" if period.days <= 31 else "weekly"
    leads = lead_analytics.leads_that_came(period)
    standing = lead_analytics.standings(period, now)
    page = render_template(
        "admin/journeys.html",
        period=period,
        problems=problems,
        ranges=RANGES,
        usual_days=str(USUAL),
        health=health_of(lead_analytics.health(period)),
        high_risk=journey_rules().high_risk,
        funnel=funnel_of(lead_analytics.funnel(period, standing)),
        stalls=[stall_in_words(*each) for each in stalls(standing, now)],
        cohorts=cohorts_of(leads, by),
        by=by,
        bys=COHORTS,
        activity=activity_of(*activity.by_day(period), length, period),
        length=length,
        lengths=LENGTHS,
    )
    return page, 422 if problems else 200
