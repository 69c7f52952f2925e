"""A face, a photo of it, and an end to the worker that measures it."""

import pytest

from app.clients import vision
from tests import portrait as of
from tests.portrait import jpeg


@pytest.fixture(scope="module")
def face():
    return of.portrait()


@pytest.fixture(scope="module")
def photo(face):
    return jpeg(face, 95)


@pytest.fixture(scope="module", autouse=True)
def worker_ends():
    yield
    vision.worker.stop()
