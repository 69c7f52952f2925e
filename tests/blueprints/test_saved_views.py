"""Views of the leads: built in, kept, shared; what they show, and whose they are."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import AuditLog, Lead, LeadJourney, LeadLifecycle, SavedView
from app.operations.leads.keep_view import MOST_VIEWS
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.desk import Desk

VIEWS = "/admin/leads/views"


def make_lead(cast, name, *, organization=None, risk=None, action=None, days=0, **given) -> Lead:
    """A lead with a journey, `days` in the stage."""
    with acting_for(organization or cast.clinic):
        lead = Lead(email=f"{name}@example.com", first_name=name, created_at=NOW, updated_at=NOW)
        for field, value in given.items():
            setattr(lead, field, value)
        db.session.add(lead)
        db.session.flush()
        since = utc_now() - timedelta(days=days, minutes=1)
        db.session.add(LeadLifecycle(lead_id=lead.id, stage=lead.stage, entered_at=since))
        if risk is not None or action is not None:
            db.session.add(journey(lead, risk or 0, action or "wait"))
        db.session.commit()
        return lead


def journey(lead, risk, action) -> LeadJourney:
    told = {"name": action, "channel": "", "label": f"Do {action}", "reason": "because it helps"}
    return LeadJourney(
        lead_id=lead.id,
        started_at=NOW,
        interactions=1,
        touchpoints=1,
        counts={},
        channels=[],
        engagement=0,
        trend="stable",
        churn_risk=risk,
        parts={},
        milestones={},
        deviation={},
        total_revenue=0,
        predicted_because="",
        insights=[],
        next_action=told | {"learned_from": "rules"},
        updated_at=NOW,
    )


def call(cast, lead, ago: timedelta, kind="call_made"):
    with acting_for(cast.clinic):
        record_interaction(kind, site=None, lead_id=lead.id, channel="phone", now=utc_now() - ago)
        db.session.commit()


def listed(desk, query="") -> list[str]:
    desk.open(f"/admin/leads{query}")
    assert desk.status == 200
    return re.findall(r'href="/admin/leads/\d+">(\w+)</a>', desk.page)


def kept(cast) -> list[SavedView]:
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(SavedView).order_by(SavedView.id)))


def plant(cast, user, name="Theirs", *, shared=False, query="stage=new", organization=None) -> int:
    with acting_for(organization or cast.clinic):
        view = SavedView(user_id=user.id, name=name, query=query, shared=shared, created_at=NOW)
        db.session.add(view)
        db.session.commit()
        return view.id


def save(desk, name, query="?stage=new&min=40", **more) -> str:
    desk.open(f"/admin/leads{query}")
    return desk.send(VIEWS, name=name, **more)


def tabs(page) -> dict[str, bool]:
    """The views above the leads, each with whether it is the current one."""
    part = page[page.index('aria-label="Views"') :]
    found = re.findall(
        r'<a class="nav-link[^>]*?( aria-current="true")?>(.*?)</a>', part[: part.index("</nav>")]
    )
    return {re.sub(r"<.*", "", name).strip(): bool(current) for current, name in found}


# What the filters find


def test_the_next_action_and_why_stand_beside_each_lead(desk, cast):
    make_lead(cast, "eve", action="call")
    page = desk.open("/admin/leads")
    assert "Do call" in page
    assert "because it helps" in page


def test_leads_are_found_by_churn_risk_next_action_and_time_in_the_stage(desk, cast):
    make_lead(cast, "calm", risk=6999, action="call", days=20)
    make_lead(cast, "risky", risk=7000, action="answer", days=21)
    make_lead(cast, "unknown")
    assert listed(desk, "?risk=70") == ["risky"]
    assert listed(desk, "?risk=69") == ["risky", "calm"]
    assert listed(desk, "?action=call") == ["calm"]
    assert listed(desk, "?stay=21") == ["risky"]
    assert listed(desk, "?stay=20&action=call") == ["calm"]


def test_who_was_contacted_lately_is_left_out_and_a_visit_is_no_contact(desk, cast):
    called, long_ago, visited = (make_lead(cast, n) for n in ("called", "longago", "visited"))
    make_lead(cast, "never")
    call(cast, called, timedelta(hours=23))
    call(cast, long_ago, timedelta(hours=25), "email_sent")
    call(cast, visited, timedelta(hours=1), "page_viewed")
    assert listed(desk, "?uncontacted=24") == ["never", "visited", "longago"]
    assert listed(desk, "?uncontacted=72") == ["never", "visited"]


@pytest.mark.parametrize("stage", ["customer", "churned", "lost"])
def test_what_is_ended_can_be_left_out(desk, cast, stage):
    make_lead(cast, "ended", stage=stage)
    make_lead(cast, "going")
    assert listed(desk, "?open=1") == ["going"]


def test_a_call_to_somebody_elses_lead_is_none_to_ours(desk, cast):
    """Ids of leads are the whole database's; the contact of a stranger's counts for nobody."""
    lead_id = make_lead(cast, "eve").id
    with acting_for(cast.other):
        record_interaction("call_made", site=None, lead_id=lead_id, now=utc_now())
        db.session.commit()
    assert listed(desk, "?uncontacted=24") == ["eve"]


def test_the_export_has_the_same_filters_and_the_next_action(alice, cast):
    make_lead(cast, "risky", risk=8200, action="answer")
    make_lead(cast, "calm", risk=100)
    told = alice.get("/admin/leads.csv?risk=70").text
    rows = list(csv.DictReader(io.StringIO(told)))
    assert [(r["first_name"], r["next_action"], r["churn_risk"]) for r in rows] == [
        ("risky", "Do answer", "0.82")
    ]


# Built-in views


def test_views_that_nobody_has_to_make_show_what_they_say(desk, cast):
    hot = make_lead(cast, "hot", temperature="hot", assignee_id=cast.alice.id)
    make_lead(cast, "stalled", days=30, assignee_id=cast.bob.id)
    make_lead(cast, "silent", risk=9000)
    make_lead(cast, "gone", risk=9000, days=90, stage="lost")
    desk.open("/admin/leads")
    found = dict(re.findall(r'href="([^"]*)" title="[^"]*"[^>]*>([\w ,]+)</a>', desk.page))
    by_name = {
        name: address.removeprefix("/admin/leads").replace("&amp;", "&")
        for address, name in found.items()
    }
    shown = {name: listed(desk, query) for name, query in by_name.items()}
    assert shown == {
        "All": ["gone", "silent", "stalled", "hot"],
        "Mine": ["hot"],
        "Hot, not contacted": ["hot"],
        "Unassigned": ["silent"],
        "Going silent": ["silent"],
        "Stalled": ["stalled"],
    }
    call(cast, hot, timedelta(minutes=1))
    assert listed(desk, by_name["Hot, not contacted"]) == []


def test_the_view_that_is_looked_at_is_marked(desk, cast):
    make_lead(cast, "eve")
    assert tabs(desk.open("/admin/leads"))["All"]
    marked = tabs(desk.open("/admin/leads?stay=21&open=1"))
    assert [name for name, current in marked.items() if current] == ["Stalled"]
    assert not any(tabs(desk.open("/admin/leads?stay=22&open=1")).values())


# Kept views


def test_the_filters_of_the_page_are_kept_under_a_name(desk, cast):
    page = save(desk, "  Warm   and 🧊 <b>new</b> ", "?min=40&stage=new&cursor=score-1-1&evil=1")
    assert desk.status == 200
    (view,) = kept(cast)
    assert (view.name, view.query, view.shared, view.user_id) == (
        "Warm and 🧊 <b>new</b>",
        "stage=new&min=40",
        False,
        cast.alice.id,
    )
    assert "Warm and 🧊 &lt;b&gt;new&lt;/b&gt;" in page
    assert "<b>new</b>" not in page
    assert [name for name, current in tabs(page).items() if current] == [
        "Warm and 🧊 &lt;b&gt;new&lt;/b&gt;"
    ]


def test_nothing_but_filters_is_kept_whatever_is_sent(desk, cast):
    desk.open("/admin/leads?stage=new")
    desk.post(VIEWS, name="x", query="q=a&next=//evil.example&stage=%00&min=javascript:1&sort=id")
    assert [view.query for view in kept(cast)] == ["q=a"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the view a name"),
        (" \t ", "Give the view a name"),
        ("x" * 61, "Shorten this to 60"),
        ("mine", "kept already"),
    ],
)
def test_a_name_that_cannot_be_used_is_told_and_nothing_is_lost(desk, cast, name, said):
    save(desk, "Mine")
    save(desk, name, "?risk=70", shared="on")
    assert desk.status == 422
    assert said in desk.page
    assert "churn risk of 70% and more" in desk.page
    desk.send(VIEWS, name="Better")
    assert [(v.name, v.query, v.shared) for v in kept(cast)] == [
        ("Mine", "stage=new&min=40", False),
        ("Better", "risk=70", True),
    ]


def test_two_people_may_call_theirs_the_same(desk, cast, sign_in):
    save(desk, "Hot")
    save(Desk(sign_in(cast.bob)), "Hot")
    assert len(kept(cast)) == 2


def test_there_is_an_end_to_views(desk, cast):
    for n in range(MOST_VIEWS):
        plant(cast, cast.alice, f"View {n}")
    save(desk, "One more", "?stage=lost")
    assert desk.status == 422
    assert "Remove one first" in desk.page


def test_a_view_whose_filters_were_changed_is_brought_up_to_date_and_back(desk, cast):
    save(desk, "Good")
    view_id = kept(cast)[0].id
    page = desk.open(f"/admin/leads?stage=new&min=60&view={view_id}")
    assert "Update view" in page
    assert ">changed<" in page
    page = desk.send("/filters")
    assert kept(cast)[0].query == "stage=new&min=60"
    assert "Update view" not in page
    desk.send(f"/undo/{last_line(cast)}")
    assert kept(cast)[0].query == "stage=new&min=40"


def last_line(cast) -> int:
    with acting_for(cast.clinic):
        newest = select(AuditLog.id).where(AuditLog.action.in_(("view.changed", "view.removed")))
        return db.session.scalar(newest.order_by(AuditLog.id.desc()).limit(1))


def test_a_view_is_renamed_and_shared(desk, cast):
    save(desk, "Good")
    view_id = kept(cast)[0].id
    desk.open(VIEWS)
    desk.send(f"/views/{view_id}", name="Better", shared="on")
    assert [(v.name, v.shared, v.query) for v in kept(cast)] == [
        ("Better", True, "stage=new&min=40")
    ]
    desk.open(VIEWS)
    desk.send(f"/views/{view_id}", name=" ")
    assert desk.status == 422
    assert "Give the view a name" in desk.page


def test_a_removed_view_comes_back(desk, cast):
    save(desk, "Good", shared="on")
    desk.open(VIEWS)
    desk.send("/remove")
    assert kept(cast) == []
    assert "No view is kept yet" in desk.page
    desk.send("/undo/" + str(last_line(cast)))
    assert [(v.name, v.query, v.shared, v.user_id) for v in kept(cast)] == [
        ("Good", "stage=new&min=40", True, cast.alice.id)
    ]


def test_what_changed_again_since_is_not_undone(desk, cast):
    save(desk, "Good")
    view_id = kept(cast)[0].id
    desk.open(VIEWS)
    desk.send("/remove")
    undo = last_line(cast)
    save(desk, "Good", "?stage=lost")
    desk.post(f"{VIEWS}/undo/{undo}")
    assert "cannot be undone" in desk.page
    assert [v.query for v in kept(cast)] == ["stage=lost"]
    assert kept(cast)[0].id >= view_id


# Whose they are


def test_an_unshared_view_is_nobody_elses(desk, cast):
    view_id = plant(cast, cast.bob, "Bob's own")
    for address in ("", "/filters", "/remove"):
        desk.open("/admin/leads?stage=new")
        desk.post(f"{VIEWS}/{view_id}{address}", name="Stolen", query="q=x")
        assert desk.status == 404, address
    assert desk.client.get(f"{VIEWS}/{view_id}").status_code == 404
    assert "Bob" not in desk.open(VIEWS)
    assert [(v.name, v.query) for v in kept(cast)] == [("Bob's own", "stage=new")]


def test_a_shared_view_is_seen_by_all_and_changed_by_its_owner_or_an_admin(doras_desk, desk, cast):
    view_id = plant(cast, cast.bob, "Team", shared=True)
    assert "Team" in tabs(doras_desk.open("/admin/leads"))
    assert doras_desk.client.get(f"{VIEWS}/{view_id}").location.startswith("/admin/leads?stage=new")
    for address in ("", "/filters", "/remove"):
        page = doras_desk.open(f"/admin/leads?stage=lost&view={view_id}")
        assert "Update view" not in page
        doras_desk.post(f"{VIEWS}/{view_id}{address}", name="Mine now", query="q=x")
        assert doras_desk.status == 403, address
    desk.open(VIEWS)
    desk.send(f"/views/{view_id}", name="The team", shared="on")
    assert [v.name for v in kept(cast)] == ["The team"]


def test_another_organizations_views_are_not_found(desk, cast):
    view_id = plant(cast, cast.charlie, "Secret", shared=True, organization=cast.other)
    desk.open("/admin/leads?stage=new")
    assert desk.client.get(f"{VIEWS}/{view_id}").status_code == 404
    desk.post(f"{VIEWS}/{view_id}/remove")
    assert desk.status == 404
    assert "Secret" not in desk.open(VIEWS)


def test_nobody_undoes_what_somebody_else_did_but_an_admin(doras_desk, desk, cast):
    save(desk, "Good")
    desk.open(VIEWS)
    desk.send("/remove")
    doras_desk.open("/admin/leads?stage=new")
    doras_desk.post(f"{VIEWS}/undo/{last_line(cast)}")
    assert doras_desk.status == 404
    assert kept(cast) == []


def test_a_shared_view_shows_an_agent_only_their_own_leads(doras_desk, cast):
    make_lead(cast, "hers", assignee_id=doras_desk.user.id)
    make_lead(cast, "others")
    view_id = plant(cast, cast.alice, "All new", shared=True)
    doras_desk.open(f"{VIEWS}/{view_id}")
    assert "hers@" in doras_desk.page
    assert "others@" not in doras_desk.page


def test_a_program_keeps_no_views(client, cast):
    bearer = {"Authorization": "Bearer clinic-token"}
    answer = client.post(VIEWS, data={"name": "x", "query": "q=x"}, headers=bearer)
    assert answer.status_code == 403
