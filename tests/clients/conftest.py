"""What recordings are transcribed with, for one module of tests."""

import pytest

from app.clients import speech
from tests import voices


@pytest.fixture(scope="module")
def vocabulary():
    return voices.clinic()


@pytest.fixture(scope="module", autouse=True)
def worker_ends():
    yield
    speech.worker.stop()
