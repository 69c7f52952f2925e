"""The pages of the scoring rules: their forms as a browser sends them, a past to try rules on, and
what a preview tells."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.clock import utc_now
from app.domain.scoring.rules import DEFAULT_RULES
from app.extensions import db
from app.identity import Identity
from app.jobs import work
from app.models import RuleDraft
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.leads import lead_by_form

PAGE = "/admin/comprehensive/lead-scoring"
HIDDEN = re.compile(r'<input type="hidden" name="csrf_token" value="([^"]+)"')
SCRIPT = "<script>alert('é𝔘')</script>"
DEFAULT_SESSION = {
    "made_from": "0",
    "note": "",
    "do": "publish",
    "unseen": "on",
    "page_points": "5",
    "page_cap": "30",
    "regular_click_points": "2",
    "important_click_points": "5",
    "click_cap": "30",
    "total_cap": "100",
    "labels": "Be an Early Bird\r\nGet a Demo",
    "half_life_days": "",
    **{
        f"bands-{place}-{name}": str(value)
        for place, band in enumerate(((0, 5), (60, 15), (180, 25), (300, 35), (600, 40)))
        for name, value in zip(("from_seconds", "points"), band, strict=True)
    },
}


def token(client, page=PAGE) -> str:
    return HIDDEN.search(client.get(page).text)[1]


def the_form(version=0, **changes) -> dict:
    """The form of the ten defaults as a browser sends it, with some fields changed."""
    form = {"made_from": str(version), "note": "", "do": "publish", "unseen": "on"}
    for place, rule in enumerate(DEFAULT_RULES):
        condition = rule.condition
        row = {
            "id": rule.id,
            "name": rule.name,
            "kind": rule.kind,
            "points": str(rule.points),
            "interaction_type": rule.interaction_type or "",
            "field": condition.field if condition else "",
            "operator": condition.operator if condition else "equals",
            "value": str(condition.value) if condition else "",
            "per_unit": rule.per_unit or "",
            "unit_cap": "",
            "active": "on",
        }
        form |= {f"rules-{place}-{name}": value for name, value in row.items()}
    form |= {
        "threshold-ai_recommendation": "60",
        "threshold-face_analysis": "80",
        "threshold-cost_calculator": "70",
        "threshold-appointment_booked": "90",
        "high_intent_limit": "3",
        "medium": "40",
        "high": "70",
        "cap": "100",
    }
    form |= {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in form.items() if value is not None}


def changed(**changes) -> dict:
    return the_form(unseen=None, **changes)


def of_visits(**changes) -> dict:
    form = {**DEFAULT_SESSION, **changes}
    del form["unseen"]
    return form


def send(client, form, page=PAGE, to=None):
    return client.post(to or page, data={**form, "csrf_token": token(client, page)})


def discard(client, page=PAGE):
    assert send(client, {"do": "discard"}, page).status_code == 303


def value_of(answer, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1]


def drafts(cast) -> list[RuleDraft]:
    with acting_for(cast.clinic):
        return db.session.scalars(select(RuleDraft)).all()


def use(cast, visitor, kind="cost_calculator", minutes=0, days=10, **data):
    """Somebody uses a tool, some days ago."""
    at = utc_now() - timedelta(days=days) + timedelta(minutes=minutes)
    with acting_for(cast.clinic):
        used = record_interaction(
            kind, site=cast.site, identity=Identity(UUID(int=visitor), None), data=data, now=at
        )
        db.session.commit()
        return used


def become_lead(cast, used, email):
    with acting_for(cast.clinic):
        told = {"site": cast.site, "identity": Identity(used.visitor_id, None)}
        at = used.occurred_at + timedelta(minutes=5)
        lead = lead_by_form({"email": email}, interaction=used, now=at, **told)
        db.session.commit()
        return lead


def previewed(client, **changes):
    answer = send(client, changed(do="preview", **changes))
    assert answer.status_code == 303
    assert work.run() >= 1
    return answer.location


def assert_figures(page, label, value, said):
    cell = r"\s*<div[^>]*>([^<]*)</div>"
    stat = re.search(rf'stat-label">{label}</div>{cell}{cell}', page)
    assert (stat[1], stat[2]) == (value, said)


def table(client, where, name) -> list[list[str]]:
    answer = client.get(f"{where}?format=csv&table={name}")
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
