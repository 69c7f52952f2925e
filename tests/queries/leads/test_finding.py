"""Leads are found by names, addresses and numbers, whatever their spelling, on both databases."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from app.domain.leads import finding
from app.extensions import db
from app.models import Lead
from app.models.folded import folded
from app.queries.leads.finding import found_by
from app.tenancy import acting_for
from tests.conftest import NOW

LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cn"])
NEAR = st.characters(codec="utf-8", max_codepoint=0x5FF, exclude_characters="\0")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(NEAR | LETTERS))
def test_databases_fold_as_python_does(app, text):
    assert db.session.scalar(select(folded(literal(text)) == finding.folded(text)))


def test_every_letter_of_the_table_is_folded_alike(app):
    letters = [chr(code) for code in range(1, 0x2100)]
    known = [letter for letter in letters if unicodedata.category(letter) != "Cn"]
    told = [folded(literal(f"x{letter}")) == finding.folded(f"x{letter}") for letter in known]
    for first in range(0, len(told), 100):
        row = db.session.execute(select(*told[first : first + 100])).one()
        assert [known[first + place] for place, same in enumerate(row) if not same] == []


def test_nothing_stays_nothing(app):
    assert db.session.scalar(select(folded(literal(None)))) is None


@pytest.fixture
def people(cast):
    told = (
        ("Élodie", "Ünal", "e.unal@example.com", "+33611111140"),
        ("Fatou", "Lambert", None, "+33639987674"),
        ("Björn", "Øberg", "b_100%@example.com", None),
        (None, None, "LEFÈVRE@example.com", None),
        ("Yılmaz 😊", "Groß", None, "+442079460958"),
    )
    with acting_for(cast.clinic):
        for first, last, email, phone in told:
            names = {"first_name": first, "last_name": last, "email": email, "phone": phone}
            db.session.add(Lead(**names, created_at=NOW, updated_at=NOW))
        db.session.flush()
        yield


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("élodie", [0]),
        ("ELODIE UNAL", [0]),
        ("ünal e.unal@EXAMPLE", [0]),
        ("+33 6 39 98 76 74", [1]),
        ("06.39.98.76.74 lambert", [1]),
        ("lambert 06 11 11 11 40", []),
        ("(0)6 11111140", [0]),
        ("639 674", [1]),
        ("39 98 76", [1]),
        ("020 7946 0958", [4]),
        ("øberg", [2]),
        ("BJORN oberg", [2]),
        ("100%", [2]),
        ("_100", [2]),
        ("%", [2]),
        ("_", [2]),
        ("lefevre", [3]),
        ("yilmaz gross", [4]),
        ("YILMAZ GROẞ", [4]),
        ("😊", [4]),
        ("z\0zz", []),
        ("++()--", []),
        ("/", []),
        ("\\", []),
        ("'; --", []),
        ("9" * 60_000, []),
        ("ﷺ" * 3_000, []),
        (" ", [0, 1, 2, 3, 4]),
    ],
)
def test_they_are_found(people, typed, found):
    rows = db.session.scalars(select(Lead.id).order_by(Lead.id)).all()
    wanted = select(Lead.id).where(*found_by(typed)).order_by(Lead.id)
    assert [rows.index(lead_id) for lead_id in db.session.scalars(wanted)] == found
