"""Share the credit of what all leads became: by models that have learned anew, by rules that were
changed, or of history that was imported."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.clock import utc_now
from app.domain.attribution.attribution import MODELS
from app.extensions import db
from app.jobs.report import Report
from app.models import Job
from app.operations.attribution.attribute_leads import attribute_leads
from app.operations.scoring.score_leads import count_leads
from app.operations.start_job import start_job
from app.operations.work_on_job import Work

KIND = "leads.attribute"
AT_ONCE = 60  # conversions: the write lock is held for about a tenth of a second
LEARNING = tuple(name for name, model in MODELS.items() if model.learns)
# Where comparisons begin. Older conversions keep the credit of what was known in their time, or
# every night would write the whole past again.
DAYS = 90


def begin_after_learning() -> None:
    """A job that renews the recent conversions by the models that learn, unless one waits that
    does; uncommitted."""
    waiting = select(Job).where(Job.kind == KIND, Job.state == "waiting")
    if any(set(LEARNING) <= set(_again(job.arguments)) for job in db.session.scalars(waiting)):
        return
    since = utc_now() - timedelta(days=DAYS)
    arguments = {"again": LEARNING, "since": since.isoformat()}
    start_job(KIND, arguments, user_id=None, now=utc_now())


def run(work: Work, report: Report) -> dict:
    """Goes through the leads by id; one that was killed goes on from where it stopped."""
    kept = work.kept or {"after": 0, "counts": {}}
    counts, after = Counter(kept["counts"]), kept["after"]
    everybody = count_leads()
    report(counts["leads"], everybody, "Sharing credit")
    asked = {"again": _again(work.arguments), "since": _since(work)}
    while after is not None:
        kept = {}
        with report.saving(counts["leads"], everybody, kept=kept):
            some, after = attribute_leads(after, AT_ONCE, now=utc_now(), **asked)
            counts += some
            kept |= {"after": after, "counts": dict(counts)}
    return {name: counts[name] for name in ("leads", "conversions", "without_touches")}


def _again(arguments: Mapping) -> Sequence[str]:
    """The models that a job calculates again, all when it names none."""
    return arguments.get("again", tuple(MODELS))


def _since(work: Work) -> datetime | None:
    told = work.arguments.get("since")
    return told and datetime.fromisoformat(told)
