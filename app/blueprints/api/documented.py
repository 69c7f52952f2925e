"""What the document of the API says of each address, beyond what its view says itself.

Examples of answers stand in examples.json; tests/blueprints/test_openapi.py asks for each and
writes them anew with LEADLIGHT_WRITE_EXAMPLES=1.
"""

from dataclasses import dataclass, field

import msgspec

from app.blueprints.api.attribution import Conversion
from app.blueprints.api.engagement import Engagement
from app.blueprints.api.lead_score import SessionReference, VisitorReference
from app.blueprints.api.leads import LeadBody, LeadChanges
from app.blueprints.api.lifecycle import Transition
from app.blueprints.api.scoring import Bulk
from app.domain.attribution.attribution import CONVERSION_TYPES, MODELS
from app.domain.journeys.activity import KINDS as ACTIVITIES
from app.domain.journeys.cohort import KINDS as COHORTS
from app.domain.leads.lead_view import GRADES, TEMPERATURES
from app.domain.leads.lifecycle import STAGES
from app.domain.tracking.event import CHANNELS, ENGAGEMENT_TYPES
from app.operations.tracking.import_interactions import Imported


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter after the question mark."""

    name: str
    means: str
    schema: dict = field(default_factory=lambda: {"type": "string"})
    example: object = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One address: its group, what it takes, and which statuses it answers with.

    `answers` are those of success; the errors that any address can end with are known from its
    path, its body and its access, `errors` are those beyond.
    """

    group: str
    body: type[msgspec.Struct] | None = None
    example: dict | None = None
    body_optional: bool = False
    queries: tuple[Query, ...] = ()
    answers: tuple[int, ...] = (200,)
    errors: tuple[int, ...] = ()


def among(*names: str) -> dict:
    return {"type": "string", "enum": list(names)}


def whole(low: int, high: int) -> dict:
    return {"type": "integer", "minimum": low, "maximum": high}


DAY = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}
DAY_OR_MOMENT = {"anyOf": [DAY, MOMENT]}
CURSOR = Query("cursor", "Where the page before ended: its next_cursor.")
LIMIT = Query("limit", "How many at most.", whole(1, 500), 50)
PERIOD = (
    Query("days", "The days up to today, in place of from and to.", whole(1, 5000), 30),
    Query("from", "The first day (UTC).", DAY, "2026-01-01"),
    Query("to", "The last day; today where only `from` is given.", DAY, "2026-03-31"),
)
SESSION = {"sessionId": "018f6c1e-7f3a-7c55-9d6e-5b8f3a1c2d4e"}
VISITOR = {"userId": "5f0c9d1e-3b7a-4c55-9d6e-5b8f3a1c2d4e"}
EVENT = {
    "type": "page_viewed",
    "occurred_at": "2026-03-01T09:30:00Z",
    "visitor": "5f0c9d1e-3b7a-4c55-9d6e-5b8f3a1c2d4e",
    "url": "https://clinic.example/laser",
    "title": "Laser",
}

ADDRESSES = {
    "create_lead": Told(
        "Leads",
        LeadBody,
        {
            "email": "sofia@example.com",
            "phone": "+33 6 12 34 56 78",
            "first_name": "Sofia",
            "interests": ["laser-resurfacing"],
            "source": "fair",
            "consent": {"email": True},
            "utm": {"source": "newsletter", "medium": "email"},
        },
        answers=(201, 200),
    ),
    "list_leads": Told(
        "Leads",
        queries=(
            Query("stage", "The stage they are in.", among(*STAGES)),
            Query("grade", "Their grade.", among(*GRADES)),
            Query("temperature", "Hot, warm or cold.", among(*TEMPERATURES)),
            Query("score_min", "The least score.", whole(0, 100)),
            Query("score_max", "The highest score.", whole(0, 100)),
            Query("source", "Where they came from."),
            Query(
                "created_after",
                "Those who came since the beginning of a day (UTC), or at a moment and later.",
                DAY_OR_MOMENT,
                "2026-01-01",
            ),
            Query(
                "created_before",
                "Those who came before the beginning of a day (UTC), or before a moment.",
                DAY_OR_MOMENT,
                "2026-04-01",
            ),
            Query("assignee", "The id of who looks after them, or `none`."),
            Query("q", "Part of a name, an e-mail or a phone."),
            CURSOR,
            LIMIT,
        ),
        errors=(422,),
    ),
    "lead": Told("Leads"),
    "change_lead": Told(
        "Leads", LeadChanges, {"location": "Paris", "stage": "contacted"}, errors=(409,)
    ),
    "remove_lead": Told("Leads"),
    "record_interactions": Told(
        "Tracking", Imported, {"events": [EVENT]}, answers=(202,), errors=(413,)
    ),
    "transition": Told(
        "Lifecycle",
        Transition,
        {
            "stage": "qualified",
            "reason": "Asked for a price by phone",
            "previous_stage": "new",
        },
        errors=(409,),
    ),
    "lifecycle_history": Told("Lifecycle"),
    "current_stage": Told("Lifecycle"),
    "calculate_score": Told("Lead scoring"),
    "lead_score": Told("Lead scoring"),
    "bulk_calculate": Told(
        "Lead scoring", Bulk, {"lead_ids": [1]}, body_optional=True, answers=(200, 202)
    ),
    "engage": Told(
        "Engagement",
        Engagement,
        {
            "engagement_type": "form_submitted",
            "engagement_channel": "web",
            "source_type": "form",
            "source_id": 456,
            "source_name": "Contact Form",
            "title": "Contact Form Submission",
            "engagement_value": 85,
            "device_type": "desktop",
            "metadata": {"page": "/laser"},
            "idempotency_key": "form-456-1",
        },
        answers=(201, 200),
        errors=(409,),
    ),
    "engagement_history": Told(
        "Engagement",
        queries=(
            Query("type", "One type of engagement."),
            Query("channel", "One channel.", among(*CHANNELS)),
            Query(
                "from", "The first day (UTC), or the earliest moment.", DAY_OR_MOMENT, "2026-01-01"
            ),
            Query("to", "The last day, or a moment before which.", DAY_OR_MOMENT, "2026-03-31"),
            CURSOR,
            LIMIT,
        ),
        errors=(422,),
    ),
    "engagement_summary": Told("Engagement", queries=PERIOD, errors=(422,)),
    "calculate_attribution": Told(
        "Attribution",
        Conversion,
        {
            "conversion_type": "customer",
            "conversion_value": 5000.0,
            "attribution_model": "u_shaped",
        },
    ),
    "lead_attribution": Told("Attribution", queries=(CURSOR, LIMIT), errors=(422,)),
    "remove_attribution": Told(
        "Attribution",
        queries=(
            Query(
                "conversion_type",
                "Which conversion.",
                among(*CONVERSION_TYPES),
                "customer",
                required=True,
            ),
            Query(
                "converted_at",
                "When it was: its conversion_date.",
                MOMENT,
                "2026-03-02T10:00:00.000Z",
                required=True,
            ),
        ),
        errors=(409, 422),
    ),
    "attribution_summary": Told(
        "Attribution",
        queries=(
            *PERIOD,
            Query("conversion_type", "Which conversions.", among(*CONVERSION_TYPES), "customer"),
        ),
        errors=(422,),
    ),
    "lead_journey": Told(
        "Journey",
        queries=(Query("activity", "The activity by.", among(*ACTIVITIES), "weekly"),),
        errors=(422,),
    ),
    "journey_overview": Told("Journey", queries=PERIOD, errors=(422,)),
    "funnel": Told("Analytics", queries=PERIOD, errors=(422,)),
    "cohort": Told(
        "Analytics",
        queries=(
            Query("cohort_type", "By month or by week.", among(*COHORTS), "monthly"),
            *PERIOD,
        ),
        errors=(422,),
    ),
    "lead_quality": Told("Analytics", queries=PERIOD, errors=(422,)),
    "calculate_session": Told("Session scoring", SessionReference, SESSION, errors=(404,)),
    "update_session": Told("Session scoring", SessionReference, SESSION, errors=(404,)),
    "session_analytics": Told("Session scoring", errors=(422,)),
    "calculate_user": Told("Session scoring", VisitorReference, VISITOR, errors=(404,)),
    "update_user": Told("Session scoring", VisitorReference, VISITOR, errors=(404,)),
    "job_status": Told("Jobs"),
}

# What a field's type alone does not say.
CHOICES = {
    ("Transition", "stage"): STAGES,
    ("Transition", "previous_stage"): STAGES,
    ("Conversion", "conversion_type"): CONVERSION_TYPES,
    ("Conversion", "attribution_model"): MODELS,
}
# What a field is for, where its name leaves that open.
PURPOSES = {
    ("Imported", "revenue"): "An amount of the organization's currency, such as 250.5.",
    ("Imported", "revenue_minor"): "The same in whole minor units, such as 25050; one of the two.",
    ("Engagement", "revenue"): (
        "An amount of the organization's currency, such as 250.5. A purchase without it is one "
        "whose amount nobody told: it makes a customer and adds no revenue."
    ),
    ("Transition", "previous_stage"): (
        "The stage that the lead stood in when the move was decided. If it stands elsewhere by "
        "then, it is not moved, and the answer is 409."
    ),
    ("Engagement", "engagement_type"): (
        f"One of {', '.join(ENGAGEMENT_TYPES)}; or one of the organization's own. call_unanswered "
        "is an attempt: it moves nobody, scores nothing and is no contact."
    ),
}
# Objects whose names are data: another answer has others.
MAPS = {
    "won_after",
    "engagements",
    "activities",
    "trends",
    "metadata",
    "result",
    "fields",
    "first_touch",
    "last_touch",
    "milestones",
    "explain",
    "next_action",
    "path_deviation",
    "score_factors",
    "learned_from",
}
