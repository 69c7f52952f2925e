"""What is to be done for a lead: planned, changed, ticked off."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import AuditLog, Task
from app.tenancy import acting_for
from tests.leads import address, make_lead, plain, send

UNDO = re.compile(r'action="([^"]+/open[^"]*)"')


@pytest.fixture
def lead(cast):
    return make_lead(cast)


def task_of(cast) -> Task | None:
    with acting_for(cast.clinic):
        db.session.expire_all()
        return db.session.scalar(select(Task))


def plan(client, cast, lead, **form) -> Task | None:
    send(client, lead, {"title": "Call about the date", **form}, "/tasks")
    return task_of(cast)


def tasks_on(client, lead) -> str:
    page = client.get(address(lead)).text
    start = page.index('id="tasks"')
    return plain(page[start : page.index("</section>", start)])


def test_a_task_is_mine_unless_said_otherwise(alice, cast, lead):
    task = plan(alice, cast, lead)
    assert (task.title, task.due_at) == ("Call about the date", None)
    assert (task.assignee_id, task.created_by_id) == (cast.alice.id, cast.alice.id)
    assert "Call about the date" in tasks_on(alice, lead)


def test_a_task_may_be_nobodys_in_particular(alice, cast, lead):
    assert plan(alice, cast, lead, assignee_id="").assignee_id is None
    assert "nobody in particular" in tasks_on(alice, lead)


def test_its_time_is_the_organizations(alice, cast, lead):
    task = plan(alice, cast, lead, due_on="2026-06-01", due_time="14:30")
    assert task.due_at == datetime(2026, 6, 1, 12, 30, tzinfo=UTC)  # Paris in summer
    assert "Mon 1 Jun 2026 14:30" in tasks_on(alice, lead)


def test_a_day_without_a_time_lasts_to_its_end(alice, cast, lead):
    task = plan(alice, cast, lead, due_on="2026-06-01")
    assert task.due_at == datetime(2026, 6, 1, 21, 59, tzinfo=UTC)
    shown = tasks_on(alice, lead)
    assert "Mon 1 Jun 2026" in shown
    assert "23:59" not in shown


def test_what_is_overdue_says_so_and_comes_first(alice, cast, lead):
    plan(alice, cast, lead, title="Some day")
    plan(alice, cast, lead, title="Far off", due_on="2999-01-01")
    plan(alice, cast, lead, title="Forgotten", due_on="2020-01-01")
    shown = tasks_on(alice, lead)
    assert "Overdue, Wed 1 Jan 2020" in shown
    assert shown.count("Overdue") == 1
    assert shown.index("Forgotten") < shown.index("Far off") < shown.index("Some day")


def test_what_is_due_soon_is_told_in_words(alice, cast, lead):
    tomorrow = utc_now() + timedelta(days=1)
    plan(alice, cast, lead, due_on=f"{tomorrow:%Y-%m-%d}", due_time="12:00")
    assert "Tomorrow 12:00" in tasks_on(alice, lead)


def test_a_done_task_is_folded_and_undone_by_one_button(alice, cast, lead):
    task = plan(alice, cast, lead)
    answer = send(alice, lead, {}, f"/tasks/{task.id}/done")
    assert answer.location == address(lead)
    assert task_of(cast).done_by_id == cast.alice.id
    page = alice.get(address(lead)).text
    assert "1 done" in plain(page)
    undo = UNDO.search(page)[1]
    assert send(alice, lead, {}, undo.removeprefix(address(lead))).status_code == 303
    assert task_of(cast).done_at is None
    with acting_for(cast.clinic):
        wanted = select(AuditLog.action).where(AuditLog.action.startswith("task."))
        told = list(db.session.scalars(wanted.order_by(AuditLog.id)))
    assert told == ["task.planned", "task.done", "task.reopened"]


def test_ticking_twice_keeps_who_did_it_first(alice, sign_in, cast, dora, lead):
    task = plan(alice, cast, lead)
    with acting_for(cast.clinic):
        lead.assignee_id = dora.id
        db.session.commit()
    send(sign_in(dora), lead, {}, f"/tasks/{task.id}/done")
    at = task_of(cast).done_at
    send(sign_in(cast.alice), lead, {}, f"/tasks/{task.id}/done")
    assert (task_of(cast).done_by_id, task_of(cast).done_at) == (dora.id, at)


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/admin/todo?mine=1", "/admin/todo?mine=1"),
        ("//evil.example/", None),
        ("https://evil.example/", None),
        ("/\\evil.example", None),
        ("", None),
    ],
)
def test_a_form_on_another_page_of_ours_leads_back_there(alice, cast, lead, wanted, led_to):
    task = plan(alice, cast, lead)
    for rest in ("done", "open"):
        answer = send(alice, lead, {"next": wanted}, f"/tasks/{task.id}/{rest}")
        assert answer.location == (led_to or address(lead))


def test_undo_leads_back_there_too(alice, cast, lead):
    task = plan(alice, cast, lead)
    send(alice, lead, {"next": "/admin/todo"}, f"/tasks/{task.id}/done")
    undo = UNDO.search(alice.get(address(lead)).text)[1]
    assert send(alice, lead, {}, undo.removeprefix(address(lead))).location == "/admin/todo"


def test_a_plan_is_changed_as_far_as_it_was_said(alice, cast, lead):
    task = plan(alice, cast, lead, due_on="2026-06-01", due_time="14:30")
    send(alice, lead, {"title": "Write instead"}, f"/tasks/{task.id}")
    task = task_of(cast)
    assert task.title == "Write instead"
    assert task.due_at == datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
    form = {"due_on": "", "due_time": "", "assignee_id": str(cast.bob.id)}
    send(alice, lead, form, f"/tasks/{task.id}")
    task = task_of(cast)
    assert (task.title, task.due_at, task.assignee_id) == ("Write instead", None, cast.bob.id)
    assert "Bob" in tasks_on(alice, lead)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"title": " "}, "Say what is to be done"),
        ({"title": "x" * 201}, "Shorten this"),
        ({"due_on": "tomorrow"}, "Write a day"),
        ({"due_on": "0001-01-01"}, "Write a day"),
        ({"due_on": "2026-06-01", "due_time": "noon"}, "Write a time"),
        ({"due_time": "14:30"}, "Say on which day"),
        ({"assignee_id": "999"}, "Choose somebody of the list"),
    ],
)
def test_a_task_that_cannot_be_planned_is_refused_and_kept(alice, cast, lead, form, message):
    task = plan(alice, cast, lead, title="There already")
    for rest in ("/tasks", f"/tasks/{task.id}"):
        answer = send(alice, lead, {"title": "Typed with care", **form}, rest)
        assert answer.status_code == 422
        assert message in answer.text
        assert form.get("title", "Typed with care").strip() in answer.text
    assert task_of(cast).title == "There already"


def test_a_stranger_is_given_no_work(alice, cast, lead):
    form = {"title": "Spy", "assignee_id": str(cast.charlie.id)}
    assert send(alice, lead, form, "/tasks").status_code == 422
    assert send(alice, lead, {**form, "assignee_id": "me"}, "/tasks").status_code == 400
    assert task_of(cast) is None


def test_whoever_left_keeps_their_tasks_until_they_are_given_on(alice, cast, dora, lead):
    task = plan(alice, cast, lead, assignee_id=str(dora.id))
    dora.active = False
    db.session.commit()
    form = {"title": "Another word", "assignee_id": str(dora.id)}
    assert send(alice, lead, form, f"/tasks/{task.id}").status_code == 303
    assert task_of(cast).assignee_id == dora.id


def test_agents_plan_only_for_their_own_leads_and_analysts_for_none(alice, sign_in, cast, dora):
    mine, other = make_lead(cast, "mine@example.com"), make_lead(cast, "other@example.com")
    task = plan(alice, cast, other)
    with acting_for(cast.clinic):
        mine.assignee_id, other.assignee_id = dora.id, None
        db.session.commit()
    agent, analyst = sign_in(dora), sign_in(cast.bob)
    token = re.search(r'csrf_token" value="([^"]+)"', agent.get(address(mine)).text)[1]
    assert send(agent, mine, {"title": "Mine"}, "/tasks").status_code == 303
    for rest in ("", f"/{task.id}", f"/{task.id}/done", f"/{task.id}/open"):
        form = {"title": "X", "csrf_token": token}
        assert agent.post(address(other, f"/tasks{rest}"), data=form).status_code == 404
        assert send(analyst, other, {"title": "X"}, f"/tasks{rest}").status_code == 403
    assert "Mark as done" not in analyst.get(address(other)).text


def test_a_task_is_not_reached_by_the_address_of_another_lead(alice, cast, lead):
    task = plan(alice, cast, lead)
    other = make_lead(cast, "other@example.com")
    for rest in ("", "/done", "/open"):
        answer = send(alice, other, {"title": "X"}, f"/tasks/{task.id}{rest}")
        assert answer.status_code == 404
    assert task_of(cast).title == "Call about the date"
