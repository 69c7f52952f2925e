"""Record an analysis of a face: the use of the tool, and the receipts of what was agreed to."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.domain.tools.skin import in_short
from app.extensions import db
from app.identity import Identity
from app.models import Consent, Interaction, Lead, Site
from app.operations.contact.create_lead_from_form import ConsentGiven
from app.operations.tools.use_tool import Browser, ToolUse, use_tool
from app.operations.tracking.record_visit_act import record_visit_act
from app.queries.contact import contact
from app.queries.leads.lead_acts import acts

TYPE = "face_analysis"
KEEP = "face_measurements"
MEASURED = ("measures", "hidden")


def record_analysis(
    site: Site,
    *,
    identity: Identity | None,
    told: dict,
    measured: dict,
    consents: Mapping[str, ConsentGiven],
    url: str | None,
    now: datetime,
    event_id: UUID,
    browser: Browser,
) -> ToolUse:
    """The use of the tool. `told`: the visitor's own answers. `measured` (MEASURED) is kept only
    with the consent KEEP. The words agreed to stay with the interaction, and for a visitor who is
    tracked as receipts of their own."""
    known = contact.interaction(event_id) is not None
    data = told | {"consents": {kind: given._asdict() for kind, given in consents.items()}}
    if KEEP in consents:
        data |= measured
    use = use_tool(
        site,
        TYPE,
        identity=identity,
        data=data,
        url=url,
        now=now,
        event_id=event_id,
        browser=browser,
    )
    if KEEP in consents:
        use.interaction.label = in_short(measured["measures"])  # for whoever talks to them
    if not known:
        for kind, given in consents.items():
            _keep_receipt(kind, given, identity, now)
    return use


def record_refusal(site: Site, reason: str, *, identity: Identity, now: datetime):
    """Notes that a photo could not be measured, and why; it is no use of the tool."""
    data = {"name": "photo_refused", "reason": reason}
    label = f"Photo refused: {reason.replace('_', ' ')}"
    record_visit_act("event", site=site, identity=identity, label=label, data=data, now=now)


def forget_measurements(interaction: Interaction, identity: Identity | None, now: datetime):
    """Takes kept measurements out of an analysis: the consent to keep them is withdrawn."""
    if take_out_measurements(interaction):
        words = interaction.data["consents"][KEEP]
        taken_back = ConsentGiven(False, words["text"], words["version"])
        whose = contact.whose_consent(interaction.visitor_id, KEEP)
        _keep_receipt(KEEP, taken_back, identity, now, lead_id=whose)


def take_out_measurements(interaction: Interaction) -> bool:
    """Takes out of an analysis what was measured; whether anything was kept of it."""
    data = interaction.data or {}
    if not data.keys() & set(MEASURED):
        return False
    interaction.data = {name: value for name, value in data.items() if name not in MEASURED}
    interaction.label = None
    db.session.flush()
    return True


def take_out_all_measurements(lead: Lead) -> int:
    """The same of every analysis of a lead; of how many."""
    every = acts([lead.id])
    analyses = select(every.c.id).where(every.c.type == TYPE)
    wanted = select(Interaction).where(Interaction.id.in_(analyses))
    return sum(take_out_measurements(use) for use in db.session.scalars(wanted).all())


def _keep_receipt(
    kind: str,
    given: ConsentGiven,
    identity: Identity | None,
    now: datetime,
    lead_id: int | None = None,
):
    if identity is None:
        return
    db.session.add(
        Consent(
            lead_id=lead_id,
            visitor_id=identity.visitor_id,
            kind=kind,
            granted=given.granted,
            text=given.text,
            text_version=given.version,
            given_at=now,
        )
    )
