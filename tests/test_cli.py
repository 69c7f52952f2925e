"""What is done from a shell."""

import json
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from app import create_app
from app.clock import utc_now
from app.commands import river
from app.domain.attribution.attribution import MODELS
from app.extensions import db
from app.models import (
    ApiToken,
    AttributionCredit,
    AuditLog,
    Interaction,
    Lead,
    LeadAttribution,
    Membership,
    Organization,
    Rollup,
    Site,
    Treatment,
    User,
    VisitorSession,
)
from app.operations.leads.rebuild_leads import rebuild_leads
from app.operations.tracking.rebuild import rebuild
from app.passwords import is_password
from app.tenancy import across_organizations, acting_for
from tests.conftest import NOW, settings
from tests.lives import LEADS, happen


@pytest.fixture
def run(app):
    """run("site", "create", ...) -> the result of the command."""

    def invoke(*words, **more):
        db.session.rollback()  # a command is a process of its own
        result = app.test_cli_runner().invoke(args=list(words), **more)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        db.session.rollback()
        return result

    return invoke


def everything(query):
    with across_organizations():
        found = db.session.scalars(query).all()
        db.session.rollback()
        return found


def test_an_organization_is_made_with_a_slug_of_its_name(run):
    result = run("organization", "create", "Aurélia & Søn 2")
    assert result.exit_code == 0
    assert result.stdout == "aurelia-sn-2\n"
    made = db.session.scalar(select(Organization))
    assert (made.slug, made.name) == ("aurelia-sn-2", "Aurélia & Søn 2")


def test_an_organization_may_name_its_slug_zone_and_currency(run):
    more = ("--slug", "clinic", "--timezone", "Europe/Paris", "--currency", "chf")
    assert run("organization", "create", "診所", *more).stdout == "clinic\n"
    made = db.session.scalar(select(Organization))
    assert (made.timezone, made.currency) == ("Europe/Paris", "CHF")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("診所",), "--slug"),
        (("X", "--slug", "No Spaces"), "--slug"),
        (("X", "--timezone", "Mars/Olympus"), "time zone"),
        (("X", "--currency", "gold"), "three letters"),
        (("Again", "--slug", "clinic"), "already"),
    ],
)
def test_an_organization_that_cannot_be_is_explained(run, cast, words, told):
    result = run("organization", "create", *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""
    assert len(everything(select(Organization))) == 2


def test_a_sites_key_is_printed_alone(run, cast):
    words = ("--organization", "clinic", "--domain", "https://New.Example/path", "--hosted")
    result = run("site", "create", *words)
    assert result.exit_code == 0
    site = everything(select(Site).order_by(Site.id.desc()))[0]
    assert result.stdout == f"{site.key}\n"
    assert len(site.key) >= 20
    assert (site.domain, site.name, site.hosted) == ("new.example", "new.example", True)
    assert site.organization_id == cast.clinic.id


def test_what_commands_make_stands_in_the_audit_log_without_a_user(run, cast):
    clinic = ("--organization", "clinic")
    run("site", "create", *clinic, "--domain", "klinik-zürich.example")
    run("token", "create", *clinic, "--role", "agent")
    run("user", "create", *clinic, "--email", "n@example.com", "--role", "agent")
    lines = everything(select(AuditLog).order_by(AuditLog.id))
    assert [(each.action, each.user_id) for each in lines] == [
        ("site.created", None),
        ("token.created", None),
        ("user.added", None),
    ]
    assert everything(select(Site.domain).order_by(Site.id))[-1] == "xn--klinik-zrich-klb.example"


def test_a_new_site_takes_events_at_once(run, cast, client):
    key = run(
        "site", "create", "--organization", "clinic", "--domain", "new.example"
    ).stdout.strip()
    event = {"id": str(uuid4()), "type": "page_viewed", "at": 0}
    answer = client.post(
        "/collect",
        json={"v": 1, "site": key, "events": [event]},
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/138.0.0.0"},
    )
    assert answer.json["accepted"] == 1


@pytest.mark.parametrize("domain", ["", "   ", "two words", "https://"])
def test_a_domain_that_is_none_is_refused(run, cast, domain):
    result = run("site", "create", "--organization", "clinic", "--domain", domain)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_users_password_is_made_up_and_printed_alone(run, cast):
    words = ("--organization", "clinic", "--email", "New.User@Example.com", "--role", "analyst")
    result = run("user", "create", *words)
    assert result.exit_code == 0
    user = db.session.scalar(select(User).where(User.email == "new.user@example.com"))
    assert user.name == "New User"
    assert is_password(user.password_hash, result.stdout.strip())
    roles = everything(select(Membership).where(Membership.user_id == user.id))
    assert [(m.organization_id, m.role) for m in roles] == [(cast.clinic.id, "analyst")]


def test_a_given_password_is_taken_and_not_repeated(run, cast):
    words = ("--organization", "clinic", "--email", "n@example.com", "--role", "owner")
    result = run("user", "create", *words, "--password", "stained glass 😀")
    assert result.exit_code == 0
    assert result.stdout == ""
    user = db.session.scalar(select(User).where(User.email == "n@example.com"))
    assert is_password(user.password_hash, "stained glass 😀")


def test_a_user_of_one_organization_may_join_another_and_keeps_their_password(run, cast):
    before = cast.charlie.password_hash
    words = ("--organization", "clinic", "--email", "charlie@example.com", "--role", "agent")
    result = run("user", "create", *words)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "already" in result.stderr
    assert cast.charlie.password_hash == before
    assert len(everything(select(Membership).where(Membership.user_id == cast.charlie.id))) == 2
    assert run("user", "create", *words).exit_code == 2  # but not twice


@pytest.mark.parametrize(
    "words",
    [
        ("--email", "nonsense", "--role", "owner"),
        ("--email", "n@example.com", "--role", "king"),
        ("--email", "n@example.com", "--role", "owner", "--password", "short"),
        ("--email", "n@example.com"),
        ("--email", "n@example.com", "--role", "owner", "--organization", "nowhere"),
    ],
)
def test_a_user_that_cannot_be_is_refused(run, cast, words):
    result = run("user", "create", "--organization", "clinic", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert db.session.scalar(select(func.count()).select_from(User)) == 3


def test_a_token_is_printed_alone_and_opens_the_api(run, cast, client):
    result = run("token", "create", "--organization", "clinic", "--role", "analyst")
    secret = result.stdout.strip()
    assert result.stdout == f"{secret}\n"
    kept = everything(select(ApiToken).where(ApiToken.role == "analyst"))
    assert [token.token_hash for token in kept] == [ApiToken.digest(secret)]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/leads", headers=bearer).status_code == 200
    assert client.delete("/api/leads/1", headers=bearer).status_code == 403


def test_the_organization_may_be_left_out_when_there_is_one(run):
    assert "no organization yet" in run("token", "create", "--role", "owner").stderr
    run("organization", "create", "One")
    assert run("token", "create", "--role", "owner").exit_code == 0
    run("organization", "create", "Two")
    result = run("token", "create", "--role", "owner")
    assert result.exit_code == 2
    assert "several" in result.stderr


def test_a_command_makes_the_tables_of_a_database_nobody_has_used(tmp_path):
    app = create_app(settings(f"sqlite:///{tmp_path}/new.db", tmp_path))
    result = app.test_cli_runner().invoke(args=["organization", "create", "First"])
    assert result.stdout == "first\n"
    app.collector.stop()
    with app.app_context():
        db.engine.dispose()


# Import, export, sweep, rebuild


def line(ago=60, type="page_viewed", **more) -> dict:
    at = (NOW - timedelta(seconds=ago)).isoformat()
    return {"type": type, "occurred_at": at, "site": "clinic-key", "visitor": str(uuid4()), **more}


def written(tmp_path, *lines):
    file = tmp_path / "events.jsonl"
    texts = (told if isinstance(told, str) else json.dumps(told) for told in lines)
    file.write_text("\n".join(texts) + "\n")
    return str(file)


def test_a_file_of_interactions_is_taken_in_once(run, cast, tmp_path):
    file = written(tmp_path, *(line(n) for n in range(1200)))
    first = run("import", file, "--organization", "clinic")
    assert first.exit_code == 0
    assert first.stdout == "1200 stored, 0 known already, 0 refused\n"
    assert first.stderr.splitlines() == ["500 lines read", "1000 lines read", "1200 lines read"]
    again = run("import", file, "--organization", "clinic")
    assert again.stdout == "0 stored, 1200 known already, 0 refused\n"
    assert everything(select(func.count()).select_from(Interaction)) == [1200]


def test_what_a_file_has_wrong_is_told_by_line_and_the_rest_kept(run, cast, tmp_path):
    file = written(tmp_path, line(), "nonsense", "", line(type="nope"), line(lead_id=7), line())
    result = run("import", file, "--organization", "clinic")
    assert result.exit_code == 1
    assert result.stdout == "2 stored, 0 known already, 3 refused\n"
    told = [text for text in result.stderr.splitlines() if text.startswith("line ")]
    assert [text.split(":")[:2] for text in told] == [
        ["line 2", " not_json"],
        ["line 4", " unknown_type"],
        ["line 5", " unknown_lead"],
    ]


@pytest.mark.parametrize(
    "bad",
    [
        json.dumps(line(label="\ud800")),
        json.dumps(line(data={"deep": ["\ud800"]})),
        json.dumps(line(data={"wide": float("nan")})),
        "[" * 20_000,
    ],
)
def test_a_line_no_database_can_hold_costs_only_itself(run, cast, tmp_path, bad):
    file = written(tmp_path, line(), bad, line())
    result = run("import", file, "--organization", "clinic")
    assert result.stdout == "2 stored, 0 known already, 1 refused\n"
    assert "line 2: not_json: " in result.stderr


def test_a_file_may_begin_with_a_byte_order_mark(run, cast, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text(json.dumps(line()), encoding="utf-8-sig")
    result = run("import", str(file), "--organization", "clinic")
    assert result.stdout == "1 stored, 0 known already, 0 refused\n"


def test_an_import_ends_visits_by_their_own_time(run, cast, tmp_path):
    visitor = str(uuid4())
    events = [line(480, visitor=visitor), line(0, "click", visitor=visitor, label="Get a demo")]
    run("import", written(tmp_path, *events), "--organization", "clinic")
    visit = everything(select(VisitorSession))[0]
    assert visit.ended_at == NOW
    assert visit.lead_score == 35 + 5 + 5


def test_an_export_holds_the_organization_and_nothing_of_others_or_secret(run, cast, client):
    bearer = {"Authorization": "Bearer clinic-token"}
    client.post(
        "/api/leads", json={"email": "ada@example.com", "first_name": "Łucja"}, headers=bearer
    )
    result = run("export", "--organization", "clinic")
    assert result.exit_code == 0
    rows = [json.loads(text) for text in result.stdout.splitlines()]
    tables = {row["table"] for row in rows}
    assert {"organizations", "users", "memberships", "sites", "leads", "interactions"} <= tables
    leads = [row for row in rows if row["table"] == "leads"]
    assert [(lead["email"], lead["first_name"]) for lead in leads] == [("ada@example.com", "Łucja")]
    assert "alice@example.com" in result.stdout
    for word in ("charlie@example.com", "other-key", "password_hash", "token_hash", "$argon2"):
        assert word not in result.stdout, word


def test_sweeping_ends_silent_visits_and_says_how_many(run, cast, client):
    event = {"id": str(uuid4()), "type": "page_viewed", "at": 0}
    client.post(
        "/collect",
        json={"v": 1, "site": "clinic-key", "events": [event]},
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/138.0.0.0"},
    )
    assert run("sweep").stdout == "0 visits ended\n"
    with acting_for(cast.clinic):
        visit = db.session.scalar(select(VisitorSession))
        visit.started_at = visit.last_activity_at = utc_now() - timedelta(minutes=31)
        db.session.commit()
    assert run("sweep").stdout == "1 visits ended\n"
    assert everything(select(VisitorSession.lead_score)) == [10]


def test_rebuilding_finds_nothing_wrong_and_mends_what_is(run, cast, tmp_path):
    run("import", written(tmp_path, *(line(n) for n in range(20))), "--organization", "clinic")
    assert run("rebuild").stdout == "nothing differed\n"
    with acting_for(cast.clinic):
        visit = db.session.scalars(select(VisitorSession)).first()
        visit.lead_score = 99
        db.session.commit()
    assert "clinic: visits: 1 differed" in run("rebuild").stdout
    assert run("rebuild").stdout == "nothing differed\n"


def test_rebuilding_goes_through_the_leads_part_by_part_and_tells_how_far_it_is(
    run, cast, monkeypatch
):
    monkeypatch.setattr(river, "AT_ONCE", 5)
    monkeypatch.setattr(river, "EVERY", 0)
    with acting_for(cast.clinic):
        happen(cast.site)
        db.session.commit()
    assert "clinic: attributions of conversions: " in run("rebuild").stdout
    assert run("rebuild").stdout == "nothing differed\n"
    with acting_for(cast.clinic):
        db.session.execute(delete(AttributionCredit))
        lead = db.session.scalars(select(Lead)).first()
        lead.stage = "churned"
        db.session.commit()
    mended = run("rebuild")
    assert "clinic: leads' stages: 1 differed\n" in mended.stdout
    assert "clinic: credits of channels: " in mended.stdout
    assert "clinic: 5 of 12 leads\n" in mended.stderr
    assert "clinic: 12 of 12 leads\n" in mended.stderr
    assert run("rebuild").stdout == "nothing differed\n"


# The demo


@pytest.fixture(scope="module")
def demo(template_database, tmp_path_factory):
    """The demo clinic, made once for the tests below."""
    if template_database.server:
        pytest.skip("one database is enough for the demo")
    folder = tmp_path_factory.mktemp("demo")
    app = create_app(settings(f"sqlite:///{folder}/demo.db", folder))
    result = app.test_cli_runner().invoke(args=["demo", "--visitors", "120", "--days", "14"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        yield app, result
        app.collector.stop()
        db.session.remove()
        db.engine.dispose()


def counted(demo, query) -> int:
    with demo[0].app_context(), across_organizations():
        return db.session.scalar(query)


def test_the_demo_says_how_to_sign_in_and_it_works(demo):
    app, result = demo
    assert "demo@leadlight.example" in result.stdout
    password = result.stdout.split()[-1]
    with app.app_context():
        user = db.session.scalar(select(User).where(User.email == "demo@leadlight.example"))
        assert is_password(user.password_hash, password)


def test_the_demo_has_visits_leads_stages_and_a_catalogue(demo):
    assert counted(demo, select(func.count()).select_from(Treatment)) >= 6
    assert counted(demo, select(func.count(VisitorSession.visitor_id.distinct()))) == 120
    assert counted(demo, select(func.count()).select_from(VisitorSession)) > 120
    assert counted(demo, select(func.count()).select_from(Lead)) >= 3
    assert counted(demo, select(func.count(Lead.stage.distinct()))) >= 2
    assert counted(demo, select(func.count(VisitorSession.channel.distinct()))) >= 4
    assert counted(demo, select(func.count()).where(VisitorSession.ended_at.is_(None))) == 0
    now = utc_now()
    assert counted(demo, select(func.max(Interaction.occurred_at))) <= now
    assert counted(demo, select(func.min(Interaction.occurred_at))) >= now - timedelta(days=15)


def test_the_demos_figures_are_what_its_log_says(demo):
    app, _ = demo
    with app.app_context():
        organization = db.session.scalar(select(Organization))
        differed = rebuild(organization, now=utc_now())
        with acting_for(organization):
            differed += rebuild_leads(0, 1000, now=utc_now())[0]
        db.session.rollback()
    assert {table: count for table, count in differed.items() if count} == {}


def test_a_second_demo_changes_nothing_and_says_so(demo):
    app, _ = demo
    with app.app_context():
        before = counted(demo, select(func.count()).select_from(Interaction))
        db.session.rollback()
        result = app.test_cli_runner().invoke(args=["demo", "--visitors", "5"])
    assert result.exit_code == 0
    assert "already" in result.stdout
    assert counted(demo, select(func.count()).select_from(Interaction)) == before


def test_a_demo_that_fails_leaves_nothing_half_made(run, monkeypatch):
    def fail(*_):
        raise RuntimeError("out of disk")

    # By its name in sys.modules: app.commands.demo is the command itself.
    monkeypatch.setattr(sys.modules["app.commands.demo"], "load_catalogue", fail)
    with pytest.raises(RuntimeError, match="out of disk"):
        run("demo", "--visitors", "1")
    assert everything(select(Organization)) == []
    assert everything(select(Rollup)) == []


def test_the_credit_of_history_is_shared_by_command(run, cast):
    with acting_for(cast.clinic):
        happen(cast.site)
        db.session.commit()
    result = run("attribute", "--organization", "clinic", "--type", "customer")
    with acting_for(cast.clinic):
        rows = db.session.scalars(select(LeadAttribution)).all()
    assert {row.conversion_type for row in rows} == {"customer"}
    told = result.stdout.split()
    assert told[0] == str(LEADS)
    assert int(told[2]) * len(MODELS) == len(rows) > 0
