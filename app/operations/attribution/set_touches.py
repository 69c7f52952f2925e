"""Say by what a lead came first and last."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from urllib.parse import urlencode

from app.domain.tracking.channel import Source, attribute_visit
from app.models import Lead, VisitorSession
from app.queries.contact import contact


def set_touches(lead: Lead, utm: Mapping[str, str] | None = None) -> None:
    """First and last touch: as tagged, else of the first and the last visit."""
    if utm:
        tags = {_tag(name): value for name, value in utm.items() if isinstance(value, str)}
        tagged = _plain(attribute_visit(f"https://tagged.invalid/?{urlencode(tags)}"))
        lead.first_touch, lead.last_touch = lead.first_touch or tagged, tagged
    else:
        _take_visits(lead, _came(lead))


def retell_touches(lead: Lead) -> bool:
    """The same by the visits of now; whether anything differed. A touch that is no visit's was
    tagged, which the log does not hold: it stays."""
    kept, came_by = (lead.first_touch, lead.last_touch), _came(lead)
    _take_visits(lead, came_by)
    if kept[1] and kept[1] not in came_by:
        lead.last_touch = kept[1]
    return kept != (lead.first_touch, lead.last_touch)


def _take_visits(lead: Lead, came_by: Sequence[dict]):
    if came_by:
        if not lead.first_touch or lead.first_touch in came_by:
            lead.first_touch = came_by[0]
        lead.last_touch = came_by[-1]


def _came(lead: Lead) -> list[dict]:
    return [_came_by(visit) for visit in contact.visits_of(lead.id)]


def _tag(name: str) -> str:
    return name if name.startswith("utm_") or name.endswith("clid") else f"utm_{name}"


def _came_by(visit: VisitorSession) -> dict:
    names = Source.__dataclass_fields__
    return _plain(Source(**{name: getattr(visit, name) for name in names}))


def _plain(source: Source) -> dict:
    return {name: value for name, value in asdict(source).items() if value is not None}
