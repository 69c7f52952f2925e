"""Who may be the same person: names that are one but for case and accents."""

import pytest

from app.extensions import db
from app.models import Lead
from app.queries.leads.lead_desk import beside
from app.tenancy import acting_for
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("names", "same"),
    [
        (("ÉLODIE", "Unal"), True),
        (("elodie", "ÜNAL"), True),
        (("Elodi", "Ünal"), False),
        (("Élodie", "Unal-Roux"), False),
        (("Élodie", None), False),
    ],
)
def test_twins(cast, names, same):
    with acting_for(cast.clinic):
        leads = [
            Lead(first_name=first, last_name=last, created_at=NOW, updated_at=NOW)
            for first, last in (("Élodie", "Ünal"), names)
        ]
        db.session.add_all(leads)
        db.session.flush()
        assert list(beside(leads[0]).twins) == [leads[1].id] * same
