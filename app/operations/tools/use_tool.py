"""Use a tool: record the act with its score, and decide whether to ask for contact."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.domain.contact.contact_form import Decision, should_show
from app.domain.score import Score
from app.extensions import db
from app.identity import Identity
from app.models import Interaction, Site
from app.operations.tracking.record_visit_act import record_visit_act
from app.queries.contact import contact_form
from app.queries.scoring.rules import interaction_rules


class Browser(NamedTuple):
    """What the browser that uses a tool remembers of whoever is at it.

    `known`: the fields of the contact form they gave. `dismissed`: they put the form away, in
    `dismissed_visit` (None: untracked). `used`: the beginnings of the ids of its uses of tools.
    """

    known: Collection[str] = frozenset()
    dismissed: bool = False
    dismissed_visit: UUID | None = None
    used: Collection[str] = frozenset()


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
    browser: Browser | None = None,
) -> ToolUse:
    """Records a use of the tool `type` (one of app.domain.tracking.event.TOOLS), scored by the
    rules in force. The same `event_id` again, a reload say, is not recorded again. Without
    `browser` nothing is remembered of its user."""
    interaction = record_visit_act(
        type, site=site, identity=identity, data=data, url=url, now=now, event_id=event_id
    )
    decision = decide(interaction, site, browser or Browser())
    _keep(decision, interaction)
    return ToolUse(interaction, score_of(interaction), decision)


def _keep(decision: Decision, interaction: Interaction):
    """Beside the act, in the transaction that recorded it: why it was asked, or not. The same form
    sent again changes nothing."""
    context = interaction.context or {}
    if "asked" not in context:
        told = {"show": decision.show, "reasons": list(decision.reasons)}
        interaction.context = {**context, "asked": told}
        db.session.flush()


def score_of(interaction: Interaction) -> Score:
    """The interaction score as it was given, with its contributions."""
    return Score.from_json(
        {"points": interaction.score, "contributions": interaction.contributions}
    )


def decide(interaction: Interaction, site: Site, browser: Browser) -> Decision:
    """Whether to ask for contact after this act (the rules' thresholds), by what this browser gave
    and refused: what others behind the same visitor id did is not held against it."""
    return should_show(
        interaction.score,
        interaction.type,
        _high_intent_count(interaction, site, browser),
        _dismissed(interaction, site, browser),
        contact_form.is_complete(browser.known),
        interaction_rules(),
    )


def _high_intent_count(interaction: Interaction, site: Site, browser: Browser) -> int:
    """The visitor's uses of tools, this one included; where a visitor may be several people, those
    of this browser."""
    if interaction.visitor_id is None or site.identity_mode == "cookieless":
        this = interaction.event_id.hex
        return 1 + sum(not this.startswith(used) for used in browser.used)
    return db.session.scalar(
        select(func.count())
        .select_from(Interaction)
        .where(
            Interaction.visitor_id == interaction.visitor_id,
            Interaction.score.is_not(None),
        )
    )


def _dismissed(interaction: Interaction, site: Site, browser: Browser) -> bool:
    visit_id = interaction.visitor_session_id
    # The browser's memory may outlive the visit in which the form was put away.
    if browser.dismissed and (not visit_id or browser.dismissed_visit in (None, visit_id)):
        return True
    if visit_id is None or site.identity_mode == "cookieless":
        return False  # a visit without cookies may be several people's
    dismissed = select(Interaction.id).where(
        Interaction.visitor_session_id == visit_id,
        Interaction.type == "form_dismissed",
    )
    return db.session.scalar(dismissed.limit(1)) is not None
