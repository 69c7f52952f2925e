"""What the document of the API says of each address, beyond what its view says itself.

Examples of answers stand in examples.json; tests/blueprints/test_openapi.py asks for each and
writes them anew with LEADLIGHT_WRITE_EXAMPLES=1.
"""

from dataclasses import dataclass

import msgspec

from app.addresses import MOST as LARGEST_ID
from app.blueprints.api.attribution import Conversion
from app.blueprints.api.engagement import Engagement
from app.blueprints.api.lead_score import SessionReference, VisitorReference
from app.blueprints.api.leads import LeadBody, LeadChanges
from app.blueprints.api.lifecycle import Transition
from app.blueprints.api.scoring import Bulk
from app.domain.money import MOST_MONEY
from app.domain.tracking.event import CHANNELS, DATA_BYTES, DATA_DEPTH, LONGEST_ENGAGED
from app.operations.tracking.import_interactions import AHEAD, OLDEST, TYPES, Imported


@dataclass(frozen=True, slots=True)
class Told:
    """One address: its group, what it takes, and which statuses it answers with.

    `answers` are those of success; the errors that any address can end with are known from its
    path, its body, its access and what it may ask, `errors` are those beyond.
    """

    group: str
    body: type[msgspec.Struct] | None = None
    example: dict | None = None
    body_optional: bool = False
    answers: tuple[int, ...] = (200,)
    errors: tuple[int, ...] = ()


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
    "list_leads": Told("Leads"),
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
    "engagement_history": Told("Engagement"),
    "engagement_summary": Told("Engagement"),
    "calculate_attribution": Told(
        "Attribution",
        Conversion,
        {
            "conversion_type": "customer",
            "conversion_value": 5000.0,
            "attribution_model": "u_shaped",
        },
    ),
    "lead_attribution": Told("Attribution"),
    "remove_attribution": Told("Attribution", errors=(409,)),
    "attribution_summary": Told("Attribution"),
    "lead_journey": Told("Journey"),
    "journey_overview": Told("Journey"),
    "funnel": Told("Analytics"),
    "cohort": Told("Analytics"),
    "lead_quality": Told("Analytics"),
    "calculate_session": Told("Session scoring", SessionReference, SESSION, errors=(404,)),
    "update_session": Told("Session scoring", SessionReference, SESSION, errors=(404,)),
    "session_analytics": Told("Session scoring"),
    "calculate_user": Told("Session scoring", VisitorReference, VISITOR, errors=(404,)),
    "update_user": Told("Session scoring", VisitorReference, VISITOR, errors=(404,)),
    "job_status": Told("Jobs"),
}

# What the events of a batch may be. Theirs are refused one by one, with a reason each, so that the
# check is not the shape's: app/operations/tracking/import_interactions.py.
EVENTS_SAY = {
    "type": {"enum": sorted(TYPES)},
    "channel": {"enum": list(CHANNELS)},
    "occurred_at": {
        "format": "date-time",
        "description": f"With its time zone; from the year {OLDEST.year} on, and not still to "
        f"come: {AHEAD.seconds // 60} minutes are forgiven to a clock.",
    },
    "lead_id": {"minimum": 1, "maximum": LARGEST_ID},
    "engaged": {"minimum": 0, "maximum": LONGEST_ENGAGED, "description": "Seconds."},
    "revenue": {
        "minimum": 0,
        "maximum": MOST_MONEY // 100,
        "description": "An amount of the organization's currency, such as 250.5.",
    },
    "revenue_minor": {
        "minimum": 0,
        "maximum": MOST_MONEY,
        "description": "The same in whole minor units, such as 25050; one of the two.",
    },
    "data": {"description": f"At most {DATA_BYTES:,} bytes of JSON, {DATA_DEPTH} levels deep."},
    "name": {"description": "What an event of the type event is called; needed there."},
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
