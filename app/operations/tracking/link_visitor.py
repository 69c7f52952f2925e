"""Say whose a visitor's acts are: link the visitor to a lead."""

from datetime import datetime, timedelta
from uuid import UUID

from app.extensions import db
from app.models import Interaction, Lead, LeadVisitor, Visitor, VisitorSession
from app.queries.contact import contact

MILLISECOND = timedelta(milliseconds=1)
# A salt's day, and a visit of at most a day that crossed its midnight.
HASH_LASTS = timedelta(days=2)
# What a browser still holds of the time before (app.domain.tracking.event.OLDEST) is theirs too.
OFFLINE = timedelta(days=1)


def link_visitor(
    lead: Lead, visitor_id: UUID, *, shared: bool, acted_at: datetime
) -> datetime | None:
    """Gives the visitor's past to the lead who just answered; if it is another's, what comes from
    this act on. `shared`: the id may be several people's, or it is not sure who answers. From when
    on their acts became the lead's by this; None when they were already."""
    last = contact.last_link(visitor_id)
    if last is None:
        starts_at = _begins(shared, visitor_id, acted_at)
    elif theirs := _theirs(lead, visitor_id, acted_at):
        theirs.recognised = False
        return None
    elif last.recognised and last.ends_at is None:
        last.lead_id, last.recognised = lead.id, False  # nobody but a browser said it was the other
        return last.starts_at
    else:
        spoke_at = _last_word(last) or last.starts_at
        starts_at = last.ends_at or max(spoke_at, last.starts_at) + MILLISECOND
        starts_at = max(acted_at, starts_at)
        last.ends_at = last.ends_at or starts_at
    db.session.add(LeadVisitor(lead_id=lead.id, visitor_id=visitor_id, starts_at=starts_at))
    db.session.flush()
    return starts_at


def recognise_visitor(lead: Lead, visitor_id: UUID, *, acted_at: datetime) -> datetime | None:
    """Gives this visit of a new id to the lead whom the browser is known as; from when on, None for
    an id that is somebody's already: it stays theirs."""
    if contact.last_link(visitor_id) is not None:
        return None
    starts_at = _begins(True, visitor_id, acted_at)
    db.session.add(
        LeadVisitor(lead_id=lead.id, visitor_id=visitor_id, starts_at=starts_at, recognised=True)
    )
    db.session.flush()
    return starts_at


def _theirs(lead: Lead, visitor_id: UUID, at: datetime) -> LeadVisitor | None:
    """The link by which the visitor was or is the lead at a moment: answering on an older act takes
    nothing from whoever came after it."""
    links = (
        link
        for link in contact.links_of(lead.id)
        if link.visitor_id == visitor_id
        and link.starts_at <= at
        and (link.ends_at is None or at < link.ends_at)
    )
    return next(links, None)


def _last_word(link: LeadVisitor) -> datetime | None:
    """When the visitor last gave the form as this link's lead."""
    return db.session.scalar(
        db.select(db.func.max(Interaction.occurred_at)).where(
            Interaction.organization_id == link.organization_id,
            Interaction.lead_id == link.lead_id,
            Interaction.visitor_id == link.visitor_id,
            Interaction.type == "form_submitted",
        )
    )


def _begins(shared: bool, visitor_id: UUID, acted_at: datetime) -> datetime:
    """Where the past of a visitor who is a lead begins: with their first visit; with this one
    where the earlier ones may be somebody else's."""
    visitor = db.session.scalar(db.select(Visitor).where(Visitor.id == visitor_id))
    first_seen_at = visitor.first_seen_at if visitor else acted_at
    # Without cookies everybody behind one address and browser has this id today, and a typed
    # address proves nothing: this visit is as much as is likely one person's. An id that outlives
    # a day's salt is no hash but one browser's, imported.
    if visitor is None or not shared or acted_at - first_seen_at > HASH_LASTS:
        return min(first_seen_at, acted_at) - OFFLINE
    begun = db.session.scalar(
        db.select(db.func.max(VisitorSession.started_at)).where(
            VisitorSession.organization_id == visitor.organization_id,
            VisitorSession.visitor_id == visitor_id,
            VisitorSession.started_at <= acted_at,
        )
    )
    return begun or acted_at
