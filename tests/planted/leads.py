"""A lead with all that is kept and worked out of one."""

from app.domain.scoring.lead_score import COMPONENTS
from app.models import (
    AttributionCredit,
    ChannelWorth,
    Consent,
    EngagementType,
    Lead,
    LeadAttribution,
    LeadJourney,
    LeadLifecycle,
    LeadNote,
    LeadScore,
    LeadVisitor,
    LearnedHistory,
    SavedView,
    Spend,
    Task,
)
from tests.conftest import NOW
from tests.planted.marks import MARK, ROW, VISITOR

FACTORS = dict.fromkeys(COMPONENTS, 77) | {
    "conversion_likelihood": None,
    "weights": dict.fromkeys(COMPONENTS, 0.2),
}


def lead():
    yield Lead(
        id=ROW,
        email=f"{MARK}@example.com".lower(),
        phone="+33612345678",
        first_name=MARK,
        last_name=MARK,
        location=MARK,
        interests=[MARK],
        notes=MARK,
        source=MARK,
        stage="engaged",
        lead_score=77,
        grade="B+",
        temperature="hot",
        interaction_id=ROW,
        first_touch={"source": MARK},
        assignee_id=ROW,
        created_at=NOW,
        updated_at=NOW,
        last_engaged_at=NOW,
    )
    yield LeadVisitor(lead_id=ROW, visitor_id=VISITOR, starts_at=NOW)
    yield LeadNote(id=ROW, lead_id=ROW, user_id=ROW, text=MARK, created_at=NOW)
    yield Task(id=ROW, lead_id=ROW, title=MARK, assignee_id=ROW, due_at=NOW, created_at=NOW)
    yield SavedView(id=ROW, user_id=ROW, name=MARK, query=f"q={MARK}", shared=True, created_at=NOW)
    yield Consent(
        lead_id=ROW,
        visitor_id=VISITOR,
        kind="email",
        granted=True,
        text_version="1",
        text=MARK,
        given_at=NOW,
    )
    yield LeadLifecycle(
        lead_id=ROW,
        stage="qualified",
        entered_at=NOW,
        exited_at=NOW,
        transition_reason=MARK,
        is_current_stage=False,
    )
    yield LeadLifecycle(lead_id=ROW, stage="engaged", entered_at=NOW, transition_reason=MARK)
    yield LeadScore(
        lead_id=ROW,
        total_score=77,
        undecayed_score=77,
        grade="B+",
        temperature="hot",
        score_factors=FACTORS,
        contributions=[{"name": MARK, "points": 77, "detail": ""}],
        rules_version=1,
        reason=MARK,
        calculated_at=NOW,
    )
    yield LeadAttribution(
        lead_id=ROW,
        conversion_type="lead_created",
        conversion_at=NOW,
        model="linear",
        touchpoints=[
            {
                "interaction_id": ROW,
                "type": "visit",
                "channel": "web",
                "source": MARK,
                "name": MARK,
                "occurred_at": NOW.isoformat(),
                "weight": "1.000000",
            }
        ],
        calculated_at=NOW,
    )
    credited = {"channel": MARK, "source": MARK, "weight": 1_000_000, "value": 77}
    yield AttributionCredit(
        lead_id=ROW,
        conversion_type="lead_created",
        conversion_at=NOW,
        model="linear",
        **credited,
    )
    yield ChannelWorth(
        conversion_type="lead_created",
        model="markov",
        channel=MARK,
        worth=0.77,
        journeys=7,
        conversions=7,
        learned_at=NOW,
    )
    yield EngagementType(
        id=ROW, name=MARK.lower(), label=MARK, channel="web", points=77, created_at=NOW
    )
    yield LeadJourney(
        lead_id=ROW,
        started_at=NOW,
        interactions=7,
        touchpoints=7,
        counts={MARK: 7},
        channels=[MARK],
        engagement=7700,
        trend="stable",
        churn_risk=700,
        parts={n: {"points": 0.77, "contributions": []} for n in ("engagement", "churn_risk")},
        milestones=dict.fromkeys(("first_contact", "qualified", "opportunity", "customer")),
        deviation={"skipped": [], "back": []},
        total_revenue=7700,
        predicted_because=MARK,
        insights=[{"name": MARK, "tone": "news", "text": MARK, "evidence": MARK}],
        next_action={
            "name": MARK,
            "channel": "",
            "label": MARK,
            "reason": MARK,
            "learned_from": "rules",
        },
        updated_at=NOW,
    )
    yield LearnedHistory(
        history={
            "usual": [MARK],
            "by_segment": {MARK: [7, 7700]},
            "reached": {"new": 7},
            "outcomes": {"new": {"call": [7, 7]}},
        },
        learned_at=NOW,
    )
    yield Spend(
        id=ROW,
        channel=MARK,
        source=MARK,
        starts_on=NOW.date(),
        ends_on=NOW.date(),
        amount=7700,
        note=MARK,
        created_at=NOW,
    )
