"""Websites, their snippet, and the check that it works."""

import html
import re
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import AuditLog, Interaction, Rollup, Site
from app.tenancy import acting_for

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
FORM = {
    "name": "The clinic",
    "domain": "https://Www.Clinic.example/path",
    "allowed_origins": "booking.example\n\n  https://shop.example:8443/ \nbooking.example",
    "identity_mode": "cookie",
    "honours_do_not_track": "y",
    "resume_minutes": "45",
    "active": "y",
}


def send(client, address, **changes):
    token = TOKEN.search(client.get("/settings/account").text)[1]
    form = {name: value for name, value in (FORM | changes).items() if value is not None}
    return client.post(address, data={"csrf_token": token, **form})


def in_clinic(cast, wanted):
    with acting_for(cast.clinic):
        return list(db.session.scalars(wanted))


def test_a_site_is_added_and_its_snippet_comes_next(alice, cast):
    answer = send(alice, "/settings/sites/new")
    site = in_clinic(cast, select(Site).order_by(Site.id.desc()))[0]
    assert answer.location == f"/settings/sites/{site.id}"
    assert (site.name, site.domain) == ("The clinic", "www.clinic.example")
    assert site.allowed_origins == ["booking.example", "shop.example:8443"]
    assert (site.identity_mode, site.resume_minutes) == ("cookie", 45)
    page = html.unescape(alice.get(answer.location).text)
    tag = f'<script defer src="http://localhost/track.js" data-site="{site.key}"'
    assert f'{tag} data-mode="cookie"></script>' in page
    assert "https://www.clinic.example/#ll-ignore" in page
    noted = in_clinic(cast, select(AuditLog))[-1]
    assert (noted.action, noted.subject, noted.user_id) == (
        "site.created",
        f"site {site.id}",
        cast.alice.id,
    )


def test_a_cookieless_snippet_needs_no_mode(alice, cast):
    page = html.unescape(alice.get(f"/settings/sites/{cast.site.id}").text)
    assert 'data-site="clinic-key"></script>' in page


def test_a_change_is_saved_and_noted_with_what_it_was_before(alice, cast):
    address = f"/settings/sites/{cast.site.id}/edit"
    assert "clinic.example" in alice.get(address).text
    assert send(alice, address, active=None, honours_do_not_track=None).status_code == 302
    db.session.refresh(cast.site)
    assert cast.site.active is False
    assert cast.site.honours_do_not_track is False
    changed = in_clinic(cast, select(AuditLog))[-1].detail["changed"]
    assert changed["active"] == [True, False]
    assert changed["identity_mode"] == ["cookieless", "cookie"]
    assert cast.site.key == "clinic-key"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "x" * 101),
        ("domain", ""),
        ("domain", "not a domain"),
        ("domain", "http://[bad"),
        ("domain", "clinic..example"),
        ("allowed_origins", "fine.example\n<script>alert(1)</script>"),
        ("identity_mode", "fingerprint"),
        ("resume_minutes", "0"),
        ("resume_minutes", "721"),
        ("resume_minutes", "many"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_and_nothing_is_lost(alice, cast, field, value):
    answer = send(alice, "/settings/sites/new", **{field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "<script>alert" not in answer.text
    assert "booking.example" in answer.text or field == "allowed_origins"
    assert len(in_clinic(cast, select(Site))) == 1


def test_a_domain_in_any_script_is_understood(alice, cast):
    send(alice, "/settings/sites/new", domain="klinik-zürich.example", name="Zürich 💉")
    site = in_clinic(cast, select(Site).order_by(Site.id.desc()))[0]
    assert site.domain == "xn--klinik-zrich-klb.example"
    assert "Zürich 💉" in alice.get("/settings/sites").text


def test_an_analyst_reads_and_changes_nothing(sign_in, cast):
    bob = sign_in(cast.bob)
    assert bob.get("/settings/sites").status_code == 200
    assert bob.get(f"/settings/sites/{cast.site.id}").status_code == 200
    assert "Add a website" not in bob.get("/settings/sites").text
    for address in ("/settings/sites/new", f"/settings/sites/{cast.site.id}/edit"):
        assert bob.get(address).status_code == 403
        assert send(bob, address).status_code == 403


def test_another_organizations_site_is_not_found(alice, cast):
    for part in ("", "/check", "/edit"):
        assert alice.get(f"/settings/sites/{cast.other_site.id}{part}").status_code == 404
    assert send(alice, f"/settings/sites/{cast.other_site.id}/edit").status_code == 404


# The check


def arrive(cast, ago: timedelta, url="https://clinic.example/laser", site=None):
    """A page view that long ago, as the tracker leaves it."""
    at = utc_now() - ago
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    site = site or cast.site
    with acting_for(site.organization_id):
        db.session.add(
            Interaction(
                event_id=uuid4(),
                type="page_viewed",
                channel="web",
                site_id=site.id,
                occurred_at=at,
                received_at=at,
                url=url,
            )
        )
        for grain, starts_at in (("hour", hour), ("day", hour.replace(hour=0))):
            db.session.merge(
                Rollup(
                    organization_id=site.organization_id,
                    grain=grain,
                    measure="interactions",
                    starts_at=starts_at,
                    site_id=site.id,
                    key="page_viewed",
                    count=1,
                )
            )
        db.session.commit()


def check(client, cast) -> str:
    return client.get(f"/settings/sites/{cast.site.id}/check").text


def test_the_check_waits_for_the_first_event(alice, cast):
    arrive(cast, timedelta(seconds=3), site=cast.other_site)
    assert "Waiting for the first event" in check(alice, cast)
    page = alice.get(f"/settings/sites/{cast.site.id}").text
    assert f'data-refresh="/settings/sites/{cast.site.id}/check" data-every="5"' in page


def test_the_check_sees_events_arrive_and_says_from_where(alice, cast):
    arrive(cast, timedelta(hours=3), "https://clinic.example/older")
    arrive(cast, timedelta(seconds=10), "https://clinic.example/<script>")
    shown = check(alice, cast)
    assert "Receiving events" in shown
    assert "https://clinic.example/&lt;script&gt;" in shown


def test_the_check_tells_a_site_that_fell_silent(alice, cast):
    arrive(cast, timedelta(hours=30))
    shown = check(alice, cast)
    assert "Quiet just now" in shown
    assert "1 d ago" in shown


def test_the_check_tells_what_was_dropped_today_and_what_to_do(alice, cast):
    midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    with acting_for(cast.clinic):
        for at, key, amount in (
            (midnight, "do_not_track", 4),
            (midnight - timedelta(days=1), "bot", 9),
        ):
            db.session.add(
                Rollup(
                    grain="day",
                    measure="dropped",
                    starts_at=at,
                    site_id=cast.site.id,
                    key=key,
                    count=amount,
                )
            )
        db.session.commit()
    shown = check(alice, cast)
    assert "<strong>4</strong> × The visitor asked not to be tracked" in shown
    assert "this site honours it" in shown
    assert "crawler" not in shown


def test_a_site_switched_off_says_so(alice, cast):
    cast.site.active = False
    db.session.commit()
    assert "Switched off" in check(alice, cast)
