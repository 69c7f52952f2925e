"""What somebody agreed to before they told who they are."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.extensions import db
from app.identity import Identity
from app.models import Consent, Interaction
from app.operations.contact.create_lead_from_form import ConsentGiven
from app.operations.leads.erase_lead import erase_lead
from app.operations.leads.withdraw_consent import withdraw_consent
from app.operations.tools.analyse_face import KEEP, TYPE, forget_measurements, record_analysis
from app.operations.tools.use_tool import Browser
from app.queries.contact import contact
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import lead_by_form

BROWSER, ANOTHER = (Identity(UUID(int=n, version=4)) for n in (7, 8))
MINUTE = timedelta(minutes=1)
MEASURED = {"measures": {"redness": 3.0}, "hidden": []}


@pytest.fixture
def clinic(cast):
    cast.site.identity_mode = "cookie"
    with acting_for(cast.clinic):
        yield cast


def analysed(cast, identity=BROWSER, at=NOW) -> Interaction:
    words = {kind: ConsentGiven(True, f"Yes to {kind}", "1") for kind in (TYPE, KEEP)}
    use = record_analysis(
        cast.site,
        identity=identity,
        told={"concerns": ["scars"]},
        measured=MEASURED,
        consents=words,
        url=None,
        now=at,
        event_id=UUID(int=identity.visitor_id.int + at.minute),
        browser=Browser(),
    )
    db.session.flush()
    return use.interaction


def become_lead(cast, interaction=None, identity=BROWSER, email="eve@example.com", **more):
    told = {"site": cast.site, "interaction": interaction, "identity": identity, **more}
    lead = lead_by_form({"email": email}, source="face_analysis", now=NOW + 5 * MINUTE, **told)
    db.session.commit()
    return lead


def whose():
    rows = db.session.execute(select(Consent.kind, Consent.granted, Consent.lead_id))
    return rows.tuples().all()


def test_what_a_visitor_agreed_to_is_the_leads_they_become(clinic):
    others = analysed(clinic, ANOTHER)
    lead = become_lead(clinic, analysed(clinic))
    assert contact.consents_in_force(lead.id) == {TYPE, KEEP}
    assert sum(lead_id is None for _, _, lead_id in whose()) == 2, "those of another browser"
    assert others.data["measures"]


def test_the_team_takes_it_back_and_what_was_measured_goes(clinic):
    used = analysed(clinic)
    lead = become_lead(clinic, used)
    assert used.data["measures"]
    assert withdraw_consent(lead, KEEP, user_id=None, now=NOW + 6 * MINUTE)
    assert not MEASURED.keys() & used.data.keys()
    assert used.label is None
    assert contact.consents_in_force(lead.id) == {TYPE}


def test_who_takes_it_back_at_their_browser_takes_it_back_as_the_lead(clinic):
    used = analysed(clinic)
    lead = become_lead(clinic, used)
    forget_measurements(used, BROWSER, NOW + 6 * MINUTE)
    db.session.flush()
    assert contact.consents_in_force(lead.id) == {TYPE}


def test_who_only_types_a_known_address_gives_nobody_their_consents(clinic):
    eve = become_lead(clinic)
    used = analysed(clinic, ANOTHER, NOW + 6 * MINUTE)
    again = become_lead(clinic, used, ANOTHER, trusted=False)
    assert again.id == eve.id
    assert contact.consents_in_force(eve.id) == set()


def test_an_erased_person_has_no_consents_left(clinic):
    lead = become_lead(clinic, analysed(clinic))
    erase_lead(lead, user_id=None, now=NOW + 6 * MINUTE)
    assert {lead_id for _, _, lead_id in whose()} == {None}
    assert set(db.session.scalars(select(Consent.visitor_id))) == {None}
