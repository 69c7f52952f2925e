"""What there is to do: each user's tasks over all leads, and the leads that do not wait."""

import re
from datetime import timedelta

from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import LeadJourney, Task
from app.tenancy import acting_for
from tests.blueprints.test_leads import counted_queries
from tests.blueprints.test_saved_views import journey, make_lead
from tests.conftest import NOW
from tests.desk import Desk

TODO = "/admin/todo"


def plan(cast, lead, title, *, ahead=None, user=None, done=None, organization=None) -> Task:
    """A task due some time ahead, done some time ago."""
    now = utc_now()
    with acting_for(organization or cast.clinic):
        task = Task(
            lead_id=lead.id,
            title=title,
            assignee_id=user.id if user else None,
            due_at=None if ahead is None else now + ahead,
            created_at=now,
            done_at=None if done is None else now - done,
        )
        db.session.add(task)
        db.session.commit()
        return task


def groups(page) -> dict[str, list[str]]:
    """The titles of the tasks under each heading."""
    parts = re.split(r'id="todo-(\w+)">', page.partition("<main")[2])
    return {
        name: re.findall(r'fw-medium">([^<]*)</div>', part)
        for name, part in zip(parts[1::2], parts[2::2], strict=True)
        if name != "leads"
    }


def advise(cast, lead, action):
    with acting_for(cast.clinic):
        db.session.add(journey(lead, 0, action))
        db.session.commit()


def waiting(page) -> list[str]:
    part = page.partition('id="todo-leads"')[2]
    return re.findall(r'class="fw-medium" href="[^"]*">([^<]*)</a>', part)


def test_tasks_stand_by_when_they_are_due(desk, cast):
    lead = make_lead(cast, "eve")
    for title, ahead in (
        ("undated", None),
        ("later", timedelta(days=30)),
        ("very late", timedelta(days=-2)),
        ("late", timedelta(minutes=-1)),
        ("soon", timedelta(days=3)),
    ):
        plan(cast, lead, title, ahead=ahead, user=cast.alice)
    page = desk.open(TODO)
    assert groups(page) == {
        "overdue": ["very late", "late"],
        "week": ["soon"],
        "later": ["later"],
        "undated": ["undated"],
    }
    assert list(groups(page)) == ["overdue", "week", "later", "undated"]
    assert "2 overdue" in page
    assert f'href="/admin/leads/{lead.id}">eve</a>' in page


def test_a_task_is_ticked_off_where_it_stands_and_taken_back(desk, cast):
    lead = make_lead(cast, "eve")
    task = plan(cast, lead, "Call <b>back</b> 𝕏", ahead=timedelta(days=-1), user=cast.alice)
    assert groups(desk.open(TODO)) == {"overdue": ["Call &lt;b&gt;back&lt;/b&gt; 𝕏"]}
    page = desk.send(f"/tasks/{task.id}/done")
    assert desk.status == 200
    assert groups(page) == {}
    assert "Nothing is left to do" in page
    assert "Done today" in page
    page = desk.send("/open")
    assert list(groups(page)) == ["overdue"]


def test_a_task_is_put_off_until_tomorrow_at_a_click_and_taken_back(desk, cast):
    lead = make_lead(cast, "eve")
    task = plan(cast, lead, "Call back", ahead=timedelta(days=-2), user=cast.alice)
    before = task.due_at
    desk.open(TODO)
    page = desk.send(f"/tasks/{task.id}")
    assert groups(page) == {"week": ["Call back"]}
    assert "Call back: tomorrow" in page
    undo = re.search(r'action="([^"]*undo=1[^"]*)"', page)[1]
    assert groups(desk.send(undo.replace("&amp;", "&"))) == {"overdue": ["Call back"]}
    db.session.refresh(task)
    assert task.due_at == before.replace(second=0, microsecond=0)


def test_what_was_done_before_today_is_gone(desk, cast):
    lead = make_lead(cast, "eve")
    plan(cast, lead, "just now", user=cast.alice, done=timedelta(0))
    plan(cast, lead, "long ago", user=cast.alice, done=timedelta(days=2))
    page = desk.open(TODO)
    assert "just now</s>" in page
    assert "long ago" not in page


def test_nothing_to_do_says_how_there_will_be(desk, cast):
    assert "Plan a task on a lead’s page" in desk.open(TODO)


def test_others_tasks_are_theirs_and_nobodys_are_of_whom_the_lead_is(desk, cast):
    mine = make_lead(cast, "mine", assignee_id=cast.alice.id)
    other = make_lead(cast, "other", assignee_id=cast.bob.id)
    plan(cast, other, "for me", user=cast.alice)
    plan(cast, mine, "for Bob", user=cast.bob)
    plan(cast, mine, "for nobody, mine")
    plan(cast, other, "for nobody, his")
    assert groups(desk.open(TODO)) == {"undated": ["for me", "for nobody, mine"]}


def test_an_admin_looks_at_anybodys_and_at_everybodys(desk, cast):
    lead = make_lead(cast, "eve", assignee_id=cast.bob.id)
    plan(cast, lead, "Bob's", user=cast.bob)
    plan(cast, lead, "hers", user=cast.alice)
    assert groups(desk.open(TODO, whose=cast.bob.id)) == {"undated": ["Bob&#39;s"]}
    page = desk.open(TODO, whose="all")
    assert groups(page) == {"undated": ["Bob&#39;s", "hers"]}
    assert "Bob" in page
    for odd in ("999", "x", "-1", "9" * 30, str(cast.charlie.id)):
        assert groups(desk.open(TODO, whose=odd)) == {"undated": ["hers"]}


def test_an_agent_sees_but_their_own_and_only_of_their_leads(doras_desk, cast):
    hers = make_lead(cast, "hers", assignee_id=doras_desk.user.id)
    others = make_lead(cast, "others")
    plan(cast, hers, "to do", user=doras_desk.user)
    plan(cast, others, "of a lead taken away", user=doras_desk.user)
    plan(cast, hers, "Alice's", user=cast.alice)
    for whose in ("", "all", str(cast.alice.id)):
        page = doras_desk.open(TODO, whose=whose)
        assert groups(page) == {"undated": ["to do"]}
        assert "Whose tasks" not in page


def test_an_analyst_reads_and_ticks_nothing(sign_in, cast):
    lead = make_lead(cast, "eve")
    plan(cast, lead, "look", user=cast.bob)
    page = Desk(sign_in(cast.bob)).open(TODO, whose="all")
    assert groups(page) == {"undated": ["look"]}
    assert "/done" not in page


def test_another_organizations_tasks_are_not_seen(desk, cast):
    lead = make_lead(cast, "eve", organization=cast.other)
    plan(cast, lead, "secret", user=cast.alice, organization=cast.other)
    assert "secret" not in desk.open(TODO, whose="all")


def test_tasks_of_an_erased_lead_are_gone(desk, cast):
    lead = make_lead(cast, "eve", erased_at=NOW)
    plan(cast, lead, "gone", user=cast.alice)
    assert groups(desk.open(TODO)) == {}


def test_leads_that_do_not_wait_stand_below(desk, cast):
    mine = {"assignee_id": cast.alice.id}
    for name, action, given in (
        ("wrote", "answer", {"lead_score": 20, **mine}),
        ("hot", "call", {"temperature": "hot", "lead_score": 90, **mine}),
        ("cold", "call", mine),
        ("quiet", "wait", {"temperature": "hot", **mine}),
        ("lost", "leave_alone", {"stage": "lost", "temperature": "hot", **mine}),
        ("back", "call", {"stage": "lost", "lead_score": 15, **mine}),
        ("customer", "answer", {"stage": "customer", "lead_score": 10, **mine}),
        ("missed", "rebook", {"lead_score": 5, **mine}),
        ("others", "answer", {"assignee_id": cast.bob.id}),
    ):
        advise(cast, make_lead(cast, name, **given), action)
    waits = ["hot", "wrote", "back", "customer", "missed"]
    assert waiting(desk.open(TODO)) == waits
    assert waiting(desk.open(TODO, whose=cast.bob.id)) == ["others"]
    assert waiting(desk.open(TODO, whose="all")) == [*waits, "others"]


def test_who_does_not_wait_is_reached_on_the_channel_that_was_advised(desk, cast):
    mine = {"assignee_id": cast.alice.id, "phone": "+33612345678", "email": "eve@example.com"}
    lead = make_lead(cast, "eve", **mine)
    advise(cast, lead, "answer")
    for channel, opens in (("sms", "sms:"), ("email", "mailto:"), ("phone", "tel:")):
        with acting_for(cast.clinic):
            row = db.session.scalar(select(LeadJourney).where(LeadJourney.lead_id == lead.id))
            row.next_action = {**row.next_action, "channel": channel}
            db.session.commit()
        shown = desk.open(TODO).partition('id="todo-leads"')[2]
        assert re.findall(r'class="btn btn-sm" href="([a-z]+:)', shown) == [opens]


def test_it_asks_as_little_for_many_tasks_as_for_few(desk, cast):
    def asked() -> int:
        desk.open(TODO)
        db.session.expire_all()
        with counted_queries() as statements:
            desk.open(TODO)
        return len([s for s in statements if s.lstrip().upper().startswith(("SELECT", "WITH"))])

    plan(cast, make_lead(cast, "first"), "first", user=cast.alice)
    few = asked()
    for n in range(40):
        plan(cast, make_lead(cast, f"more{n}"), f"more {n}", user=cast.alice)
    assert asked() == few
    assert few <= 7
