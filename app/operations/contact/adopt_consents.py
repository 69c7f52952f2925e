"""What somebody agreed to before they were a lead is the lead's."""

from sqlalchemy import true, update

from app.extensions import db
from app.models import Consent, Lead
from app.queries.contact import contact


def adopt_consents(lead: Lead) -> int:
    """Gives the lead the consents of its visitors, of the time in which they were the lead; how
    many. Those that are a lead's already stay theirs."""
    count = 0
    for link in contact.links_of(lead.id):
        ended = true() if link.ends_at is None else Consent.given_at < link.ends_at
        theirs = (Consent.visitor_id == link.visitor_id, Consent.given_at >= link.starts_at, ended)
        adopted = db.session.execute(
            update(Consent).where(Consent.lead_id.is_(None), *theirs).values(lead_id=lead.id)
        )
        count += adopted.rowcount
    return count
