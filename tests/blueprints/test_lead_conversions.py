"""The page of a lead's conversions: what the log says stays, what was told of wrongly goes, with
an undo and a line of the audit log."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AttributionCredit, AuditLog, LeadAttribution
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.leads.update_lead import update_lead
from app.operations.tracking.track_engagement import track_engagement
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import make_lead

DAY = timedelta(days=1)
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


@pytest.fixture
def lead(cast):
    """Somebody whose purchase is logged, and of whom a program told of another."""
    lead = make_lead(cast, "ana@example.com")
    with acting_for(cast.clinic):
        track_engagement(lead, "email_opened", occurred_at=NOW - 9 * DAY, now=NOW)
        bought = {"revenue": 120_50, "occurred_at": NOW - 4 * DAY}
        track_engagement(lead, "purchase_made", now=NOW, **bought)
        attribute_conversion(lead, "customer", at=NOW - DAY, value=500_000, now=NOW)
        db.session.commit()
    return lead


def place(lead):
    return f"/admin/leads/{lead.id}/conversions"


def send(client, lead, path, **told):
    token = TOKEN.search(client.get(place(lead)).text)
    return client.post(path, data={"csrf_token": token[1], **told})


def forms(page) -> list[tuple[str, dict]]:
    """(address, fields) of each form of the page's main part that posts."""
    found = []
    for action, inside in re.findall(r'<form[^>]*action="([^"]+)">(.*?)</form>', page, re.S):
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', inside))
        found.append((html.unescape(action), fields))
    return found


def sales(cast):
    with acting_for(cast.clinic):
        kept = LeadAttribution
        rows = db.session.execute(
            select(kept.conversion_at, kept.conversion_value)
            .where(kept.organization_id == cast.clinic.id, kept.conversion_type == "customer")
            .distinct()
            .order_by(kept.conversion_at)
        ).all()
    return [(NOW - at, value) for at, value in rows]


def credited(cast):
    with acting_for(cast.clinic):
        wanted = select(AttributionCredit).where(AttributionCredit.conversion_type == "customer")
        return len(db.session.scalars(wanted).all())


def audited(cast):
    with acting_for(cast.clinic):
        wanted = select(AuditLog).where(AuditLog.action.startswith("attribution."))
        return [
            (line.action, line.user_id, line.detail["values"]["linear"])
            for line in db.session.scalars(wanted.order_by(AuditLog.id))
        ]


def test_only_what_nothing_logged_says_has_a_button(alice, lead):
    page = alice.get(place(lead)).text
    removals = [fields for action, fields in forms(page) if action.endswith("/remove")]
    assert [fields["at"] for fields in removals] == [(NOW - DAY).isoformat()]
    assert "A purchase is logged at this moment" in page
    assert "This is when they became a lead" in page
    assert "Told by a program" in page


def test_it_is_removed_and_the_undo_puts_it_back(alice, cast, lead):
    before = credited(cast)
    page = alice.get(place(lead)).text
    [(action, fields)] = [each for each in forms(page) if each[0].endswith("/remove")]
    answer = alice.post(action, data=fields)
    assert answer.status_code == 303
    assert sales(cast) == [(4 * DAY, 120_50)]
    assert credited(cast) < before
    page = alice.get(answer.location).text
    assert "Conversion removed" in page
    [(action, fields)] = [each for each in forms(page) if each[0].endswith("/back")]
    answer = alice.post(action, data=fields)
    assert sales(cast) == [(4 * DAY, 120_50), (DAY, 500_000)]
    assert credited(cast) == before
    assert "The conversion is back" in alice.get(answer.location).text
    answer = alice.post(action, data=fields)
    assert "there again already" in alice.get(answer.location).text
    assert sales(cast) == [(4 * DAY, 120_50), (DAY, 500_000)]
    who = cast.alice.id
    assert audited(cast) == [
        ("attribution.removed", who, 500_000),
        ("attribution.put_back", who, 500_000),
    ]


def test_what_the_log_says_cannot_be_removed(alice, cast, lead):
    told = {"type": "customer", "at": (NOW - 4 * DAY).isoformat()}
    answer = send(alice, lead, f"{place(lead)}/remove", **told)
    assert "A purchase is logged" in alice.get(answer.location).text
    assert sales(cast) == [(4 * DAY, 120_50), (DAY, 500_000)]
    assert audited(cast) == []


def test_of_a_removal_and_its_undo_the_stage_counts_once(alice, cast):
    lead = make_lead(cast, "ben@example.com")
    with acting_for(cast.clinic):
        track_engagement(lead, "email_opened", occurred_at=NOW - 9 * DAY, now=NOW)
        attribute_conversion(lead, "customer", at=NOW - DAY, value=500_000, now=NOW)
        update_lead(lead, {"stage": "customer", "reason": "yes"}, user_id=None, now=NOW)
        db.session.commit()
    assert sales(cast) == [(DAY, 500_000)]
    told = {"type": "customer", "at": (NOW - DAY).isoformat()}
    answer = send(alice, lead, f"{place(lead)}/remove", **told)
    assert [value for _, value in sales(cast)] == [0]
    page = alice.get(answer.location).text
    [(action, fields)] = [each for each in forms(page) if each[0].endswith("/back")]
    alice.post(action, data=fields)
    assert sales(cast) == [(DAY, 500_000)]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, 400),
        ({"type": "customer", "at": "yesterday"}, 400),
        ({"type": "love", "at": NOW.isoformat()}, 400),
        ({"type": "customer", "at": NOW.isoformat()}, 303),
    ],
)
def test_what_is_no_conversion_of_theirs_is_answered(alice, cast, lead, told, status):
    assert send(alice, lead, f"{place(lead)}/remove", **told).status_code == status
    assert len(sales(cast)) == 2


def test_another_line_of_the_log_undoes_nothing(alice, cast, lead):
    with acting_for(cast.clinic):
        line = AuditLog(action="attribution.edited", subject=f"lead {lead.id}", detail={}, at=NOW)
        db.session.add(line)
        db.session.commit()
    assert send(alice, lead, f"{place(lead)}/{line.id}/back").status_code == 404
    assert send(alice, lead, f"{place(lead)}/99/back").status_code == 404
