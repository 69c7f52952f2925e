"""Score an organization's leads by the rules just published."""

from collections import Counter

from app.clock import utc_now
from app.jobs.report import Report
from app.operations.scoring.rescore_leads import count_leads, rescore_leads
from app.operations.work_on_job import Work
from app.queries.scoring.judge import Judge
from app.queries.scoring.rules import interaction_rules

AT_ONCE = 100


def rescore(work: Work, report: Report) -> dict:
    """Goes through the leads by id; one that was killed goes on from where it stopped. Whatever
    is published meanwhile has a job of its own: this one then ends."""
    kept = work.kept or {"after": 0, "counts": {}}
    counts, after = Counter(kept["counts"]), kept["after"]
    everybody = count_leads()
    report(counts["leads"], everybody, "Scoring leads by the new rules")
    while after is not None:
        kept = {}
        with report.saving(counts["leads"], everybody, kept=kept):
            judge = Judge(interaction_rules())
            if judge.rule_set.version != work.arguments["version"]:
                return {"overtaken_by": judge.rule_set.version}
            some, after = rescore_leads(after, AT_ONCE, judge, now=utc_now())
            counts += some
            kept |= {"after": after, "counts": dict(counts)}
    return {name: counts[name] for name in sorted(counts)} | {"leads": counts["leads"]}
