"""Notes about a lead: written, changed, taken away and brought back."""

import re

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditLog, LeadNote
from app.tenancy import acting_for
from tests.leads import address, make_lead, plain, send

UNDO = re.compile(r'action="([^"]+/restore)"')


@pytest.fixture
def lead(cast):
    return make_lead(cast)


def note_of(cast) -> LeadNote | None:
    with acting_for(cast.clinic):
        db.session.expire_all()
        return db.session.scalar(select(LeadNote))


def notes_on(client, lead) -> str:
    """The words of the notes on the page."""
    page = client.get(address(lead)).text
    start = page.index('id="notes"')
    return plain(page[start : page.index("</section>", start)])


def actions(cast) -> list[str]:
    with acting_for(cast.clinic):
        wanted = select(AuditLog.action).where(AuditLog.action.startswith("note."))
        return list(db.session.scalars(wanted.order_by(AuditLog.id)))


def test_a_note_says_who_wrote_it_and_keeps_its_lines(alice, cast, lead):
    answer = send(alice, lead, {"text": "Prefers afternoons.\r\nHas a sister 𝕏."}, "/notes")
    assert answer.status_code == 303
    assert answer.location == address(lead)
    assert note_of(cast).text == "Prefers afternoons.\nHas a sister 𝕏."
    assert "Prefers afternoons. Has a sister 𝕏. Alice, " in notes_on(alice, lead)


def test_a_note_that_was_changed_says_so(alice, cast, lead):
    send(alice, lead, {"text": "Tuesday"}, "/notes")
    note = note_of(cast)
    assert send(alice, lead, {"text": "Wednesday"}, f"/notes/{note.id}").status_code == 303
    shown = notes_on(alice, lead)
    assert "Wednesday" in shown
    assert "Tuesday" not in shown
    assert "edited" in shown
    with acting_for(cast.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "note.edited"))
    assert (line.detail["before"], line.detail["after"]) == ("Tuesday", "Wednesday")
    assert line.user_id == cast.alice.id


def test_the_same_words_change_nothing(alice, cast, lead):
    send(alice, lead, {"text": "Tuesday"}, "/notes")
    send(alice, lead, {"text": " Tuesday "}, f"/notes/{note_of(cast).id}")
    assert note_of(cast).edited_at is None
    assert actions(cast) == ["note.written"]


def test_a_note_taken_away_comes_back_by_undo(alice, cast, lead):
    send(alice, lead, {"text": "Tuesday"}, "/notes")
    note = note_of(cast)
    send(alice, lead, {}, f"/notes/{note.id}/remove")
    page = alice.get(address(lead)).text
    assert "Tuesday" not in page
    undo = UNDO.search(page)[1]
    assert send(alice, lead, {}, undo.removeprefix(address(lead))).status_code == 303
    assert "Tuesday" in notes_on(alice, lead)
    assert actions(cast) == ["note.written", "note.removed", "note.restored"]


def test_a_note_taken_away_is_not_edited(alice, cast, lead):
    send(alice, lead, {"text": "Tuesday"}, "/notes")
    note = note_of(cast)
    send(alice, lead, {}, f"/notes/{note.id}/remove")
    assert send(alice, lead, {"text": "Wednesday"}, f"/notes/{note.id}").status_code == 404


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "Write the note first"), (" \r\n\t", "Write the note first"), ("x" * 4001, "Shorten")],
)
def test_a_note_that_cannot_be_kept_is_refused_kindly(alice, cast, lead, text, message):
    answer = send(alice, lead, {"text": text}, "/notes")
    assert answer.status_code == 422
    assert message in answer.text
    assert note_of(cast) is None


def test_what_was_typed_is_there_again_beside_the_mistake(alice, cast, lead):
    send(alice, lead, {"text": "Tuesday"}, "/notes")
    long = "Typed with care " + "x" * 4000
    for rest in ("/notes", f"/notes/{note_of(cast).id}"):
        answer = send(alice, lead, {"text": long}, rest)
        assert answer.status_code == 422
        assert "Typed with care" in answer.text


def test_scripts_in_a_note_stay_text(alice, cast, lead):
    send(alice, lead, {"text": "<script>alert(1)</script>"}, "/notes")
    assert "<script>alert" not in alice.get(address(lead)).text
    assert "&lt;script&gt;alert(1)" in alice.get(address(lead)).text


def test_whoever_wrote_a_note_changes_it_and_an_admin_but_no_other_agent(
    alice, sign_in, cast, dora, lead
):
    send(alice, lead, {"text": "Mine"}, "/notes")
    note = note_of(cast)
    with acting_for(cast.clinic):
        lead.assignee_id = dora.id
        db.session.commit()
    agent = sign_in(dora)
    assert "Mine" in notes_on(agent, lead)
    for rest in ("", "/remove", "/restore"):
        assert send(agent, lead, {"text": "X"}, f"/notes/{note.id}{rest}").status_code == 403
    assert send(agent, lead, {"text": "Hers"}, "/notes").status_code == 303
    assert "Mine" in notes_on(agent, lead)
    with acting_for(cast.clinic):
        hers = db.session.scalar(select(LeadNote).where(LeadNote.user_id == dora.id))
    for client in (sign_in(cast.alice), sign_in(dora)):
        form = {"text": f"Changed by {id(client)}"}
        assert send(client, lead, form, f"/notes/{hers.id}").status_code == 303


def test_agents_note_only_at_their_own_leads_and_analysts_nowhere(sign_in, cast, dora, lead):
    mine = make_lead(cast, "mine@example.com")
    with acting_for(cast.clinic):
        lead.assignee_id, mine.assignee_id = None, dora.id
        db.session.commit()
    agent = sign_in(dora)
    agent.get(address(mine))
    form = {"text": "Not my business"}
    token = re.search(r'csrf_token" value="([^"]+)"', agent.get(address(mine)).text)[1]
    assert (
        agent.post(address(lead, "/notes"), data={**form, "csrf_token": token}).status_code == 404
    )
    analyst = sign_in(cast.bob)
    assert send(analyst, lead, form, "/notes").status_code == 403
    assert 'name="text"' not in analyst.get(address(lead)).text


def test_a_note_is_not_reached_by_the_address_of_another_lead(alice, cast, lead):
    send(alice, lead, {"text": "Tuesday"}, "/notes")
    other = make_lead(cast, "other@example.com")
    for rest in ("", "/remove", "/restore"):
        answer = send(alice, other, {"text": "X"}, f"/notes/{note_of(cast).id}{rest}")
        assert answer.status_code == 404
    assert note_of(cast).text == "Tuesday"


def test_a_long_note_is_folded_after_its_beginning(alice, cast, lead):
    send(alice, lead, {"text": "x" * 499}, "/notes")
    assert 'class="folded"' not in alice.get(address(lead)).text
    send(alice, lead, {"text": "<b> " * 150}, "/notes")
    page = alice.get(address(lead)).text
    assert 'class="folded"' in page
    assert "<b>" not in page
