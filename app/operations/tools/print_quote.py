"""Print a quote: the PDF of what was frozen when it was issued; and an example of one."""

from base64 import b64decode
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.clients import pdf
from app.domain.tools.calculator import Calculator
from app.domain.tools.cost import Clinic, Option, Selection, Treatment, estimate
from app.domain.tools.financing import plans
from app.domain.tools.quote import document, number_of, prefix_of, valid_until
from app.extensions import db
from app.models import Logo, Organization, Quote
from app.operations.tools.issue_quote import content_of
from app.queries.tools import quotes
from app.tenancy import acting_organization_id

EXAMPLE = (
    Selection(
        Treatment(
            "peel", "Example peel", 11_000, 19_000, options=(Option("c", "Care kit", 6_500, 6_500),)
        ),
        sessions=3,
        options=("c",),
    ),
    Selection(Treatment("laser", "Example laser", 17_000, 26_000)),
)


def quote_document(quote: Quote) -> dict:
    """What the document says, with its logo; everything that printing needs of the database."""
    told = document(
        quote.content,
        number=quote.number,
        issued_on=quote.issued_at.astimezone(_zone()).date(),
        last_day=quote.valid_until,
        recipient=quote.recipient,
    )
    return told | {"logo": _picture(quote.logo)}


def print_quote(quote: Quote) -> bytes:
    """The quote as a PDF."""
    return pdf.pdf("quote", quote_document(quote))


def example_document(settings: Calculator, now: datetime) -> dict:
    """What a quote would say with these settings."""
    organization = db.session.get(Organization, acting_organization_id())
    today = now.astimezone(_zone()).date()
    priced = estimate(EXAMPLE, Clinic("Example clinic", "", Decimal("1.1")), settings.discounts)
    by_month = plans(priced.total, settings.months, settings.yearly_percent)
    data = {
        "clinic": "Example clinic",
        "currency": organization.currency,
        "estimate": priced.to_json(),
        "financing": {"months": 0, "plans": [plan.to_json() for plan in by_month]},
        "procedures": [],
    }
    told = document(
        content_of(data, organization, settings, replaces=None),
        number=number_of(settings.prefix or prefix_of(organization.name), today.year, 42),
        issued_on=today,
        last_day=valid_until(today, settings.valid_days),
        recipient={"name": "Ana Example", "email": "ana@example.com"},
    )
    return told | {"logo": _picture(quotes.logo())}


def _zone() -> ZoneInfo:
    organization = db.session.get(Organization, acting_organization_id())
    return ZoneInfo(organization.timezone)


def _picture(logo: Logo | None) -> list[int] | None:
    """The bytes as typst takes them from JSON."""
    return list(b64decode(logo.png)) if logo and logo.png else None
