"""A visitor, a visit with what was done in it, and their figures."""

from uuid import UUID

from app.models import Interaction, Rollup, Visitor, VisitorDay, VisitorSession
from tests.conftest import NOW
from tests.planted.marks import DAY, EVENT, MARK, ROW, SHOWN, VISIT, VISITOR


def visit(cast):
    url = f"https://clinic.example/{MARK}"
    yield Visitor(
        id=VISITOR,
        site_id=cast.site.id,
        first_seen_at=NOW,
        last_seen_at=NOW,
        sessions_count=1,
        lead_score=77,
    )
    yield VisitorSession(
        id=VISIT,
        site_id=cast.site.id,
        visitor_id=VISITOR,
        started_at=NOW,
        last_activity_at=NOW,
        ended_at=NOW,
        interactions=1,
        page_views=1,
        reached=127,
        lead_score=77,
        entry_url=url,
        exit_url=url,
        referrer=url,
        source=MARK,
        campaign=MARK,
    )
    for row_id, event_id, kind, score in (
        (ROW, EVENT, "cost_calculator", 77),
        (ROW + 1, UUID(int=7), "page_viewed", None),
    ):
        yield act(
            row_id,
            event_id,
            kind,
            site_id=cast.site.id,
            visitor_id=VISITOR,
            visitor_session_id=VISIT,
            url=url,
            label=MARK,
            score=score,
            contributions=[] if score else None,
            data={"note": MARK, "procedures": [SHOWN.lower()]},
        )
    yield act(ROW + 3, UUID(int=9), "lead_created", visitor_id=VISITOR, lead_id=ROW)
    yield act(ROW + 2, UUID(int=8), "call_made", "phone", lead_id=ROW, label=MARK)
    booked = {"score": 77, "contributions": [], "data": {"note": MARK}}
    yield act(ROW + 4, UUID(int=10), "appointment_booked", "phone", lead_id=ROW, **booked)
    yield act(ROW + 5, UUID(int=11), "stage_changed", lead_id=ROW, label="contacted")
    yield VisitorDay(day=DAY, site_id=cast.site.id, visitor_id=VISITOR, reached=127)
    for grain, measure, key in (
        ("day", "interactions", MARK),
        ("day", "page", f"/{MARK}"),
        ("day", "source", MARK),
        ("day", "dropped", MARK),
        ("hour", "interactions", "page_viewed"),
    ):
        starts_at = NOW if grain == "hour" else DAY
        yield Rollup(
            grain=grain,
            measure=measure,
            starts_at=starts_at,
            site_id=cast.site.id,
            key=key,
            count=77,
        )


def act(row_id, event_id, kind, channel="web", **more) -> Interaction:
    at = {"occurred_at": NOW, "received_at": NOW}
    return Interaction(id=row_id, event_id=event_id, type=kind, channel=channel, **at, **more)
