"""Rules, a draft of them, and a job."""

from app.models import Job, LeadScoringRule, RuleDraft, RuleSetVersion
from tests.conftest import NOW
from tests.planted.marks import MARK, ROW


def rules(cast):
    yield RuleSetVersion(
        id=ROW,
        kind="interaction",
        version=1,
        note=MARK,
        published_at=NOW,
        published_by_id=ROW,
        rules=[
            LeadScoringRule(
                code="r1",
                name=MARK,
                kind="base",
                interaction_type="cost_calculator",
                points=77,
                position=1,
            )
        ],
    )
    yield RuleSetVersion(
        id=ROW + 1,
        kind="session",
        site_id=cast.site.id,
        version=1,
        body={"important_labels": [MARK]},
        note=MARK,
        published_at=NOW,
        published_by_id=ROW,
    )
    yield RuleDraft(
        id=ROW,
        kind="session",
        site_id=cast.site.id,
        made_from=1,
        body={"note": MARK},
        created_at=NOW,
        updated_at=NOW,
        updated_by_id=ROW,
    )
    yield Job(
        id=ROW,
        kind="rules.rescore",
        arguments={"note": MARK},
        state="failed",
        message=MARK,
        created_at=NOW,
    )
