"""The index of a catalogue: made once, made anew when it changes, never another organization's."""

import subprocess
import sys

from sqlalchemy import select

from app.extensions import db
from app.models import Treatment
from app.queries.tools import recommendation
from app.tenancy import acting_for


def told(text: str) -> list[str]:
    return [match.key for match in recommendation.answer(recommendation.offers(), text).matches]


def kept(organization):
    return recommendation._kept[organization.id][1]


def test_it_is_made_once_for_a_catalogue(clinic):
    with acting_for(clinic.clinic):
        told("thin lips")
        first = kept(clinic.clinic)
        told("cellulite")
        assert kept(clinic.clinic) is first


def test_a_changed_treatment_is_seen_by_the_next_who_asks(clinic):
    with acting_for(clinic.clinic):
        assert told("quokka") == []
        row = db.session.scalar(select(Treatment).where(Treatment.slug == "ipl"))
        row.concerns = [*row.concerns, "quokka"]
        db.session.commit()
        assert told("quokka") == ["ipl"]
        row.active = False
        db.session.commit()
        assert told("quokka") == []


def test_organizations_are_never_mixed(clinic):
    with acting_for(clinic.other):
        db.session.add(
            Treatment(
                slug="grooming",
                name="Dog grooming",
                summary="",
                description="",
                category="Pets",
                concerns=["fleas"],
                price_low=1,
                price_high=2,
                minutes=30,
            )
        )
        db.session.commit()
        assert told("my dog has fleas") == ["grooming"]
        assert told("thin lips") == []
    with acting_for(clinic.clinic):
        assert told("my dog has fleas") == []
        assert told("thin lips")[0] == "lip-filler"


def test_a_search_finds_by_a_beginning_by_a_slip_and_by_a_word_of_the_description(clinic):
    with acting_for(clinic.clinic):
        for query in ("microneed", "micronedling", "collagen"):
            assert recommendation.search(query)[0].treatment.slug == "microneedling"
        assert "hydrafacial" in [f.treatment.slug for f in recommendation.search("antioxidants")]
        assert recommendation.search("tax return") == []
        assert recommendation.search("") == []


def test_the_application_starts_without_the_library_that_counts():
    asked = "import sys, app; app.create_app(); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
