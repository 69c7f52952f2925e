"""Try a draft of the lead score on today's leads: what it would make of them beside what is in
force."""

from datetime import datetime, timedelta

from app.clock import utc_now
from app.domain.leads.lifecycle import LifecycleRules, automatic_move
from app.domain.scoring.lead_score import LeadFacts, score_lead
from app.domain.scoring.lead_scoring import LeadScoring, ScoringPreview
from app.jobs.report import Report
from app.operations.scoring.score_leads import count_leads
from app.operations.work_on_job import Work
from app.queries.scoring.lead_facts import facts_of_all
from app.queries.scoring.lead_scoring import silent_by_stage, with_own_types

KIND = "lead_scoring.preview"
AT_ONCE = 1000
NAMED = 10
SILENT = "silent"
# What the facts of a lead depend on.
WINDOWS = (
    "high_intent_types",
    "high_intent_window",
    "reply_types",
    "reply_window",
    "active_day_window",
)


def run(work: Work, report: Report) -> dict:
    """Scores every lead twice; the log is read set-based, and nothing is written."""
    before, after = (
        with_own_types(LeadScoring.from_json(work.arguments[side]))
        for side in ("in_force", "draft")
    )
    now, everybody = utc_now(), count_leads()
    report(0, everybody, "Reading what leads did")
    leads = [(lead.id, facts) for lead, facts in facts_of_all(before.rules, now)]
    other = None if _read_alike(before, after) else _by_lead(after, now)
    silent = [_let_go(side.lifecycle, now) for side in (before, after)]
    preview = ScoringPreview(before, after)
    for n, (lead_id, facts) in enumerate(leads, start=1):
        if n % AT_ONCE == 0:
            report(n, everybody, "Scoring leads by both")
        by_draft = facts if other is None else other.get(lead_id, facts)
        scores = score_lead(facts, before.rules), score_lead(by_draft, after.rules)
        preview.take(lead_id, facts.stage, *scores)
    report(everybody, everybody)
    told = preview.to_json()
    return {**told, "named": told["named"][:NAMED], "silent": silent}


def _read_alike(before: LeadScoring, after: LeadScoring) -> bool:
    return all(getattr(before.rules, name) == getattr(after.rules, name) for name in WINDOWS)


def _by_lead(scoring: LeadScoring, now: datetime) -> dict[int, LeadFacts]:
    return {lead.id: facts for lead, facts in facts_of_all(scoring.rules, now)}


def _let_go(rules: LifecycleRules, now: datetime) -> int:
    """How many leads the next night would move to churned."""
    if SILENT in rules.switched_off:
        return 0
    silent = silent_by_stage(now - timedelta(days=rules.silent_days))
    return sum(n for stage, n in silent.items() if automatic_move(stage, SILENT, rules))
