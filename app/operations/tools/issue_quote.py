"""Issue a numbered quote of what somebody was shown, once for each use of the calculator."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from app.domain.money import money
from app.domain.tools.calculator import Calculator
from app.domain.tools.quote import day, number_of, prefix_of, valid_until
from app.extensions import db
from app.identity import Identity
from app.models import Interaction, Lead, Organization, Quote, Site
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.queue_mail import BadMail, queue_mail
from app.operations.tracking.record_interaction import record_interaction
from app.operations.tracking.track import lock_log
from app.queries.contact import contact
from app.queries.tools import calculator, quotes
from app.tenancy import acting_organization_id

# Whoever types other people's addresses sends them no more than this.
MOST_MAILS_A_DAY = 5
DAY = timedelta(days=1)
# Of one estimate after the other, in search of the one that was quoted.
MOST_CHANGES = 30


def issue_quote(
    interaction: Interaction,
    lead: Lead,
    recipient: Mapping[str, str],
    *,
    site: Site,
    identity: Identity | None,
    link: Callable[[str, int], str] | None,
    now: datetime,
) -> Quote:
    """The quote of a use of the calculator for a lead, made out to the `recipient` (name, email,
    phone: what they gave for it) and sent to the e-mail among it. `link` makes the whole address of
    a row's page; without it nobody is written to.

    The price is the one that was shown. There is one quote of a use for a lead, however often this
    is asked. A use that changed an earlier one replaces the quote that the lead got of that.
    """
    organization = db.session.get(Organization, acting_organization_id())
    lock_log(db.session.connection(), organization.id)  # numbers have no gaps and no doubles
    quote = quotes.quote_of_use(interaction.event_id, lead.id)
    before = quote.recipient if quote else {}
    mailed_today = quotes.issued_since(lead.id, now - DAY)
    if quote is None:
        quote = _new(interaction, lead, organization, now)
        db.session.add(quote)
    # What is missing is added; whom it was made out to stays.
    quote.recipient = {**recipient, **before}
    db.session.flush()
    _record(quote, interaction, site, identity, now)
    refresh_journeys([lead], now=now)
    to = recipient.get("email")
    if link and to and "email" not in before and mailed_today < MOST_MAILS_A_DAY:
        _mail(quote, to, link("quote", quote.id), now)
    return quote


def _record(quote: Quote, interaction: Interaction, site: Site, identity, now: datetime):
    record_interaction(
        "quote_requested",
        site=site,
        identity=identity,
        lead_id=quote.lead_id,
        data={"quote": quote.number, "replaces": quote.content["replaces"]},
        label=quote.number,
        event_id=uuid5(interaction.event_id, f"quote_requested {quote.number}"),
        now=now,
    )


def _new(interaction: Interaction, lead: Lead, organization: Organization, now: datetime) -> Quote:
    settings, data = calculator.settings(), interaction.data
    today = now.astimezone(ZoneInfo(organization.timezone)).date()
    sequence = quotes.last_sequence(today.year) + 1
    before, logo = _replaced(data, lead), quotes.logo()
    total = data["estimate"]["total"]
    return Quote(
        year=today.year,
        sequence=sequence,
        number=number_of(settings.prefix or prefix_of(organization.name), today.year, sequence),
        event_id=interaction.event_id,
        lead_id=lead.id,
        replaces_id=before and before.id,
        logo_id=logo and logo.id,
        content=content_of(data, organization, settings, replaces=before and before.number),
        currency=data["currency"],
        total_low=total["low"],
        total_high=total["high"],
        issued_at=now,
        valid_until=valid_until(today, settings.valid_days),
    )


def content_of(
    data: Mapping, organization: Organization, settings: Calculator, *, replaces: str | None
) -> dict:
    """What a quote's document says, of a use's data: it never changes again."""
    texts = (organization.settings or {}).get("site", {})
    return {
        "organization": {
            "name": organization.name,
            "phone": texts.get("phone", ""),
            "email": texts.get("email", ""),
            "colour": settings.colour,
        },
        **{name: data[name] for name in ("clinic", "currency", "estimate", "financing")},
        "procedures": data["procedures"],
        "terms": settings.terms,
        "replaces": replaces,
    }


def _replaced(data: Mapping, lead: Lead) -> Quote | None:
    """The lead's quote in force that came of an earlier use which this one changes.

    Somebody else, whom a link was forwarded to, gets a quote of their own.
    """
    for _ in range(MOST_CHANGES):
        changes = data.get("changes")
        if not changes:
            return None
        if before := quotes.quote_of_use(UUID(changes), lead.id):
            return quotes.newest_of(before)
        earlier = contact.interaction(UUID(changes))
        data = earlier.data if earlier else {}
    return None


def _mail(quote: Quote, to: str, link: str, now: datetime):
    total = quote.content["estimate"]["total"]
    low, high = (money(total[end], quote.currency) for end in ("low", "high"))
    facts = {
        "quote_id": quote.id,
        "number": quote.number,
        "replaces": quote.content["replaces"],
        "name": quote.recipient.get("name", ""),
        "total": low if low == high else f"{low} to {high}",
        "treatments": [line["name"] for line in quote.content["estimate"]["lines"]],
        "valid_until": day(quote.valid_until),
        "link": link,
    }
    file = {"kind": "quote", "id": quote.id}
    try:
        queue_mail("quote", to, facts, due_at=now, now=now, attachments=[file])
    except BadMail:  # an address that the form takes and no mail reaches
        return
