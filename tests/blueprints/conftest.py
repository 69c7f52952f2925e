"""The clinic's public pages, and somebody who looks at them."""

import pytest

from app.demo.catalogue import load_catalogue
from app.extensions import db
from tests.conftest import NOW
from tests.passerby import Passerby


@pytest.fixture
def clinic(cast):
    """The cast, with the demo's catalogue in the clinic."""
    load_catalogue(cast.clinic.id, NOW)
    db.session.commit()
    return cast


@pytest.fixture
def visitor(client, clinic):
    return Passerby(client)
