"""Score all leads: what decays, what was imported, what rules have changed."""

from itertools import islice

from app.clock import utc_now
from app.jobs.report import Report
from app.operations.score_leads import changed_scores, count_leads, keep_scores
from app.operations.work_on_job import Work

KIND = "leads.score"
AT_ONCE = 500
REASON = "calculated for all leads"


def run(work: Work, report: Report) -> dict:
    """Scores every lead; only a score that changed becomes a line of its history."""
    return score_everybody(report, work.arguments.get("reason", REASON))


def score_everybody(report: Report, reason: str) -> dict:
    """How many leads there were, and how many scores changed."""
    now, everybody = utc_now(), count_leads()
    report(0, everybody, "Reading what leads did")
    scores, done, count = changed_scores(now), 0, 0
    while some := list(islice(scores, AT_ONCE)):
        done += len(some)
        if changed := [each for each in some if each[1] is not None]:
            count += len(changed)
            with report.saving(done, everybody):
                keep_scores(changed, reason=reason, now=now)
        else:
            report(done, everybody)
    return {"leads": everybody, "changed": count}
