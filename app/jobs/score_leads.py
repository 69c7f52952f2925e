"""Score all leads: what decays, what was imported, what rules have changed."""

from itertools import islice

from app.clock import utc_now
from app.jobs.refresh_everybody import begin_after_scoring
from app.jobs.report import READING, Report
from app.operations.scoring.score_leads import (
    changed_scores,
    count_leads,
    keep_read_scores,
    newest_score,
)
from app.operations.work_on_job import Work

KIND = "leads.score"
AT_ONCE = 500
REASON = "calculated for all leads"


def run(work: Work, report: Report) -> dict:
    """Scores every lead, or those that the job names; only a score that changed becomes a line of
    its history. What journeys tell of scores is told again by a job that follows."""
    reason, named = work.arguments.get("reason", REASON), work.arguments.get("lead_ids")
    found = score_everybody(report, reason, None if named is None else frozenset(named))
    if found["changed"]:
        with report.saving(found["leads"], found["leads"]):
            begin_after_scoring()
    return found


def score_everybody(report: Report, reason: str, named: frozenset[int] | None = None) -> dict:
    """How many leads there were, and how many scores changed; `named`: of these leads only."""
    now, everybody = utc_now(), count_leads() if named is None else len(named)
    report(0, everybody, "Reading what leads did", lease=READING)
    newest, scores, done, count = newest_score(), changed_scores(now), 0, 0
    if named is not None:
        scores = (each for each in scores if each[0] in named)
    while some := list(islice(scores, AT_ONCE)):
        done += len(some)
        if changed := [each for each in some if each[1] is not None]:
            count += len(changed)
            with report.saving(done, everybody):
                keep_read_scores(changed, newest=newest, reason=reason, now=now)
        else:
            report(done, everybody)
    return {"leads": everybody, "changed": count}
