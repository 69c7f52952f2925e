"""The words that may be said to an organization: what stands in its catalogue."""

from collections.abc import Iterable

from app.domain.tools.vocabulary import Vocabulary
from app.models import Treatment
from app.queries.catalogue import catalogue


def spoken() -> Vocabulary:
    """The vocabulary of the organization that is acted for, in the order of its catalogue."""
    treatments = catalogue.treatments()
    return Vocabulary(
        treatments=_texts(name for t in treatments for name in (t.name, *t.synonyms)),
        concerns=_texts(concern for t in treatments for concern in t.concerns),
        areas=_texts(area["name"] for t in treatments for area in t.areas),
        texts=_texts(text for t in treatments for text in _told(t)),
    )


def _told(treatment: Treatment) -> Iterable[str]:
    options = (option["name"] for option in treatment.options)
    return (treatment.summary, treatment.description, *treatment.questions, *options)


def _texts(values: Iterable) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))
