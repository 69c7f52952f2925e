"""The leads: who they are, how warm and why, where from, and what is done about them."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.extensions import db
from app.identity import Identity
from app.models import (
    AuditLog,
    Consent,
    Interaction,
    Lead,
    LeadLifecycle,
    LeadScore,
)
from app.operations.leads.update_lead import update_lead
from app.operations.tracking.record_interaction import record_interaction
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import (
    TOKEN,
    address,
    counted_queries,
    make_lead,
    make_lead_by_calculator,
    plain,
    send,
)

# The list


def test_an_empty_list_says_how_leads_come(alice):
    page = alice.get("/admin/leads")
    assert page.status_code == 200
    assert "No leads yet" in page.text
    assert "Put the snippet on your website" in page.text


def test_the_list_shows_who_they_are_how_warm_and_by_what(alice, cast):
    make_lead_by_calculator(cast)
    words = plain(alice.get("/admin/leads").text)
    assert "Eve" in words
    assert "eve@example.com" in words
    assert "Cost calculator 100" in words


def set_scores(cast, scores):
    leads = [make_lead(cast, f"lead{n}@example.com") for n in range(len(scores))]
    for lead, score in zip(leads, scores, strict=True):
        lead.lead_score = score
    with acting_for(cast.clinic):
        db.session.commit()
    return leads


def listed(client, query="") -> list[str]:
    return re.findall(r">(lead\d+@example\.com)</a>", client.get(f"/admin/leads{query}").text)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 0, 1]),
        ("?sort=newest", [2, 1, 0]),
        ("?min=40", [2, 0]),
        ("?max=40", [0, 1]),
        ("?min=35&max=45", [0]),
        ("?q=LEAD1", [1]),
        ("?q=lead example", [2, 0, 1]),
        ("?q=%25", []),
        ("?stage=new", [2, 0, 1]),
        ("?stage=customer", []),
        ("?stage=nonsense&grade=Z&min=abc&sort=zz", [2, 0, 1]),
        ("?source=elsewhere", []),
        ("?assignee=none", [2, 0, 1]),
        ("?assignee=me", []),
    ],
)
def test_filters_stand_in_the_address(alice, cast, query, expected):
    set_scores(cast, [40, 10, 90])
    assert listed(alice, query) == [f"lead{n}@example.com" for n in expected]


@pytest.mark.parametrize("page", ["/admin/leads", "/admin/leads/board"])
def test_a_filter_that_is_not_understood_is_named_and_left_out(alice, cast, page):
    make_lead(cast)
    words = plain(alice.get(f"{page}?min=many&stage=<b>&sort=score&max=&temperature=cold").text)
    assert "Not understood and so left out: stage “&lt;b&gt;”, min “many”." in words
    assert "left out" not in plain(alice.get(f"{page}?min=3&sort=score&q=eve").text)


def test_a_phone_is_found_however_it_is_written(alice, cast):
    make_lead(cast, "lead0@example.com", phone="06 12 34 56 78")
    for written in ("0612345678", "%2B33612345678", "345678"):
        assert listed(alice, f"?q={written}") == ["lead0@example.com"]


@pytest.mark.parametrize("sort", ["score", "newest", "engaged", "risk", "contact", "stay"])
def test_pages_hold_every_lead_once(alice, cast, sort):
    with acting_for(cast.clinic):
        for n in range(120):
            db.session.add(
                Lead(
                    email=f"lead{n}@example.com",
                    lead_score=n % 7,
                    created_at=NOW + timedelta(seconds=n // 3),
                    updated_at=NOW,
                    last_engaged_at=NOW + timedelta(days=n % 5) if n % 2 else None,
                )
            )
        db.session.commit()
    found, query = [], f"?sort={sort}"
    while query:
        page = alice.get(f"/admin/leads{query}").text
        found += re.findall(r">(lead\d+@example\.com)</a>", page)
        cursor = re.search(r'href="[^"]*(cursor=[\w-]+)[^"]*">Next page', page)
        query = f"?sort={sort}&{cursor[1]}" if cursor else ""
    assert len(found) == 120
    assert len(set(found)) == 120


@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "newest-1-1", "score-a-1", "score-1", f"score-1-{'9' * 25}", f"score-{'9' * 25}-1"],
)
def test_a_cursor_of_somewhere_else_is_refused(alice, cursor):
    assert alice.get(f"/admin/leads?cursor={cursor}").status_code == 400


def test_the_tabs_count_each_stage_within_the_other_filters(alice, cast):
    leads = set_scores(cast, [40, 10, 90])
    with acting_for(cast.clinic):
        update_lead(leads[2], {"stage": "contacted"}, user_id=None, now=NOW)
        leads[2].lead_score = 90
        db.session.commit()
    words = plain(alice.get("/admin/leads?min=30&stage=new").text)
    assert "All 2 New 1 Contacted 1 Qualified 0" in words


def test_the_export_holds_what_the_filters_show(alice, cast):
    set_scores(cast, [40, 10, 90])
    answer = alice.get("/admin/leads.csv?min=30")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["email"] for row in rows] == ["lead2@example.com", "lead0@example.com"]
    assert rows[0]["lead_score"] == "90"


def test_no_spreadsheet_takes_a_name_for_a_formula(alice, cast):
    make_lead(cast, first_name="=HYPERLINK(1)", phone="+33612345678")
    row = next(csv.DictReader(io.StringIO(alice.get("/admin/leads.csv").text)))
    assert row["first_name"] == "'=HYPERLINK(1)"
    assert row["phone"] == "+33612345678"


# Who may


def test_agents_see_and_change_only_their_own_leads(sign_in, cast, dora):
    mine, other = set_scores(cast, [50, 60])
    with acting_for(cast.clinic):
        mine.assignee_id, other.assignee_id = dora.id, None
        db.session.commit()
    client = sign_in(dora)
    assert listed(client) == ["lead0@example.com"]
    assert listed(client, "?assignee=none") == []
    assert "lead1@" not in client.get("/admin/leads.csv").text
    assert client.get(address(mine)).status_code == 200
    assert client.get(address(other)).status_code == 404
    moved = send(client, mine, {"stage": "contacted", "from": "new"}, "/stage")
    assert moved.status_code == 303
    token = TOKEN.search(client.get(address(mine)).text)[1]
    foreign = {"stage": "contacted", "csrf_token": token}
    assert client.post(address(other, "/stage"), data=foreign).status_code == 404
    erase = {"confirm": "erase", "csrf_token": token}
    assert client.post(address(mine, "/erase"), data=erase).status_code == 403


def test_analysts_read_and_do_not_change(sign_in, cast):
    lead = make_lead(cast)
    bob = sign_in(cast.bob)
    page = bob.get(address(lead))
    assert page.status_code == 200
    assert ">Save</button>" not in page.text
    assert send(bob, lead, {"first_name": "X"}).status_code == 403
    assert send(bob, lead, {"type": "call_made"}, "/engagements").status_code == 403


def test_another_organizations_lead_is_not_found(sign_in, cast):
    lead = make_lead(cast)
    own = make_lead(cast, "own@example.com", organization=cast.other)
    charlie = sign_in(cast.charlie)
    assert "eve@example.com" not in charlie.get("/admin/leads").text
    assert "eve@example.com" not in charlie.get("/admin/leads.csv").text
    assert charlie.get(address(lead)).status_code == 404
    token = TOKEN.search(charlie.get(address(own)).text)[1]
    for rest in ("", "/stage", "/assignee", "/engagements", "/erase"):
        answer = charlie.post(address(lead, rest), data={"csrf_token": token, "stage": "lost"})
        assert answer.status_code == 404, rest


def test_a_lead_goes_to_no_stranger(alice, cast):
    lead = make_lead(cast)
    answer = send(alice, lead, {"assignee_id": str(cast.charlie.id)}, "/assignee")
    assert answer.status_code == 422
    assert send(alice, lead, {"assignee_id": str(cast.bob.id)}, "/assignee").status_code == 303
    db.session.refresh(lead)
    assert lead.assignee_id == cast.bob.id


# One lead


def test_the_page_takes_the_interaction_score_apart(alice, cast):
    lead = make_lead_by_calculator(cast)
    words = plain(alice.get(address(lead)).text)
    assert (
        "Cost calculator used 70 + More than one procedure 15 + High budget range 20 "
        "− Cap at 100 5 = 100"
    ) in words
    assert "2 procedures" in words
    assert "the default rules" in words


def sum_of(lines: list[str]) -> float:
    """Of lines shown to two decimals."""
    return sum(map(float, lines))


def test_the_bars_of_the_lead_score_sum_to_it_and_so_do_their_sentences(alice, cast):
    lead = make_lead_by_calculator(cast)
    page = alice.get(address(lead)).text
    start = page.index('<ol class="score-steps">')
    section = page[start : page.index("</ol>", start)]
    bars = re.findall(r'waterfall-points">([+-]\d+\.\d\d)<', section)
    sentences = re.findall(r'"nums">([+-]\d+\.\d\d)<', section)
    with acting_for(cast.clinic):
        current = db.session.scalar(
            select(LeadScore).where(LeadScore.lead_id == lead.id, LeadScore.is_current)
        )
    for lines in (bars, sentences):
        # Each is rounded, so the sum may be off by half a cent a line.
        assert abs(sum_of(lines) - float(current.total_score)) < 0.005 * len(lines) + 0.001
    assert f"<strong>{current.total_score:.2f}</strong>" in section
    assert "Gave an e-mail address" in section


def test_all_eight_models_stand_side_by_side(alice, cast):
    lead = make_lead_by_calculator(cast)
    words = plain(alice.get(address(lead)).text)
    assert "First touch Last touch Linear Time decay U-shaped W-shaped Markov Shapley" in words
    assert words.count("100.0%") == 8


def test_visits_are_folded_with_what_was_done_in_them(alice, cast):
    lead = make_lead_by_calculator(cast)
    page = alice.get(address(lead)).text
    visit = re.search(r'<details class="list-group-item py-2">.*?</details>', page, re.DOTALL)[0]
    words = plain(visit)
    assert "Viewed a page, Used the cost calculator, Sent the form" in words
    assert "clinic.example/laser" in words


def test_consents_show_their_words_and_version(alice, cast):
    lead = make_lead(cast)
    with acting_for(cast.clinic):
        db.session.add(
            Consent(
                lead_id=lead.id,
                kind="sms",
                granted=False,
                text="You may text me",
                text_version="2026-02",
                given_at=NOW,
            )
        )
        db.session.commit()
    words = plain(alice.get(address(lead)).text)
    assert "Text messages not given" in words
    assert "Text, version 2026-02 You may text me" in words


def test_a_lead_of_whom_nothing_is_known_yet_has_a_page(alice, cast):
    with acting_for(cast.clinic):
        lead = Lead(phone="+33612345678", created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.commit()
    words = plain(alice.get(address(lead)).text)
    assert "Not scored yet" in words
    assert "No touch is known" in words
    assert "None recorded" in words


def test_an_unknown_lead_is_not_found(alice):
    assert alice.get("/admin/leads/999").status_code == 404


def test_what_they_wrote_stays_text(alice, cast):
    script = "<script>alert('𝕏é')</script>"
    lead = make_lead(cast, first_name=script, notes=script)
    send(alice, lead, {"type": "call_made", "note": script}, "/engagements")
    for page in (alice.get(address(lead)).text, alice.get("/admin/leads").text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(&#39;𝕏é&#39;)" in page


# What is done there


def test_contact_fields_are_edited_in_their_normal_form_and_audited(alice, cast):
    lead = make_lead(cast)
    form = {"email": " EVE@Example.com ", "phone": "06 12 34 56 78", "first_name": "Ève 𝔈"}
    assert send(alice, lead, form).status_code == 303
    db.session.refresh(lead)
    assert (lead.email, lead.phone, lead.first_name) == (
        "eve@example.com",
        "+33612345678",
        "Ève 𝔈",
    )
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "lead.edited"))
        reason = db.session.scalar(select(LeadScore.reason).where(LeadScore.is_current))
    assert line.detail["phone"] == {"before": None, "after": "+33612345678"}
    assert "email" not in line.detail
    assert line.user_id == cast.alice.id
    assert reason == "profile edited"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"email": "nobody"}, "Write the whole address"),
        ({"phone": "12"}, "Write the whole number"),
        ({"email": "", "phone": ""}, "nobody can reach them"),
        ({"email": "taken@example.com"}, "has this address already"),
        ({"notes": "x" * 3000}, "Shorten this"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_and_all_is_kept(alice, cast, form, message):
    make_lead(cast, "taken@example.com")
    lead = make_lead(cast)
    answer = send(alice, lead, {**form, "last_name": "Typed with care"})
    assert answer.status_code == 422
    assert message in answer.text
    assert "Typed with care" in answer.text
    db.session.refresh(lead)
    assert lead.last_name is None


def test_a_blank_empties_a_field(alice, cast):
    lead = make_lead(cast, first_name="Eve", interests=["skin"])
    assert send(alice, lead, {"first_name": "", "interests": " , "}).status_code == 303
    db.session.refresh(lead)
    assert (lead.first_name, lead.interests) == (None, [])


def test_a_move_is_kept_with_who_and_why_and_scored(alice, cast):
    lead = make_lead(cast)
    before = lead.lead_score
    form = {"stage": "qualified", "from": "new", "reason": "Called twice already"}
    assert send(alice, lead, form, "/stage").status_code == 303
    db.session.refresh(lead)
    assert lead.stage == "qualified"
    assert lead.lead_score > before
    words = plain(alice.get(address(lead)).text)
    assert "New → Qualified" in words
    assert "Called twice already" in words


def test_a_move_is_taken_back_by_one_button(alice, cast):
    lead = make_lead(cast)
    send(alice, lead, {"stage": "contacted", "from": "new"}, "/stage")
    page = alice.get(address(lead)).text
    assert "Moved to Contacted." in page
    undo = re.search(r'action="([^"]*/take-back[^"]*)"', page)[1].replace("&amp;", "&")
    answer = send(alice, lead, {}, undo.removeprefix(address(lead)))
    assert answer.location == address(lead)
    db.session.refresh(lead)
    assert lead.stage == "new"


@pytest.mark.parametrize(
    ("form", "status", "message"),
    [
        ({"stage": "qualified", "from": "new"}, 422, "Say why"),
        ({"stage": "new", "from": "new"}, 409, "They are in New already"),
        ({"stage": "lost", "from": "engaged"}, 409, "Somebody moved them to New"),
        ({"stage": "nirvana", "from": "new"}, 422, "Choose a stage of the list"),
    ],
)
def test_a_move_that_is_refused_is_told_kindly(alice, cast, form, status, message):
    lead = make_lead(cast)
    answer = send(alice, lead, form, "/stage")
    assert answer.status_code == status
    assert message in answer.text
    with acting_for(cast.clinic):
        stays = db.session.scalars(select(LeadLifecycle)).all()
    assert [stay.stage for stay in stays] == ["new"]


def test_a_call_is_noted_in_place_moves_and_scores_the_lead(alice, cast):
    lead = make_lead(cast)
    before = lead.lead_score
    form = {"type": "call_made", "note": "Wants a date in May", "event_id": str(uuid4())}
    assert send(alice, lead, form, "/engagements").status_code == 303
    db.session.refresh(lead)
    assert lead.stage == "contacted"
    assert lead.lead_score > before
    words = plain(alice.get(address(lead)).text)
    assert "Wants a date in May Logged by Alice" in words


def test_a_form_sent_twice_is_one_call(alice, cast):
    lead = make_lead(cast)
    form = {"type": "call_made", "note": "Once", "event_id": str(uuid4())}
    for _ in range(2):
        assert send(alice, lead, form, "/engagements").status_code == 303
    with acting_for(cast.clinic):
        calls = select(Interaction).where(Interaction.type == "call_made")
        assert len(db.session.scalars(calls).all()) == 1


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"type": "telepathy"}, "Choose one of"),
        ({"type": "call_made", "occurred_at": "yesterday"}, "Write a date and a time"),
        ({"type": "call_made", "occurred_at": "2999-01-01T10:00"}, "still to come"),
        ({"type": "call_made", "note": "x" * 501}, "Shorten this"),
    ],
)
def test_an_engagement_that_cannot_be_noted_is_refused_and_kept(alice, cast, form, message):
    lead = make_lead(cast)
    answer = send(alice, lead, {"note": "Kept", **form}, "/engagements")
    assert answer.status_code == 422
    assert message in answer.text
    assert form.get("note", "Kept") in answer.text


def test_the_time_of_a_call_is_the_organizations(alice, cast):
    lead = make_lead(cast)
    form = {"type": "call_made", "occurred_at": "2026-03-02T09:30"}
    assert send(alice, lead, form, "/engagements").status_code == 303
    with acting_for(cast.clinic):
        call = db.session.scalar(select(Interaction).where(Interaction.type == "call_made"))
    assert call.occurred_at == NOW.replace(hour=8, minute=30)  # Paris is an hour ahead


def test_erasing_needs_a_yes_and_takes_the_person_away(alice, cast):
    lead = make_lead(cast, first_name="Eve")
    refused = send(alice, lead, {}, "/erase")
    assert refused.status_code == 422
    assert "eve@example.com" in refused.text
    assert send(alice, lead, {"confirm": "erase"}, "/erase").status_code == 303
    assert alice.get(address(lead)).status_code == 404
    assert "eve@example.com" not in alice.get("/admin/leads").text
    db.session.refresh(lead)
    assert (lead.email, lead.first_name) == (None, None)


# However long the history


def fill_history(cast, lead, count):
    identity = Identity(UUID(int=7), None)
    with acting_for(cast.clinic):
        for n in range(count):
            at = NOW + timedelta(hours=n)
            record_interaction(
                "page_viewed", site=cast.site, identity=identity, now=at, label=f"act {n}"
            )
        db.session.commit()


def queries_of(client, lead) -> int:
    client.get(address(lead))
    db.session.expire_all()
    with counted_queries() as statements:
        assert client.get(address(lead)).status_code == 200
    return len([s for s in statements if s.lstrip().upper().startswith(("SELECT", "WITH"))])


def test_the_page_asks_as_little_of_a_long_history_as_of_a_short_one(alice, cast):
    lead = make_lead_by_calculator(cast)
    fill_history(cast, lead, 5)
    short = queries_of(alice, lead)
    fill_history(cast, lead, 500)
    long = queries_of(alice, lead)
    # The page's own, and of the frame the user, their memberships and the organization.
    assert short == long
    assert long <= 12


def test_a_long_history_is_read_a_page_at_a_time(alice, cast):
    lead = make_lead_by_calculator(cast)
    fill_history(cast, lead, 450)
    seen, query = [], ""
    while query is not None:
        page = alice.get(address(lead, query)).text
        seen += re.findall(r"“act (\d+)”", page)
        older = re.search(r"(\?before=[\d-]+)#timeline", page)
        query = older[1] if older else None
    assert [int(n) for n in seen] == list(range(449, -1, -1))


def test_an_odd_address_of_a_page_shows_the_newest(alice, cast):
    lead = make_lead_by_calculator(cast)
    for odd in ("x", "1-", "-1", "99999999999999-99999999999999999", "1-1"):
        assert alice.get(address(lead, f"?before={odd}")).status_code == 200
