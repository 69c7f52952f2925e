"""What every organization needs once a night: to learn from its past, and to let time pass for its
leads (decay, silence, risk)."""

from sqlalchemy import select

from app.clock import utc_now
from app.domain.attribution.attribution import CONVERSION_TYPES
from app.extensions import db
from app.jobs import attribute_everybody, sizes
from app.jobs.report import READING, Report
from app.jobs.score_leads import score_everybody
from app.models import Job, Lead, Organization
from app.operations.attribution.learn_channels import learn_channels, study
from app.operations.journeys.learn_history import learn_history
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.leads.let_go_silent import let_go_silent
from app.operations.leads.move_reached import move_reached
from app.operations.leads.note_signs_of_life import note_signs_of_life
from app.operations.start_job import start_job
from app.operations.work_on_job import Work
from app.queries.journeys.won import count_won, won
from app.tenancy import acting_for

KIND = "night"
AT_ONCE = 200
LEARNING = "Learning from the past"


def begin() -> int:
    """A job for every organization that has none waiting; how many."""
    sizes.look()
    begun = 0
    for organization_id in db.session.scalars(select(Organization.id)).all():
        with acting_for(organization_id):
            waiting = select(Job.id).where(Job.kind == KIND, Job.state.in_(("waiting", "running")))
            if db.session.scalar(waiting.limit(1)) is None:
                start_job(KIND, {}, user_id=None, now=utc_now())
                begun += 1
        db.session.commit()
    return begun


def run(work: Work, report: Report) -> dict:
    """Learns, lets scores decay, then goes through the leads by id; one that was killed goes on
    from where it was."""
    kept = work.kept or {"after": 0, "leads": 0, "churned": 0}
    if not kept["after"]:
        _learn(report)
        score_everybody(report, "time passed")
    everybody = db.session.scalar(
        select(db.func.count()).select_from(Lead).where(Lead.erased_at.is_(None))
    )
    history = won()
    report(kept["leads"], everybody, "Bringing leads up to date")
    while True:
        with report.saving(kept["leads"], everybody, kept=kept):
            leads = _next(kept["after"])
            note_signs_of_life(leads)
            kept["churned"] += let_go_silent(leads, now=utc_now())
            move_reached(leads, now=utc_now())
            refresh_journeys(leads, now=utc_now(), history=history)
            if leads:
                kept["after"], kept["leads"] = leads[-1].id, kept["leads"] + len(leads)
        if not leads:
            return {"leads": kept["leads"], "churned": kept["churned"]}


def _learn(report: Report):
    """Reads for as long as it takes, and holds nobody up by what it then writes."""
    learned = []
    for kind in CONVERSION_TYPES:
        report(0, None, LEARNING, lease=READING)
        found = study(kind, now=utc_now())
        with report.saving(0):
            learned += learn_channels(kind, now=utc_now(), learned=found)
    if learned:
        with report.saving(0):
            attribute_everybody.begin_after_learning()
    report(0, None, LEARNING, lease=READING)
    history = count_won(utc_now())
    with report.saving(0):
        learn_history(now=utc_now(), history=history)


def _next(after: int) -> list[Lead]:
    wanted = select(Lead).where(Lead.id > after, Lead.erased_at.is_(None))
    return list(db.session.scalars(wanted.order_by(Lead.id).limit(AT_ONCE)))
