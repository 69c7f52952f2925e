"""Which of the organization's treatments fit what somebody wrote."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock, Thread

from app.domain.tools.phrases import Offer
from app.domain.tools.recommendation import Answer, Recommender
from app.models import Treatment
from app.queries.catalogue import catalogue
from app.tenancy import acting_organization_id

MOST_KEPT = 50
MOST_REASONS = 3

# organization -> its offers as they were, and what was made of them. Compared with the offers as
# they are now, so that a change is seen whichever process made it.
_kept: OrderedDict[int, tuple[tuple[Offer, ...], Recommender]] = OrderedDict()
_making = Lock()


def offers() -> tuple[Offer, ...]:
    """What the organization offers now, as the matching reads it."""
    return tuple(_offer(treatment) for treatment in catalogue.treatments())


def answer(offers: tuple[Offer, ...], text: str) -> Answer:
    """What of these offers fits the text. Asks no database, and may take a second the first time:
    whoever holds a lock lets go of it before."""
    return _recommender(acting_organization_id(), offers).recommend(text)


@dataclass(frozen=True, slots=True)
class Found:
    """A treatment that a search found; `because` names the concerns and synonyms that matched."""

    treatment: Treatment
    because: tuple[str, ...]


def search(query: str) -> list[Found]:
    """The treatments that have to do with the query, the best first."""
    rows = catalogue.treatments()
    offered = {row.slug: row for row in rows}
    recommender = _recommender(acting_organization_id(), tuple(map(_offer, rows)))
    return [
        Found(offered[match.key], (*match.concerns, *match.names)[:MOST_REASONS])
        for match in recommender.search(query)
    ]


def prepare(offers: tuple[Offer, ...]) -> None:
    """Begins, beside the request, what the first answer would wait for."""
    organization_id = acting_organization_id()
    if not _is_kept(organization_id, offers):
        Thread(target=_recommender, args=(organization_id, offers), daemon=True).start()


def _is_kept(organization_id: int, offers: tuple[Offer, ...]) -> bool:
    return organization_id in _kept and _kept[organization_id][0] == offers


def _recommender(organization_id: int, offers: tuple[Offer, ...]) -> Recommender:
    with _making:
        if not _is_kept(organization_id, offers):
            _kept[organization_id] = (offers, Recommender(offers))
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(organization_id)
        return _kept[organization_id][1]


def _offer(row: Treatment) -> Offer:
    return Offer(
        key=row.slug,
        name=row.name,
        category=row.category,
        summary=row.summary,
        description=row.description,
        concerns=_texts(row.concerns),
        synonyms=_texts(row.synonyms),
        areas=_texts(area["name"] for area in row.areas),
    )


def _texts(values: Sequence) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str))
