"""`flask sweep` and `flask rebuild`: what follows from the log."""

from collections import Counter
from time import monotonic

import click
from sqlalchemy import select

from app.clock import utc_now
from app.commands.door import command
from app.extensions import db
from app.jobs import catch_up
from app.jobs.sweep import run as end_silent_visits
from app.models import Organization
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.scoring.score_leads import count_leads
from app.operations.tracking.rebuild import rebuild as derive_again
from app.queries.journeys.won import won
from app.tenancy import acting_for

AT_ONCE = 25  # leads a transaction: the write lock is held for a quarter of a second
EVERY = 1.0  # seconds between two lines of progress
WORDS = {
    "visitor_sessions": "visits",
    "visitors": "visitors",
    "visitor_days": "visitors' days",
    "rollups": "roll-ups",
    "lead_lifecycle": "stays of leads in stages",
    "leads.stage": "leads' stages",
    "leads.touches": "leads' first and last touches",
    "leads.last_engaged_at": "leads' last signs of life",
    "leads.score": "scores that leads show",
    "lead_attribution": "attributions of conversions",
    "attribution_credits": "credits of channels",
}


@command("sweep")
def sweep():
    """Ends the visits that fell silent and scores them; prints how many."""
    click.echo(f"{end_silent_visits()} visits ended")


@command("rebuild")
def rebuild():
    """Derives everything again from the log; prints what differed, and puts it right.

    Visits, visitors, days and roll-ups; then leads, part by part: stages, attribution, touches.
    Their scores and journeys are brought up to date; they change with time, so what changed of them
    is not counted as differing.
    """
    end_silent_visits()
    found = False
    for organization_id, slug in _organizations():
        counts = _rebuild_visits(organization_id) + _rebuild_leads(organization_id, slug)
        for what, words in WORDS.items():
            if counts[what]:
                click.echo(f"{slug}: {words}: {counts[what]} differed")
                found = True
    if not found:
        click.echo("nothing differed")


def _organizations() -> list[tuple[int, str]]:
    wanted = select(Organization.id, Organization.slug).order_by(Organization.id)
    return list(db.session.execute(wanted).tuples())


def _rebuild_visits(organization_id: int) -> Counter:
    organization = db.session.get(Organization, organization_id)
    counts = derive_again(organization, now=utc_now())
    db.session.commit()
    return counts


def _rebuild_leads(organization_id: int, slug: str) -> Counter:
    counts, done, after = Counter(), 0, 0
    progress = _Progress(slug)
    with acting_for(organization_id):
        history, everybody = won(), count_leads()
        while after is not None:
            catch_up.run()  # what visitors did meanwhile differs rightly
            some, leads, after = rebuild_leads(after, AT_ONCE, now=utc_now(), history=history)
            db.session.commit()
            counts, done = counts + some, done + leads
            progress(done, everybody)
    return counts


class _Progress:
    """Tells how far it is, when it takes longer than a moment."""

    def __init__(self, slug: str):
        self.slug, self.told_at = slug, monotonic()

    def __call__(self, done: int, everybody: int):
        if monotonic() - self.told_at >= EVERY:
            self.told_at = monotonic()
            click.echo(f"{self.slug}: {done} of {everybody} leads", err=True)
