"""What follows when somebody gives their contact beside a tool: each tool has its own answer."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.identity import Identity
from app.models import Interaction, Lead, Site
from app.operations.tools.issue_quote import issue_quote


def follow_up(
    interaction: Interaction,
    lead: Lead,
    given: Mapping[str, str],
    *,
    site: Site,
    identity: Identity | None,
    link: Callable[[str, int], str],
    now: datetime,
) -> None:
    """Does what the tool promised for the contact: `given` are the fields of this answer in their
    normal form; `link` makes the whole address of a row's page (kind, id)."""
    if follow := FOLLOW_UPS.get(interaction.type):
        follow(interaction, lead, given, site=site, identity=identity, link=link, now=now)


def _issue_quote(interaction: Interaction, lead: Lead, given: Mapping[str, str], **more):
    issue_quote(interaction, lead, recipient_of(given), **more)


def recipient_of(given: Mapping[str, str]) -> dict[str, str]:
    """Whom a quote is made out to, by the fields of the contact form."""
    name = " ".join(given[part] for part in ("first_name", "last_name") if given.get(part))
    told = {"name": name, "email": given.get("email"), "phone": given.get("phone")}
    return {field: value for field, value in told.items() if value}


# the tool's type -> what it promises whoever gives their contact
FOLLOW_UPS = {"cost_calculator": _issue_quote}
