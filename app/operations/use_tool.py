"""Use a tool: record the act with its score, and decide whether to ask for contact."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.domain.contact_form import Decision, should_show
from app.domain.score import Score
from app.extensions import db
from app.identity import Identity
from app.models import Interaction, Site
from app.operations.record_interaction import record_interaction
from app.queries import contact, contact_form
from app.queries.rules import interaction_rules


class ToolUse(NamedTuple):
    """What a use of a tool came to."""

    interaction: Interaction
    score: Score
    decision: Decision


def use_tool(
    site: Site,
    type: str,
    *,
    identity: Identity | None,
    data: dict,
    url: str | None,
    now: datetime,
    event_id: UUID | None = None,
) -> ToolUse:
    """Records a use of the tool `type` (one of app.domain.event.TOOLS), scored by the rules in
    force. The same `event_id` again, a reload say, is not recorded again."""
    interaction = record_interaction(
        type, site=site, identity=identity, data=data, url=url, now=now, event_id=event_id
    )
    return ToolUse(interaction, score_of(interaction), decide(interaction))


def score_of(interaction: Interaction) -> Score:
    """The interaction score as it was given, with its contributions."""
    return Score.from_json(
        {"points": interaction.score, "contributions": interaction.contributions}
    )


def decide(interaction: Interaction) -> Decision:
    """Whether to ask for contact after this act (scoring.md 2, should_show_contact_form)."""
    return should_show(
        interaction.score,
        interaction.type,
        _high_intent_count(interaction),
        _dismissed(interaction),
        contact_form.is_complete(contact.lead_of_visitor(interaction.visitor_id)),
        interaction_rules(),
    )


def _high_intent_count(interaction: Interaction) -> int:
    if interaction.visitor_id is None:
        return 1
    return db.session.scalar(
        select(func.count())
        .select_from(Interaction)
        .where(
            Interaction.visitor_id == interaction.visitor_id,
            Interaction.score.is_not(None),
        )
    )


def _dismissed(interaction: Interaction) -> bool:
    if interaction.visitor_session_id is None:
        return False
    dismissed = select(Interaction.id).where(
        Interaction.visitor_session_id == interaction.visitor_session_id,
        Interaction.type == "form_dismissed",
    )
    return db.session.scalar(dismissed.limit(1)) is not None
