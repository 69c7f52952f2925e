"""Attribution for programs (api.md, "Lead tracking")."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import Amount, Moment, commit, iso, read_body
from app.blueprints.api.own_lead import lead_or_404, major, mean_amount, minor
from app.blueprints.api.parameters import (
    CURSOR,
    LIMIT,
    MOMENT,
    Query,
    among,
    asked,
    asked_period,
    takes,
    usual_period,
)
from app.caller import caller_id, changes_leads
from app.clock import utc_now
from app.domain.attribution.attribution import CONVERSION_TYPES, MODELS, AttributionError
from app.errors import ApiError, invalid
from app.extensions import db
from app.models import LeadAttribution
from app.models.types import from_millis, to_millis
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.attribution.remove_conversion import FollowsFromLogError, remove_conversion
from app.operations.leads.lock_lead import lock_lead
from app.queries.attribution import attribution
from app.queries.attribution.conversions import CUSTOMER, conversions_of, logged, stored_since
from app.queries.attribution.uncredited import uncredited

PREFIX = "/api/lead-tracking/attribution"
A_TYPE = among(*CONVERSION_TYPES)


class Conversion(msgspec.Struct):
    """A conversion whose credit is to be shared. Without `converted_at` it is the newest known one
    of this type that has this value, so that models can be compared; else the newest whose value no
    purchase says, which is corrected; else a new one, now."""

    conversion_type: Literal[CONVERSION_TYPES]
    attribution_model: Literal[tuple(MODELS)]
    conversion_value: Annotated[
        Amount | None, Meta(description="An amount of the organization's currency, such as 5000.0.")
    ] = None
    converted_at: Annotated[
        Moment | None,
        Meta(description="With its time zone; from the year 2000 on, and not still to come."),
    ] = None


@blueprint.post(f"{PREFIX}/<int:lead_id>/calculate")
@role("agent")
@changes_leads
def calculate_attribution(lead_id):
    """Shares a conversion's credit among a lead's touches by a model, and keeps it, by the others
    too: models can be compared only where they explain the same conversions."""
    lead = lead_or_404(lead_id)
    body, now = read_body(Conversion), utc_now()
    if body.converted_at and not _is_past(body.converted_at, now):
        raise invalid({"converted_at": "Give a past moment, from the year 2000 on."})
    lock_lead(lead)  # of those who tell of one sale at once, one tells of it first
    at, value, others = _which(lead_id, body, now)
    try:
        row, *_ = attribute_conversion(
            lead,
            body.conversion_type,
            now=now,
            at=at,
            value=value,
            models=[body.attribution_model, *others],
        )
    except AttributionError:
        db.session.rollback()
        message = "There is no touch at or before this conversion; nothing was kept."
        raise ApiError(422, message, "no_touchpoints") from None
    answer = {"success": True, "lead_id": lead_id, "attribution": told(row)}
    commit()
    return answer


def _is_past(moment: datetime, now: datetime) -> bool:
    return moment.year >= 2000 and moment <= now


def _which(lead_id: int, told: Conversion, now: datetime) -> tuple[datetime, int, list[str]]:
    """When the conversion was, its value, and the other models that do not have this of it."""
    value = minor(told.conversion_value)
    kind = told.conversion_type
    known = {each.at: each.values for each in conversions_of([lead_id]) if each.type == kind}
    paid = {at: worth for (of, at), worth in logged(lead_id).items() if of == kind}
    at = told.converted_at and from_millis(to_millis(told.converted_at))
    at = at or _meant(known, paid, value) or now
    if value is None:
        value = paid.get(at) or max(known.get(at, {}).values(), default=0)
    if paid.get(at) and value != paid[at]:
        message = f"A purchase of {paid[at] / 100:.2f} is logged at this moment."
        raise invalid({"conversion_value": message})
    stored = {(each.type, each.at): each.values for each in stored_since(lead_id)}
    values = stored.get((kind, at), {})
    others = [m for m in MODELS if m != told.attribution_model and values.get(m) != value]
    return at, value, others


def _meant(
    known: dict[datetime, dict[str, int]], paid: dict[datetime, int], value: int | None
) -> datetime | None:
    """The newest conversion of this value (None: of any); else, of those whose value no purchase
    says, the newest that has none yet, or the newest."""
    same = [at for at, of in known.items() if value is None or value in of.values()]
    told = [at for at in known if not paid.get(at)]
    return max(same or [at for at in told if not any(known[at].values())] or told, default=None)


@blueprint.get(f"{PREFIX}/<int:lead_id>")
@role("agent")
@takes(CURSOR, LIMIT)
def lead_attribution(lead_id):
    """The calculations kept for a lead: the newest conversion first, models side by side."""
    lead_or_404(lead_id)
    rows, cursor = attribution.page_of_lead(lead_id, asked("cursor"), asked("limit"))
    return {
        "success": True,
        "lead_id": lead_id,
        "attributions": [told(row) for row in rows],
        "next_cursor": cursor,
    }


@blueprint.delete(f"{PREFIX}/<int:lead_id>")
@role("agent")
@changes_leads
@takes(
    Query("conversion_type", "Which conversion.", A_TYPE, required=True, example="customer"),
    Query(
        "converted_at",
        "When it was: its conversion_date.",
        MOMENT,
        required=True,
        example="2026-03-02T10:00:00.000Z",
    ),
)
def remove_attribution(lead_id):
    """Takes back a conversion that was told of wrongly, by every model; 409 for one that is logged,
    a purchase or the entry of a stage."""
    lead = lead_or_404(lead_id)
    kind, at = asked("conversion_type"), from_millis(to_millis(asked("converted_at")))
    try:
        line = remove_conversion(lead, kind, at, user_id=caller_id(), now=utc_now())
    except FollowsFromLogError as problem:
        db.session.rollback()
        raise ApiError(409, str(problem), "follows_from_log") from None
    if line is None:
        raise ApiError(404, "No such conversion is calculated for this lead.")
    removed = {
        "conversion_type": kind,
        "conversion_value": major(max(line.detail["values"].values())),
        "conversion_date": iso(at),
    }
    commit()
    return {"success": True, "lead_id": lead_id, "removed": removed}


@blueprint.get(f"{PREFIX}/stats/summary")
@role("analyst")
@takes(
    *usual_period(90), Query("conversion_type", "Which conversions.", A_TYPE, default="customer")
)
def attribution_summary():
    """What each model credits to channels and sources over a period, with revenue and, where spend
    was entered, its return. Totals are of conversions that were shared; `without_touches` are the
    others, before which no touch is known."""
    period, kind = asked_period(), asked("conversion_type")
    counted = attribution.conversions(period)
    learned = attribution.learned_from(kind)
    without = uncredited(period)
    return {
        "success": True,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "total_conversions": sum(each.count for each in counted),
        "total_revenue": major(sum(each.value for each in counted if each.type == CUSTOMER)),
        "by_type": [
            {
                "conversion_type": each.type,
                "count": each.count,
                "leads": each.leads,
                "value": major(each.value),
                "avg_value": mean_amount(each.value, each.count),
                "avg_touchpoints": round(each.touches, 2),
                "avg_journey_days": round(each.days, 2),
            }
            for each in counted
        ],
        "without_touches": [
            {"conversion_type": each.type, "count": each.count, "value": major(each.value)}
            for each in without
        ],
        "conversion_type": kind,
        "channels": [_credited(row) for row in attribution.comparison(period, kind)],
        "sources": [_credited(row) for row in attribution.comparison(period, kind, True)],
        "learned_from": learned
        and {
            "journeys": learned.journeys,
            "conversions": learned.conversions,
            "learned_at": iso(learned.learned_at),
        },
    }


def _credited(row: attribution.Credited) -> dict:
    return {
        "channel": row.channel,
        "source": row.source,
        "spend": major(row.spent),
        "models": {
            model: {
                "conversions": float(row.conversions.get(model, Decimal(0))),
                "revenue": major(row.revenue.get(model, 0)),
                "return_on_spend": _float(row.return_on_spend(model)),
            }
            for model in MODELS
        },
    }


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def told(row: LeadAttribution) -> dict:
    """A calculation as programs get it. `learned`, of the models that learn, is whether they knew
    anything yet: until then all touches count alike."""
    touches = [_touch(touch) for touch in row.touchpoints]
    summary = row.summary or {}
    secondary = summary.get("secondary")
    return {
        "conversion_type": row.conversion_type,
        "conversion_value": major(row.conversion_value),
        "conversion_date": iso(row.conversion_at),
        "attribution_model": row.model,
        "learned": summary.get("learned"),
        "total_touchpoints": len(touches),
        "journey_duration_days": summary.get("journey_duration_days"),
        "avg_hours_between_touches": summary.get("avg_hours_between_touches"),
        "first_touch": _brief(touches[0]),
        "last_touch": _brief(touches[-1]),
        "primary_touch": _brief(touches[summary.get("primary", 0)]),
        "secondary_touch": None if secondary is None else _brief(touches[secondary]),
        "touchpoints": touches,
        "calculated_at": iso(row.calculated_at),
    }


def _touch(touch: dict) -> dict:
    value = touch.get("value")
    return {
        "type": touch.get("source_type") or touch["type"],
        "name": touch["name"] or touch["source"],
        "channel": touch["channel"],
        "source": touch["source"],
        "engagement_type": touch["type"],
        "occurred_at": iso(datetime.fromisoformat(touch["occurred_at"])),
        "weight": float(touch["weight"]),
        "value": major(value),
    }


def _brief(touch: dict) -> dict:
    return {"source": touch["type"], "name": touch["name"], "weight": touch["weight"]}
