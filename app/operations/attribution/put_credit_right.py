"""Compare what is kept of conversions with what the log says of them, and put it right."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import delete, select

from app.domain.attribution.attribution import CONVERSION_TYPES, Touch
from app.extensions import db
from app.models import AttributionCredit, LeadAttribution
from app.models.types import to_millis
from app.operations.attribution.share_credit import Share, added_up, keep_shares, shares_of
from app.queries.attribution.attribution import learned_from
from app.queries.attribution.conversions import Conversion
from app.tenancy import acting_organization_id

CALCULATIONS, CREDITS = LeadAttribution.__tablename__, AttributionCredit.__tablename__
Place = tuple[int, str, int, str]  # lead, type, millisecond, model


def put_credit_right(
    lead_ids: Sequence[int], conversions: Sequence[Conversion], *, now: datetime
) -> Counter:
    """Calculates these conversions of these leads, and keeps what differs from what is kept; how
    many calculations and credits did.

    Where a model has learned since something was calculated, its weights are not expected to be
    those of now: the touches are, and that the weights share the whole. Credits without a
    calculation are taken away; conversions without a touch stay as they are.
    """
    kept = _Kept(lead_ids)
    shares, _ = shares_of(conversions)
    differing, wrong = Counter(), []
    for share in shares:
        calculated, credited = kept.compare(share)
        if not (calculated and credited):
            differing[CALCULATIONS] += not calculated
            differing[CREDITS] += not credited
            wrong.append(share)
    keep_shares(wrong, now=now)
    differing[CREDITS] += _forget(kept.strays({_place(share) for share in shares}))
    return differing


class _Kept:
    """The calculations and credits that are kept of some leads."""

    def __init__(self, lead_ids: Sequence[int]):
        self.learned = {kind: learned_from(kind) for kind in CONVERSION_TYPES}
        self.calculations: dict[Place, list] = defaultdict(list)
        self.credits: dict[Place, list] = defaultdict(list)
        kept = LeadAttribution
        more = (kept.conversion_value, kept.touchpoints, kept.summary, kept.calculated_at)
        for place, row in _rows(kept, lead_ids, more):
            self.calculations[place].append(row)
        kept = AttributionCredit
        more = (kept.id, kept.channel, kept.source, kept.weight, kept.value)
        for place, row in _rows(kept, lead_ids, more):
            self.credits[place].append(tuple(row)[4:])

    def compare(self, share: Share) -> tuple[bool, bool]:
        """Whether its calculation, and its credits, are kept as they should be."""
        place = _place(share)
        expected = [tuple(row[5:]) for row in share.credits]
        rows = self.calculations[place]
        right = len(rows) == 1 and self._is_right(rows[0], share)
        if right:
            expected = _added_up(rows[0].touchpoints)
        return right, sorted(expected) == sorted(row[1:] for row in self.credits[place])

    def _is_right(self, row, share: Share) -> bool:
        value, touchpoints, summary = share.calculation[5:]
        touchpoints, summary = msgspec.json.decode(touchpoints), msgspec.json.decode(summary)
        if row.conversion_value != value:
            return False
        if self._has_learned_since(row, summary):
            return _bare(row.touchpoints) == _bare(touchpoints) and _is_whole(row)
        return row.touchpoints == touchpoints and row.summary == summary

    def _has_learned_since(self, row, summary: dict) -> bool:
        if "learned" not in summary:
            return False
        learned = self.learned[row.conversion_type]
        return (row.summary or {}).get("learned") != summary["learned"] or (
            learned is not None and row.calculated_at <= learned.learned_at
        )

    def strays(self, told: set[Place]) -> list[int]:
        """The ids of credits of which there is no calculation."""
        known = told | {place for place, rows in self.calculations.items() if rows}
        return [
            row[0] for place, rows in self.credits.items() if place not in known for row in rows
        ]


def _rows(kept, lead_ids: Sequence[int], more: Sequence):
    rows = db.session.execute(
        select(kept.lead_id, kept.conversion_type, kept.conversion_at, kept.model, *more)
        .where(kept.organization_id == acting_organization_id(), kept.lead_id.in_(lead_ids))
        .order_by(kept.id)
    )
    for row in rows:
        yield (row.lead_id, row.conversion_type, to_millis(row.conversion_at), row.model), row


def _place(share: Share) -> Place:
    return share.calculation[1:5]


def _bare(touchpoints: Sequence[dict]) -> list[dict]:
    return [
        {name: value for name, value in touch.items() if name not in ("weight", "value")}
        for touch in touchpoints
    ]


def _is_whole(row) -> bool:
    weights = sum(Decimal(touch["weight"]) for touch in row.touchpoints)
    return weights == 1 and (
        sum(touch["value"] for touch in row.touchpoints) == row.conversion_value
    )


def _added_up(touchpoints: Sequence[dict]) -> list[tuple]:
    """The credits of a calculation as it is kept."""
    nowhen = datetime.min
    return list(
        added_up(
            [Touch(nowhen, channel=t["channel"], source=t["source"]) for t in touchpoints],
            [Decimal(t["weight"]) for t in touchpoints],
            [t["value"] for t in touchpoints],
        )
    )


def _forget(ids: Sequence[int]) -> int:
    if ids:
        db.session.execute(delete(AttributionCredit).where(AttributionCredit.id.in_(ids)))
    return len(ids)
