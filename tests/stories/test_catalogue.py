"""An admin writes a treatment into the catalogue; visitors meet it everywhere at once, nobody of
another organization ever does, and hidden it is gone."""

import pytest
from sqlalchemy import select

from app.demo.catalogue import load_catalogue
from app.extensions import db
from app.models import Site
from app.tenancy import across_organizations
from tests.conftest import NOW
from tests.desk import Desk
from tests.passerby import Passerby

NEW = "/admin/catalogue/treatments/new"
NAME = "Polynucleotide skin boost"
BOOST = {
    "name": NAME,
    "category": "Injectables",
    "summary": "Repairs tired skin from within.",
    "concerns": "crepey neck\ntired skin",
    "synonyms": "salmon dna\npolynucleotides",
    "price_low": "310",
    "price_high": "390,50",
    "minutes": "40",
    "area-name": ["Face", "Neck"],
    "area-factor": ["1", "0,8"],
    "area-key": ["", ""],
}
# Where visitors meet a treatment: the address, and what they ask there.
MET_AT = (
    ("/", None),
    ("/treatments", None),
    ("/search", {"q": "salmon DNA"}),
    ("/enhanced-cost/", None),
)


@pytest.fixture
def both(cast):
    """Two organizations, each with the demo's catalogue and pages of its own."""
    for organization in (cast.clinic, cast.other):
        load_catalogue(organization.id, NOW)
    db.session.commit()
    return cast


def hosted_by(organization):
    """From now on this organization's pages are the ones that visitors see here."""
    with across_organizations():
        for site in db.session.scalars(select(Site)):
            site.hosted = site.organization_id == organization.id
        db.session.commit()


def met(visitor) -> list[bool]:
    return [NAME in visitor.get(address, query).text for address, query in MET_AT]


def test_a_treatment_is_met_everywhere_at_once_and_hidden_it_is_gone(both, sign_in, client):
    desk, visitor = Desk(sign_in(both.alice)), Passerby(client)
    assert met(visitor) == [False] * 4

    desk.open(NEW)
    desk.send("/new", **{name.replace("-", "__"): value for name, value in BOOST.items()})
    assert met(visitor) == [True] * 4
    visitor.get("/enhanced-ai/")
    visitor.send("/enhanced-ai/", text="My crepey neck makes me look old")
    assert NAME in visitor.page.text
    visitor.calculate("polynucleotide-skin-boost", clinic="lyon")
    assert "€310 – €391" in visitor.page.text

    assert NAME not in Desk(sign_in(both.charlie)).open("/admin/catalogue/", q="salmon")
    hosted_by(both.other)
    assert met(Passerby(client)) == [False] * 4
    hosted_by(both.clinic)

    desk.open("/admin/catalogue/")
    desk.send("polynucleotide-skin-boost/state", state="hidden")
    assert met(visitor) == [False] * 4
    assert visitor.get("/treatments/polynucleotide-skin-boost").status_code == 404
