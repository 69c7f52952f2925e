"""The board: who is in which stage, and moving them; several leads at once in the list."""

import re

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.domain.leads.lifecycle import STAGES
from app.extensions import db
from app.models import AuditLog, Lead, LeadJourney, LeadLifecycle
from app.operations.leads.update_lead import update_lead
from app.queries.leads.lead_board import CARDS
from app.tenancy import acting_for
from tests.blueprints.test_leads import counted_queries
from tests.blueprints.test_saved_views import journey, make_lead
from tests.conftest import NOW
from tests.desk import Desk

BOARD = "/admin/leads/board"
AS_PROGRAM = {"Accept": "application/json"}


def columns(page: str) -> dict[str, list[str]]:
    """The names on the cards of each column."""
    parts = page.split('data-column="')[1:]
    return {
        part.partition('"')[0]: re.findall(r"data-card-name>([^<]*)</a>", part) for part in parts
    }


def heads(page: str) -> dict[str, tuple[str, str]]:
    """The count and the value at the head of each column."""
    found = re.findall(
        r'data-column="(\w+)".*?data-count>([^<]*)<.*?data-value>([^<]*)<', page, re.DOTALL
    )
    return {stage: (count, value) for stage, count, value in found}


def move(desk, lead, stage, seen="new", accept=None, **more):
    """Moves a lead as the board's script does."""
    data = {"stage": stage, "from": seen, **more}
    return by_script(desk, f"/admin/leads/{lead.id}/move", accept, **data)


def by_script(desk, address, accept=None, **data):
    desk.open("/admin/leads?stage=lost")
    data["csrf_token"] = desk.fields("/admin/leads/views")["csrf_token"]
    headers = AS_PROGRAM if accept is None else {}
    return desk.client.post(address, data=data, headers=headers)


def stage_of(lead) -> str:
    db.session.refresh(lead)
    return lead.stage


def reasons(cast, lead) -> list[str]:
    with acting_for(cast.clinic):
        stays = select(LeadLifecycle).where(LeadLifecycle.lead_id == lead.id)
        rows = db.session.scalars(stays.order_by(LeadLifecycle.entered_at, LeadLifecycle.id))
        return [row.transition_reason for row in rows]


# What it shows


def test_every_stage_has_a_column_with_its_leads_by_score(desk, cast):
    make_lead(cast, "low", lead_score=10)
    make_lead(cast, "high", lead_score=90)
    make_lead(cast, "won", stage="customer")
    make_lead(cast, "gone", stage="lost")
    page = desk.open(BOARD)
    expected = {stage: [] for stage in STAGES} | {
        "new": ["high", "low"],
        "customer": ["won"],
        "lost": ["gone"],
    }
    assert columns(page) == expected
    assert list(columns(page)) == list(STAGES)


def test_a_card_tells_how_warm_what_next_how_long_whose_and_what_it_may_bring(desk, cast):
    lead = make_lead(cast, "eve", action="call", days=12, assignee_id=cast.bob.id, lead_score=64)
    with acting_for(cast.clinic):
        db.session.scalar(select(LeadJourney)).predicted_value = 123400
        db.session.commit()
    page = desk.open(BOARD)
    card = page[page.index(f'data-card="{lead.id}"') :].partition("</li>")[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", card).split())
    for told in ("eve", "64", "Cold", "Do call", "12 d in this stage", "Bob", "€1,234"):
        assert told in words


def test_a_column_tells_how_many_and_what_they_may_bring_together(desk, cast):
    for name, value in (("a", 100_00), ("b", 250_00), ("c", None)):
        lead = make_lead(cast, name)
        with acting_for(cast.clinic):
            row = journey(lead, 0, "wait")
            row.predicted_value = value
            db.session.add(row)
            db.session.commit()
    told = heads(desk.open(BOARD))
    assert told["new"] == ("3", "€350")
    assert told["contacted"] == ("0", "")


def test_churned_and_lost_are_folded_unless_they_are_asked_for(desk, cast):
    def opened(page):
        return [s for s, o in re.findall(r'data-column="(\w+)"[^>]*?( open)?>', page) if o]

    make_lead(cast, "eve")
    assert opened(desk.open(BOARD)) == list(STAGES[:6])
    assert opened(desk.open(f"{BOARD}?stage=lost")) == ["lost"]


def test_a_long_column_ends_in_a_link_to_the_list(desk, cast):
    with acting_for(cast.clinic):
        for n in range(CARDS + 5):
            db.session.add(
                Lead(email=f"l{n}@example.com", lead_score=n, created_at=NOW, updated_at=NOW)
            )
        db.session.commit()
    page = desk.open(f"{BOARD}?min=1")
    assert len(columns(page)["new"]) == CARDS
    assert 'href="/admin/leads?min=1&amp;stage=new">Show all 54</a>' in page


def test_the_filters_and_views_are_those_of_the_list(desk, cast):
    make_lead(cast, "low", lead_score=10)
    make_lead(cast, "high", lead_score=90)
    page = desk.open(f"{BOARD}?min=40&evil=1")
    assert columns(page)["new"] == ["high"]
    assert 'href="/admin/leads?min=40"' in page
    assert f'href="{BOARD}?open=1&amp;stay=21"' in page
    assert f'href="{BOARD}?min=40"' in desk.open("/admin/leads?min=40")


def test_it_asks_as_little_of_many_leads_as_of_few(desk, cast):
    def asked() -> int:
        desk.open(BOARD)
        db.session.expire_all()
        with counted_queries() as statements:
            desk.open(BOARD)
        return len([s for s in statements if s.lstrip().upper().startswith(("SELECT", "WITH"))])

    make_lead(cast, "first", action="call")
    few = asked()
    for n in range(60):
        make_lead(cast, f"more{n}", action="call", stage=STAGES[n % 8], assignee_id=cast.bob.id)
    assert asked() == few
    assert few <= 9


def test_a_column_without_leads_says_so(desk, cast):
    make_lead(cast, "eve")
    shown = re.findall(r"data-none( hidden)?>Nobody here", desk.open(BOARD))
    assert shown == [" hidden"] + [""] * (len(STAGES) - 1)


def test_a_board_without_leads_says_why(desk, cast):
    page = desk.open(BOARD)
    assert "Whoever leaves an e-mail address" in page
    assert "board.js" not in page
    make_lead(cast, "eve")
    page = desk.open(f"{BOARD}?q=zzzz")
    assert "No lead fits" in page
    assert f'href="{BOARD}">Show all leads' in page


# Moving by the script


def test_a_move_answers_with_the_card_as_it_is_now_and_the_heads_of_the_columns(desk, cast):
    lead = make_lead(cast, "eve")
    make_lead(cast, "other", stage="contacted", temperature="warm")
    answer = move(desk, lead, "contacted", filters="temperature=cold&evil=1")
    assert answer.status_code == 200
    assert answer.json["message"] == "eve moved to Contacted."
    assert (answer.json["from"], answer.json["stage"]) == ("new", "contacted")
    assert f'data-card="{lead.id}" data-stage="contacted"' in answer.json["card"]
    assert answer.json["columns"]["new"] == {"count": "0", "value": ""}
    assert answer.json["columns"]["contacted"]["count"] == "1"
    assert stage_of(lead) == "contacted"
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "lead.stage_changed"))
    assert line.user_id == cast.alice.id


@pytest.mark.parametrize("stage", ["qualified", "customer"])
def test_a_move_that_needs_a_reason_asks_for_it(desk, cast, stage):
    lead = make_lead(cast, "eve")
    answer = move(desk, lead, stage, reason="  ")
    assert answer.status_code == 422
    assert "Say why" in answer.json["error"]["fields"]["reason"]
    assert answer.json["stage"] == stage_of(lead) == "new"
    assert move(desk, lead, stage, reason="Came in person").status_code == 200
    assert reasons(cast, lead)[-1] == "Came in person"


def test_who_was_moved_meanwhile_is_not_moved_again(desk, cast):
    lead = make_lead(cast, "eve")
    with acting_for(cast.clinic):
        update_lead(lead, {"stage": "contacted"}, user_id=None, now=utc_now())
        db.session.commit()
    answer = move(desk, lead, "contacted", seen="new")
    assert answer.status_code == 409
    assert answer.json["stage"] == "contacted"
    assert "Somebody moved eve to Contacted" in answer.json["error"]["message"]
    assert move(desk, lead, "lost", seen="new").status_code == 409
    assert stage_of(lead) == "contacted"


def test_a_stage_that_there_is_not_is_refused(desk, cast):
    lead = make_lead(cast, "eve")
    for odd in ("", "nirvana", "New"):
        assert move(desk, lead, odd).status_code == 422
    assert stage_of(lead) == "new"


@pytest.mark.parametrize("to", [stage for stage in STAGES if stage != "new"])
def test_every_move_can_be_undone_and_the_history_is_as_before(desk, cast, to):
    lead = make_lead(cast, "eve")
    moved = move(desk, lead, to, reason="a try")
    assert moved.status_code == 200
    answer = by_script(desk, moved.json["undo"])
    assert answer.json["stage"] == "new"
    assert answer.json["message"] == "Taken back: eve is in New."
    assert answer.json["undo"] is None
    assert by_script(desk, moved.json["undo"]).status_code == 404
    assert stage_of(lead) == "new"
    assert reasons(cast, lead) == [""]


# Without scripts


def test_a_card_is_moved_by_a_form_and_back(desk, cast):
    lead = make_lead(cast, "eve")
    page = desk.open(f"{BOARD}?min=0")
    link = re.search(r'href="(/admin/leads/\d+/move[^"]*)"', page)[1].replace("&amp;", "&")
    desk.open(link)
    assert desk.fields("/move")["stage"] == "contacted"
    page = desk.send("/move")
    assert "eve moved to Contacted." in page
    assert columns(page)["contacted"] == ["eve"]
    assert 'name="next" value' not in page.partition("<main")[0]
    undo = re.search(r'action="(/admin/leads/\d+/moves/[^"]*)"', page)[1].replace("&amp;", "&")
    page = desk.post(undo)
    assert columns(page)["new"] == ["eve"]
    assert ">Undo</button>" not in page
    assert stage_of(lead) == "new"


def test_the_form_says_what_is_missing_and_keeps_what_was_chosen(desk, cast):
    lead = make_lead(cast, "eve")
    desk.open(f"/admin/leads/{lead.id}/move")
    page = desk.send("/move", stage="opportunity")
    assert desk.status == 422
    assert "Say why" in page
    assert desk.fields("/move")["stage"] == "opportunity"
    desk.send("/move", reason="<b>Asked</b> for it")
    assert stage_of(lead) == "opportunity"
    assert reasons(cast, lead)[-1] == "<b>Asked</b> for it"


def test_a_form_that_is_too_late_moves_nobody(desk, cast):
    lead = make_lead(cast, "eve")
    desk.open(f"/admin/leads/{lead.id}/move")
    with acting_for(cast.clinic):
        update_lead(lead, {"stage": "lost"}, user_id=None, now=utc_now())
        db.session.commit()
    page = desk.send("/move", stage="contacted")
    assert "Somebody moved eve to Lost in the meantime" in page
    assert stage_of(lead) == "lost"


def test_no_form_leads_to_another_host(desk, cast):
    lead = make_lead(cast, "eve")
    answer = move(desk, lead, "contacted", accept="page", next="//evil.example/")
    assert answer.location == BOARD


# Who may


def test_an_agent_sees_and_moves_only_their_own(doras_desk, cast):
    hers = make_lead(cast, "hers", assignee_id=doras_desk.user.id)
    others = make_lead(cast, "others")
    page = doras_desk.open(BOARD)
    assert columns(page)["new"] == ["hers"]
    assert heads(page)["new"][0] == "1"
    assert doras_desk.client.get(f"/admin/leads/{others.id}/move").status_code == 404
    assert move(doras_desk, others, "contacted").status_code == 404
    assert move(doras_desk, hers, "contacted").status_code == 200
    assert stage_of(others) == "new"


def test_an_analyst_looks_and_moves_nobody(sign_in, cast):
    lead = make_lead(cast, "eve")
    bob = Desk(sign_in(cast.bob))
    page = bob.open(BOARD)
    assert columns(page)["new"] == ["eve"]
    assert "data-move" not in page
    assert "data-board" not in page
    assert move(bob, lead, "contacted").status_code == 403
    assert 'name="lead_id"' not in bob.open("/admin/leads")


# Several at once


def bulk(desk, leads, **fields) -> str:
    desk.open("/admin/leads?sort=newest")
    desk.send("/bulk", lead_id=[str(lead.id) for lead in leads], **fields)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", desk.page))


def test_several_leads_are_moved_and_those_that_are_not_are_named_and_stay_ticked(desk, cast):
    first, second = make_lead(cast, "first"), make_lead(cast, "second")
    there = make_lead(cast, "there", stage="contacted")
    back = make_lead(cast, "back", stage="customer")
    said = bulk(desk, [first, second, there, back], do="move", stage="contacted")
    assert "2 leads moved to Contacted." in said
    assert "2 stayed as they were. there: there already; back: needs a reason" in said
    assert [stage_of(lead) for lead in (first, second, back)] == ["contacted"] * 2 + ["customer"]
    ticked = re.findall(r'name="lead_id" value="(\d+)"[^>]*checked', desk.page)
    assert sorted(map(int, ticked)) == sorted([there.id, back.id])
    assert "checked" not in desk.open("/admin/leads?sort=newest").partition("data-bulk")[2]


def test_what_was_done_with_several_is_undone_but_for_those_changed_again(desk, cast):
    first, second, third = (make_lead(cast, name) for name in ("first", "second", "third"))
    move(desk, second, "customer", reason="bought")
    bulk(desk, [first, second, third], do="move", stage="contacted", reason="a try")
    with acting_for(cast.clinic):
        update_lead(third, {"stage": "qualified"}, user_id=None, now=utc_now())
        db.session.commit()
    page = desk.post("/admin/leads/bulk/undo")
    assert "Undone: 2 leads as before." in page
    assert "third: changed again since" in page
    stages = [stage_of(lead) for lead in (first, second, third)]
    assert stages == ["new", "customer", "qualified"]
    assert reasons(cast, first) == [""]
    assert "nothing to undo any more" in desk.post("/admin/leads/bulk/undo")


def test_several_go_back_to_whose_they_were(desk, cast):
    hers, nobodys = make_lead(cast, "a", assignee_id=cast.alice.id), make_lead(cast, "b")
    bulk(desk, [hers, nobodys], do="assign", assignee_id=str(cast.bob.id))
    assert ">Undo <" in desk.page
    desk.send("/bulk/undo?next=/admin/leads?sort%3Dnewest")
    db.session.refresh(hers), db.session.refresh(nobodys)
    assert (hers.assignee_id, nobodys.assignee_id) == (cast.alice.id, None)


def test_a_reason_is_kept_with_each(desk, cast):
    leads = [make_lead(cast, name) for name in ("a", "b")]
    bulk(desk, leads, do="move", stage="lost", reason="Season is over")
    assert [reasons(cast, lead)[-1] for lead in leads] == ["Season is over"] * 2


def test_several_leads_are_given_to_somebody_or_nobody(desk, cast):
    leads = [make_lead(cast, name) for name in ("a", "b")]
    said = bulk(desk, leads, do="assign", assignee_id=str(cast.bob.id))
    assert "2 leads assigned to Bob." in said
    assert {lead.assignee_id for lead in leads if not db.session.refresh(lead)} == {cast.bob.id}
    bulk(desk, leads, do="assign", assignee_id="none")
    assert {lead.assignee_id for lead in leads if not db.session.refresh(lead)} == {None}


def test_no_lead_goes_to_a_stranger(desk, cast):
    lead = make_lead(cast, "a")
    said = bulk(desk, [lead], do="assign", assignee_id=str(cast.charlie.id))
    assert "1 stayed as it was" in said
    db.session.refresh(lead)
    assert lead.assignee_id is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"do": "move"}, "Choose the stage"),
        ({"do": "assign"}, "Choose to whom"),
        ({"do": "move", "stage": "contacted", "lead_id": []}, "Tick the leads first"),
    ],
)
def test_what_is_missing_is_said_and_the_ticks_are_kept(desk, cast, fields, said):
    lead = make_lead(cast, "a")
    desk.open("/admin/leads")
    desk.send("/bulk", **{"lead_id": [str(lead.id)], **fields})
    assert said in desk.page
    assert ("checked" in desk.page.partition("data-bulk")[2]) == bool(fields.get("lead_id", True))
    assert stage_of(lead) == "new"


def test_odd_ids_and_too_many_are_refused(desk, cast):
    make_lead(cast, "a")
    for ids in (["x"], ["-1"], [str(10**30)], [str(n) for n in range(1, 60)]):
        desk.open("/admin/leads")
        desk.send("/bulk", lead_id=ids, do="move", stage="lost")
        assert desk.status == 400


def test_agents_move_their_own_and_give_none_away(doras_desk, cast):
    hers = make_lead(cast, "hers", assignee_id=doras_desk.user.id)
    others = make_lead(cast, "others")
    said = bulk(doras_desk, [hers, others], do="move", stage="contacted")
    assert "1 lead moved" in said
    assert f"Lead {others.id}: not found" in said
    assert (stage_of(hers), stage_of(others)) == ("contacted", "new")
    bulk(doras_desk, [hers], do="assign", assignee_id=str(cast.bob.id))
    assert doras_desk.status == 403


def test_analysts_change_nothing_at_once_either(sign_in, cast):
    lead = make_lead(cast, "a")
    bob = Desk(sign_in(cast.bob))
    bob.open("/admin/leads?stage=new")
    bob.post("/admin/leads/bulk", lead_id=str(lead.id), do="move", stage="lost")
    assert bob.status == 403
    assert stage_of(lead) == "new"
