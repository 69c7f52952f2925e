"""The main dashboard: from roll-ups, panel by panel."""

import csv
import io
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from app.blueprints.admin import panels
from app.clock import utc_now
from app.extensions import db
from app.models import Rollup
from app.tenancy import acting_for

PAGE = "/admin/comprehensive/dashboard"
DAY = timedelta(days=1)


def today() -> datetime:
    now = utc_now()
    return datetime(now.year, now.month, now.day, tzinfo=UTC)


@pytest.fixture
def count(cast):
    """count(measure, key, amount) into the clinic's roll-ups of a day, by default today's."""

    def counted(measure, key="", amount=1, *, at=None, site_id=None, grain="day", owner=None):
        with acting_for(owner or cast.clinic):
            row = Rollup(
                grain=grain,
                measure=measure,
                starts_at=at or today(),
                site_id=site_id or cast.site.id,
                key=key,
                count=amount,
            )
            db.session.add(row)
            db.session.commit()

    return counted


@contextmanager
def statements():
    """The SQL statements made inside."""
    made = []

    def note(connection, cursor, statement, *_):
        made.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield made
    event.remove(db.engine, "before_cursor_execute", note)


def panel(client, name, **given):
    return client.get(f"{PAGE}/panel/{name}", query_string=given)


def table(client, name, **given) -> list[list[str]]:
    answer = panel(client, name, format="csv", **given)
    assert answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_the_cards_compare_with_the_period_before(sign_in, cast, count):
    count("visitors", amount=40)
    count("leads", "form", 5)
    count("leads", "api", 100)
    count("reached", "lead", 6)
    count("interactions", "click", 1000)
    count("session_score_sum", amount=150)
    count("sessions_scored", amount=4)
    count("visitors", amount=50, at=today() - 30 * DAY)
    count("leads", "form", 5, at=today() - 30 * DAY)
    count("reached", "lead", 5, at=today() - 30 * DAY)
    client = sign_in(cast.bob)
    figures = {row[0]: row[1:4] for row in table(client, "cards")}
    assert figures["Visitors"] == ["40", "50", "-20.0"]
    assert figures["Leads"] == ["105", "5", "2000.0"]
    assert figures["Conversion rate"] == ["15.0", "10.0", "5.0"]
    assert figures["Mean session score"] == ["37.5", "", ""]
    shown = panel(client, "cards").text
    assert "1,000" in shown
    assert "nothing before to compare" in shown


def test_counts_outside_the_range_are_left_out(sign_in, cast, count):
    count("visitors", amount=7, at=today() - 6 * DAY)
    count("visitors", amount=11, at=today() - 7 * DAY)
    client = sign_in(cast.bob)
    assert table(client, "cards", days="7")[1][1:3] == ["7", "11"]
    first = (today() - 7 * DAY).date().isoformat()
    assert table(client, "cards", **{"from": first, "to": first})[1][1] == "11"
    assert table(client, "cards", days="1")[1][1] == "0"


def test_a_site_is_counted_alone_and_all_together(sign_in, cast, count):
    count("visitors", amount=3)
    count("visitors", amount=4, site_id=99)
    client = sign_in(cast.bob)
    assert table(client, "cards")[1][1] == "7"
    assert table(client, "cards", site=cast.site.id)[1][1] == "3"


def test_another_organizations_counts_are_never_seen(sign_in, cast, count):
    count("visitors", amount=3)
    count("visitors", amount=1000, owner=cast.other, site_id=cast.other_site.id)
    count("page", "/secret", owner=cast.other, site_id=cast.other_site.id)
    count("interactions", "click", owner=cast.other, site_id=cast.other_site.id)
    client = sign_in(cast.bob)
    assert table(client, "cards")[1][1] == "3"
    assert "/secret" not in client.get(PAGE).text
    assert len(table(client, "interactions")) == 1
    assert client.get(PAGE, query_string={"site": cast.other_site.id}).status_code == 404
    assert panel(client, "cards", site=cast.other_site.id).status_code == 404


def test_the_funnel_tells_each_steps_rate(sign_in, cast, count):
    count("visitors", amount=200)
    for step, amount in (("engaged", 100), ("high_intent", 50), ("form_shown", 40), ("lead", 10)):
        count("reached", step, amount)
    rows = table(sign_in(cast.bob), "funnel")
    assert rows[1] == ["Visitors", "200", "", "100.0"]
    assert rows[2] == ["Engaged", "100", "50.0", "50.0"]
    assert rows[3] == ["Used a tool", "50", "50.0", "25.0"]
    assert rows[6] == ["Became a lead", "10", "", "5.0"]


def test_tools_and_sources_tell_how_many_became_leads(sign_in, cast, count):
    count("tool", "cost_calculator", 20)
    count("tool_leads", "cost_calculator", 5)
    count("source", "google", 80)
    count("source_leads", "google", 4)
    client = sign_in(cast.bob)
    assert table(client, "tools")[1] == ["Cost calculator", "20", "5", "25.0"]
    assert table(client, "sources")[1] == ["google", "80", "4", "5.0"]


def test_one_day_is_told_by_the_hour_and_more_by_the_day(sign_in, cast, count):
    count("interactions", "click", 9, at=today() + timedelta(hours=14), grain="hour")
    count("interactions", "click", 9)
    client = sign_in(cast.bob)
    hours = table(client, "interactions", days="1")
    assert hours[0][0] == "Hour (UTC)"
    assert [row for row in hours[1:] if row[1] != "0"] == [["14:00", "9"]]
    assert len(hours) == 25
    days = table(client, "interactions", days="7")
    assert len(days) == 8
    assert days[-1][1] == "9"


def test_what_was_dropped_is_told_in_plain_words(sign_in, cast, count):
    count("dropped", "bot", 12)
    assert table(sign_in(cast.bob), "dropped")[1] == ["A bot, a crawler or a monitor", "12"]


def test_numbers_lead_to_the_records_behind_them(sign_in, cast, count):
    count("leads", "form", 2)
    day = today().date().isoformat()
    shown = panel(sign_in(cast.bob), "cards", days="1", site=cast.site.id).text
    address = f"/admin/comprehensive/interactions?from={day}&amp;to={day}&amp;site={cast.site.id}"
    assert f"{address}&amp;type=lead_created" in shown


def test_empty_panels_say_what_to_do(sign_in, cast):
    page = sign_in(cast.bob).get(PAGE).text
    assert "No events in this period." in page
    assert "check the snippet on your site" in page
    assert "Nothing was dropped" in page


@pytest.mark.parametrize(
    "given",
    [
        {"days": "2"},
        {"days": "soon"},
        {"from": "2026-13-01"},
        {"from": "2026-03-05", "to": "2026-03-01"},
        {"from": "2001-01-01", "to": "2026-03-01"},
        {"from": "<script>alert(1)</script>"},
        {"to": "2026-03-01"},
    ],
)
def test_days_that_cannot_be_read_are_named_and_the_usual_ones_shown(sign_in, cast, given):
    client = sign_in(cast.bob)
    answer = client.get(PAGE, query_string=given)
    assert answer.status_code == 422
    assert "These days cannot be shown" in answer.text
    assert "<script>alert" not in answer.text
    assert panel(client, "cards", **given).status_code == 422


@pytest.mark.parametrize("site", ["0", "x", "999999", "9" * 40, "-1", "1.5"])
def test_a_site_that_is_not_there_is_not_found(sign_in, cast, site):
    assert sign_in(cast.bob).get(PAGE, query_string={"site": site}).status_code == 404


def test_scripts_in_what_was_counted_are_shown_as_text(sign_in, cast, count):
    evil = "/<script>alert(1)</script>'\""
    count("page", evil)
    count("source", evil)
    count("interactions", evil)
    page = sign_in(cast.bob).get(PAGE).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_spreadsheet_runs_nothing_of_it(sign_in, cast, count):
    count("source", "=HYPERLINK(1)", 3)
    assert table(sign_in(cast.bob), "sources")[1][0] == "'=HYPERLINK(1)"


def test_a_broken_panel_breaks_alone(sign_in, cast, count, monkeypatch):
    def broken(figures):
        raise RuntimeError("no such figure")

    count("page", "/laser", 3)
    monkeypatch.setitem(panels.PANELS, "tools", panels.PANELS["tools"]._replace(show=broken))
    answer = sign_in(cast.bob).get(PAGE)
    assert answer.status_code == 200
    assert answer.text.count("This panel could not be made") == 1
    assert "/laser" in answer.text


def test_the_page_reads_roll_ups_only_in_three_questions(sign_in, cast, count):
    client = sign_in(cast.bob)
    client.get(PAGE)
    with statements() as made:
        client.get(PAGE)
    assert sum("FROM rollups" in sql for sql in made) == 3
    assert not any("interactions" in sql.split("FROM", 1)[-1].split("WHERE")[0] for sql in made)


def test_a_program_may_read_a_panel_and_an_unknown_one_is_not_found(client, cast):
    bearer = {"Authorization": f"Bearer {cast.token}"}
    assert client.get(f"{PAGE}/panel/cards", headers=bearer).status_code == 200
    assert client.get(f"{PAGE}/panel/nothing", headers=bearer).status_code == 404


def test_each_page_names_the_organization_and_links_to_the_others(sign_in, cast):
    page = sign_in(cast.bob).get(PAGE).text
    assert "<title>Dashboard · Aurelia Aesthetics</title>" in page
    for address in ("/admin/leads", "/settings/sites", "/settings/users", "/settings/audit"):
        assert f'href="{address}"' in page
    assert 'aria-current="page"' in page
    assert 'href="#content"' in page
