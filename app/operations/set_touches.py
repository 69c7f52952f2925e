"""Say by what a lead came first and last."""

from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import urlencode

from app.domain.channel import Source, attribute_visit
from app.models import Lead, VisitorSession
from app.queries import contact


def set_touches(lead: Lead, utm: Mapping[str, str] | None = None) -> None:
    """First and last touch: as tagged, else of the first and the last visit."""
    if utm:
        tags = {_tag(name): value for name, value in utm.items() if isinstance(value, str)}
        tagged = _plain(attribute_visit(f"https://tagged.invalid/?{urlencode(tags)}"))
        lead.first_touch, lead.last_touch = lead.first_touch or tagged, tagged
    elif visits := contact.visits_of(lead.id):
        came_by = [_came_by(visit) for visit in visits]
        if not lead.first_touch or lead.first_touch in came_by:
            lead.first_touch = came_by[0]
        lead.last_touch = came_by[-1]


def _tag(name: str) -> str:
    return name if name.startswith("utm_") or name.endswith("clid") else f"utm_{name}"


def _came_by(visit: VisitorSession) -> dict:
    names = Source.__dataclass_fields__
    return _plain(Source(**{name: getattr(visit, name) for name in names}))


def _plain(source: Source) -> dict:
    return {name: value for name, value in asdict(source).items() if value is not None}
