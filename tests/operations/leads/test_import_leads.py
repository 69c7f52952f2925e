"""Leads and stages from another system's files."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Interaction, Lead, LeadLifecycle, LeadScore
from app.operations.tracking.track_engagement import track_engagement
from app.tenancy import acting_for
from tests.conftest import NOW


@pytest.fixture
def take_in(app, cast, tmp_path):
    """take_in(text, "--as", ...) -> the result of the command, for the clinic."""

    def run(text, *words):
        file = tmp_path / "file.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        db.session.rollback()
        words = ["import", str(file), *words, "--organization", "clinic"]
        result = app.test_cli_runner().invoke(args=words)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        db.session.rollback()
        return result

    return run


@pytest.fixture
def leads(cast):
    def of_clinic():
        with acting_for(cast.clinic):
            return db.session.scalars(select(Lead).order_by(Lead.id)).all()

    return of_clinic


def test_a_lead_of_another_system_comes_with_its_stage_score_and_event(take_in, leads, cast):
    text = "external_id,email,first_name,created_at,source,interests\n"
    text += "a-1,Sofia@Example.COM,Sofia 🌷,2026-01-05 09:30:00,fair,botox; peel\n"
    result = take_in(text, "--as", "leads")
    assert (result.exit_code, result.stdout) == (0, "1 stored, 0 known already, 0 refused\n")
    [lead] = leads()
    assert (lead.external_id, lead.email, lead.first_name) == (
        "a-1",
        "sofia@example.com",
        "Sofia 🌷",
    )
    assert lead.created_at == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    assert (lead.source, lead.interests, lead.stage) == ("fair", ["botox", "peel"], "new")
    with acting_for(cast.clinic):
        assert db.session.scalars(select(LeadScore.is_current)).all() == [True]
        [stay] = db.session.scalars(select(LeadLifecycle)).all()
        assert (stay.stage, stay.entered_at) == ("new", lead.created_at)
        [act] = db.session.scalars(select(Interaction)).all()
        assert (act.type, act.lead_id, act.occurred_at) == (
            "lead_created",
            lead.id,
            lead.created_at,
        )


def test_what_is_wrong_is_told_by_line_and_the_rest_kept(take_in, leads):
    text = """id,email,when,source
a,,2026-01-05,
,,2026-01-05,nobody
"two
lines",,2026-01-06,unknown
c,not an address,2026-01-05,
d,,yesterday,
e,,2999-01-01,
f,,2026-01-05
a,,2026-01-05,again
"""
    columns = "id=external_id,email=email,when=created_at,source=source"
    result = take_in(text, "--as", "leads", "--columns", columns)
    assert (result.exit_code, result.stdout) == (1, "2 stored, 1 known already, 5 refused\n")
    told = [line.split(":")[:2] for line in result.stderr.splitlines() if line[:5] == "line "]
    assert told == [
        ["line 3", " give an external_id, an email or a phone, so that the lead is known again"],
        ["line 6", " email"],
        ["line 7", " created_at"],
        ["line 8", " created_at"],
        ["line 9", " 3 values, where the first line names 4 columns"],
    ]
    assert [(lead.external_id, lead.source) for lead in leads()] == [
        ("a", "(not told)"),
        ("two lines", "unknown"),
    ]


def test_a_known_lead_is_kept_as_it_is_and_gets_the_id_that_it_lacked(take_in, leads, client):
    owner = {"Authorization": "Bearer clinic-token"}
    body = {"email": "sofia@example.com", "first_name": "Sofia"}
    client.post("/api/leads", json=body, headers=owner)
    text = "external_id;email;first_name\na-1;sofia@example.com;Somebody\n"
    assert take_in(text, "--as", "leads").stdout == "0 stored, 1 known already, 0 refused\n"
    [lead] = leads()
    assert (lead.external_id, lead.first_name) == ("a-1", "Sofia")
    other = "external_id,email\nb-2,sofia@example.com\n"
    result = take_in(other, "--as", "leads")
    assert "another external_id, a-1" in result.stderr
    assert [lead.external_id for lead in leads()] == ["a-1"]


def test_stages_are_entered_at_their_time_and_once(take_in, leads, cast):
    take_in("external_id,created_at\na,2026-01-05\nb,2026-01-05\n", "--as", "leads")
    text = "external_id,at,stage\na,2026-01-07 12:00,contacted\na,2026-01-08,customer\n"
    text += "b,2026-01-04,customer\nghost,2026-01-05,customer\nb,2026-01-05,friend\n"
    result = take_in(text, "--as", "stages")
    assert result.stdout == "3 stored, 0 known already, 2 refused\n"
    assert "line 5: no lead" in result.stderr
    assert "line 6: friend is not a stage" in result.stderr
    again = take_in(text, "--as", "stages")
    assert again.stdout == "0 stored, 3 known already, 2 refused\n"
    assert [lead.stage for lead in leads()] == ["customer", "customer"]
    with acting_for(cast.clinic):
        stays = db.session.scalars(select(LeadLifecycle).order_by(LeadLifecycle.id)).all()
    assert [(s.stage, s.previous_stage, s.entered_at.day, s.is_current_stage) for s in stays] == [
        ("new", None, 5, False),
        ("new", None, 5, False),
        ("contacted", "new", 7, False),
        ("customer", "contacted", 8, True),
        ("customer", "new", 4, True),
    ]


def test_stages_of_one_day_follow_in_their_order_whatever_comes_later(take_in, leads, cast):
    take_in("external_id,created_at\na,2026-01-05\n", "--as", "leads")
    path = ("contacted", "qualified", "opportunity", "customer")
    text = "external_id,at,stage\n" + "".join(f"a,2026-01-08,{stage}\n" for stage in path)
    assert take_in(text, "--as", "stages").stdout == "4 stored, 0 known already, 0 refused\n"

    def stays():
        with acting_for(cast.clinic):
            rows = db.session.scalars(select(LeadLifecycle).order_by(LeadLifecycle.id)).all()
            return [(row.previous_stage, row.stage, row.is_current_stage) for row in rows]

    followed = [
        (None, "new", False),
        ("new", "contacted", False),
        ("contacted", "qualified", False),
        ("qualified", "opportunity", False),
        ("opportunity", "customer", True),
    ]
    assert stays() == followed
    with acting_for(cast.clinic):
        [lead] = leads()
        for kind in ("call_made", "email_replied"):
            track_engagement(lead, kind, now=NOW, occurred_at=datetime(2026, 1, 9, tzinfo=UTC))
        db.session.commit()
    assert stays() == followed


def test_stays_that_were_multiplied_once_are_told_right_again(take_in, leads, cast):
    take_in("external_id,created_at\na,2026-01-05\n", "--as", "leads")
    take_in("external_id,at,stage\na,2026-01-08,contacted\na,2026-01-08,lost\n", "--as", "stages")
    with acting_for(cast.clinic):
        [lead] = leads()
        for stage, previous in (("contacted", "lost"), ("lost", "contacted")):
            at = datetime(2026, 1, 8, tzinfo=UTC)
            stay = LeadLifecycle(lead_id=lead.id, stage=stage, previous_stage=previous)
            stay.entered_at = stay.exited_at = at
            stay.transition_reason, stay.is_current_stage = "", False
            db.session.add(stay)
        db.session.flush()
        track_engagement(lead, "call_made", now=NOW, occurred_at=NOW)
        stays = select(LeadLifecycle.stage).order_by(LeadLifecycle.id)
        assert db.session.scalars(stays).all() == ["new", "contacted", "lost"]


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        ("a,b\n1,2\n", ("--as", "leads"), "'a' is not a field"),
        ("a,b\n1,2\n", ("--as", "leads", "--columns", "c=email"), "no column 'c'"),
        ("a,b\n1,2\n", ("--as", "leads", "--columns", "a=email,b=email"), "Two columns mean"),
        ("", ("--as", "leads", "--columns", "a=email"), "its columns are none"),
        ("email\nx@example.com\n", ("--as", "leads", "--stage", "customer"), "--stage is for"),
        ("email\nx@example.com\n", ("--columns", "email"), "--columns and --stage are for"),
        ("email\nJos\xe9\n".encode("latin-1"), ("--as", "leads"), "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_whole(take_in, leads, text, words, told):
    result = take_in(text, *words)
    assert result.exit_code != 0
    assert told in result.stderr
    assert leads() == []
