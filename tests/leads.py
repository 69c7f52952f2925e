"""Leads of the clinic, and the pages on which the staff works on them."""

import re
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from sqlalchemy import event

from app.extensions import db
from app.identity import Identity
from app.models import Lead
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CONSENTS = {"email": True}


def lead_by_form(given, **more) -> Lead:
    """Whoever gave this, while acting for their organization: of the website, without a use of a
    tool, a visitor or a consent, unless more is told."""
    usual = {"site": None, "interaction": None, "identity": None, "source": "website"}
    usual |= {"utm": None, "consents": {}, "now": NOW}
    lead, _ = create_lead_from_form(given, **{**usual, **more})
    return lead


def make_lead(cast, email="eve@example.com", *, organization=None, now=NOW, **given) -> Lead:
    """A lead who left their e-mail without having used a tool."""
    with acting_for(organization or cast.clinic):
        source, utm = given.pop("source", "website"), {"source": "news", "medium": "email"}
        given = {"email": email, **given}
        lead = lead_by_form(given, source=source, utm=utm, consents=CONSENTS, now=now)
        db.session.commit()
        return lead


def make_lead_by_calculator(cast, now=NOW) -> Lead:
    """Eve, who visited, used the calculator and left her e-mail."""
    identity = Identity(UUID(int=7), None)
    with acting_for(cast.clinic):
        shared = {"site": cast.site, "identity": identity}
        page = "https://clinic.example/laser"
        record_interaction("page_viewed", url=page, now=now - timedelta(minutes=3), **shared)
        data = {"procedures": ["botox", "peel"], "budget": "high"}
        used = record_interaction("cost_calculator", data=data, now=now, **shared)
        more = {"source": "cost_calculator", "consents": CONSENTS, **shared}
        eve = {"email": "eve@example.com", "first_name": "Eve"}
        lead = lead_by_form(eve, interaction=used, now=now + timedelta(seconds=30), **more)
        db.session.commit()
        return lead


def address(lead, rest="") -> str:
    return f"/admin/leads/{lead.id}{rest}"


def send(client, lead, form, rest=""):
    token = TOKEN.search(client.get("/admin/comprehensive/lead-scoring").text)
    token = token or TOKEN.search(client.get(address(lead)).text)
    return client.post(address(lead, rest), data={**form, "csrf_token": token[1] if token else ""})


def plain(html: str) -> str:
    """The words of a page without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@contextmanager
def counted_queries():
    statements = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
