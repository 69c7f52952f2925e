"""When leads came, as a filter of the list, the board, the export, kept views and the API."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from app.extensions import db
from app.models import Lead
from app.tenancy import acting_for
from tests.desk import Desk
from tests.leads import plain
from tests.moved_clock import MovedClock

OWNER = {"Authorization": "Bearer clinic-token"}
MIDDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
MIDNIGHT = MIDDAY.replace(hour=0)
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def clock(monkeypatch):
    return MovedClock(monkeypatch, MIDDAY)


@pytest.fixture
def desk(clock, alice):
    return Desk(alice)


@pytest.fixture
def came(cast):
    """came(name=moment...): leads of these first names who came then."""

    def make(organization=None, **moments):
        with acting_for(organization or cast.clinic):
            for name, at in moments.items():
                email = f"{name}@example.com"
                db.session.add(Lead(email=email, first_name=name, created_at=at, updated_at=at))
            db.session.commit()

    return make


def listed(desk, query="") -> list[str]:
    desk.open(f"/admin/leads?sort=newest&{query}")
    assert desk.status == 200
    return re.findall(r'href="/admin/leads/\d+">(\w+)</a>', desk.page)


def selected(page, field="came") -> str:
    """What the list of choices of this field has chosen."""
    part = page[page.index(f'<select class="form-select" id="{field}"') :]
    found = re.search(r'value="([^"]*)" selected', part[: part.index("</select>")])
    return found[1] if found else ""


def value_of(page, field) -> str:
    return re.search(rf'type="date" id="{field}"[^>]*? value="([^"]*)"', page)[1]


# Told from today


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["today", "sunday", "february", "january", "long"]),
        ("came=1", ["today"]),
        ("came=7", ["today", "sunday"]),
        ("came=30", ["today", "sunday", "february"]),
        ("came=month", ["today", "sunday"]),
        ("came=last-month", ["february"]),
        ("came=365", ["today", "sunday", "february", "january"]),
        ("came=7&q=sun", ["sunday"]),
        ("came=7&stage=customer", []),
        ("came=fortnight", ["today", "sunday", "february", "january", "long"]),
    ],
)
def test_leads_are_found_by_when_they_came(desk, came, query, expected):
    came(
        today=MIDDAY - timedelta(hours=1),
        sunday=MIDDAY - timedelta(days=1),
        february=MIDDAY - timedelta(days=20),
        january=MIDDAY - timedelta(days=40),
        long=MIDDAY - timedelta(days=900),
    )
    assert listed(desk, query) == expected


def test_a_day_ends_where_the_next_begins_in_utc_as_in_journeys(desk, came, cast):
    """The clinic is in Paris, where Monday began an hour ago when it begins here."""
    came(
        sunday=MIDNIGHT - MOMENT,
        monday=MIDNIGHT,
        still_monday=MIDNIGHT + timedelta(days=1) - MOMENT,
        tuesday=MIDNIGHT + timedelta(days=1),
    )
    assert listed(desk, "from=2026-03-02&to=2026-03-02") == ["still_monday", "monday"]
    assert listed(desk, "from=2026-03-01&to=2026-03-01") == ["sunday"]
    assert "UTC days" in desk.page
    journeys = plain(desk.open("/admin/journeys?from=2026-03-02&to=2026-03-02"))
    assert re.search(r"\bNew 2\b", journeys)


def test_the_last_day_is_today_where_only_the_first_is_given(desk, came):
    came(earlier=MIDDAY - timedelta(days=2), later=MIDDAY)
    assert listed(desk, "from=2026-03-01") == ["later"]
    assert listed(desk, "to=2026-03-01") == ["earlier"]
    assert listed(desk, "from=2026-03-03") == []
    assert "No lead fits" in desk.page


def test_what_is_asked_stands_in_the_form_and_in_words(desk, came):
    came(eve=MIDDAY)
    for query, chosen, words in (
        ("came=7", "7", "Filters: came in the last 7 days"),
        ("came=month", "month", "Filters: came this month"),
        ("from=2026-03-02&to=2026-03-02", "days", "Filters: came on 2 Mar 2026"),
        ("from=2026-02-27&to=2026-03-02", "days", "Filters: came 27 Feb 2026 – 2 Mar 2026"),
        ("from=2026-02-27&temperature=cold", "days", "Filters: came since 27 Feb 2026 · cold"),
        ("came=7&to=2026-03-02", "days", "Filters: came until 2 Mar 2026"),
    ):
        page = desk.open(f"/admin/leads?{query}")
        assert selected(page) == chosen, query
        assert words in plain(page), query
        assert "left out" not in page


def test_the_form_sends_what_was_asked_again(desk, came):
    """As a browser without scripts does, which sends every field."""
    came(eve=MIDDAY, old=MIDDAY - timedelta(days=9))
    desk.open("/admin/leads?from=2026-03-01&to=2026-03-02&temperature=cold")
    sent = {name: value for name, value in desk.fields("/admin/leads").items() if value}
    assert sent == {
        "came": "days",
        "from": "2026-03-01",
        "to": "2026-03-02",
        "temperature": "cold",
        "sort": "score",
    }
    desk.open("/admin/leads", **sent)
    assert "Filters: came 1 Mar 2026 – 2 Mar 2026 · cold" in plain(desk.page)
    assert "eve" in desk.page
    assert "old@" not in desk.page


# The rest of the page


def test_tabs_pages_board_and_export_keep_to_the_days(desk, came):
    moments = {f"lead{n:02}": MIDDAY - timedelta(hours=n) for n in range(80)}
    came(**moments)
    week, day = "came=7", "came=1"
    first = listed(desk, week)
    assert re.search(r"All 80 New 80 ", plain(desk.page))
    following = re.search(r'href="([^"]*)">Next page', desk.page)[1].replace("&amp;", "&")
    assert "came=7" in following
    desk.open(following)
    rest = re.findall(r'href="/admin/leads/\d+">(\w+)</a>', desk.page)
    assert first + rest == list(moments)
    assert len(listed(desk, day)) == 13
    board = desk.open(f"/admin/leads/board?{day}")
    assert re.search(r"New 13 ", plain(board))
    assert "lead12@" not in board or "lead13" not in board
    export = desk.client.get(f"/admin/leads.csv?{day}").text
    assert len(list(csv.DictReader(io.StringIO(export)))) == 13
    assert "/admin/leads.csv?came=1" in desk.open(f"/admin/leads?{day}")
    assert "/admin/leads/board?came=1" in desk.page


def test_agents_and_other_organizations_find_no_more_by_days(clock, cast, came, sign_in, dora):
    came(eve=MIDDAY)
    came(cast.other, stranger=MIDDAY)
    assert listed(Desk(sign_in(dora)), "came=7") == []
    assert listed(Desk(sign_in(cast.charlie)), "came=7") == ["stranger"]


# Kept views


def test_a_kept_view_of_the_last_days_stays_true_tomorrow(desk, clock, came):
    came(eve=MIDDAY)
    desk.open("/admin/leads?came=7&sort=newest")
    desk.send("/views", name="This week")
    view = re.search(r'href="(/admin/leads\?came=7[^"]*view=\d+)"', desk.page)[1]
    view = view.replace("&amp;", "&")
    assert "came in the last 7 days" in desk.open("/admin/leads/views")
    clock.move(days=6)
    assert "eve@example.com" in desk.open(view)
    assert "view-differs" not in desk.page
    clock.move(hours=12)
    came(adam=clock.now)
    assert "eve@example.com" not in desk.open(view)
    assert "adam@example.com" in desk.page


def test_a_kept_view_of_days_of_ones_own_keeps_them(desk, clock, came):
    came(eve=MIDDAY)
    desk.open("/admin/leads?came=days&from=2026-03-01&to=2026-03-02")
    desk.send("/views", name="The fair")
    clock.move(days=9)
    page = desk.open("/admin/leads/views")
    assert "came 1 Mar 2026 – 2 Mar 2026" in page
    address = re.search(r'href="(/admin/leads\?[^"]*view=\d+)"', page)[1].replace("&amp;", "&")
    assert "eve@example.com" in desk.open(address)
    assert "came=days" not in address


# Days that are none


@pytest.mark.parametrize("page", ["/admin/leads", "/admin/leads/board"])
@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("from=x", "from", "Must be a day such as 2026-03-02."),
        ("to=2026-02-30", "to", "Must be a day such as 2026-03-02."),
        ("from=1999-12-31", "from", "Must be between the years 2000 and 2100."),
        ("from=2026-03-03&to=2026-03-02", "from", "Must not be after the last day."),
        ("came=days&from=&to=", "from", "Must be given, or the last day."),
        ("from=<b>&came=7", "from", "Must be a day such as 2026-03-02."),
    ],
)
def test_a_bad_day_is_named_beside_its_field(desk, came, page, query, field, message):
    came(eve=MIDDAY)
    desk.open(f"{page}?{query}&temperature=cold&q=e&stage=new")
    assert desk.status == 422
    assert f'id="{field}-error">{message}' in desk.page
    assert f'<a class="alert-link" href="#{field}">' in desk.page
    assert selected(desk.page) == "days"
    assert selected(desk.page, "temperature") == "cold"
    assert 'name="q" value="e"' in desk.page
    assert "eve@example.com" not in desk.page
    assert "Save this view" not in desk.page


def test_what_was_typed_stays_when_a_day_is_bad(desk):
    page = desk.open("/admin/leads?came=days&from=2026-03-09&to=2026-03-02&min=40")
    assert (value_of(page, "from"), value_of(page, "to")) == ("2026-03-09", "2026-03-02")
    assert 'name="min" value="40"' in page


def test_an_export_of_days_that_are_none_is_refused_not_made_of_all(desk, came):
    came(eve=MIDDAY)
    answer = desk.client.get("/admin/leads.csv?from=x")
    assert answer.status_code == 422
    assert "must be a day" in plain(answer.text)
    assert "eve@" not in answer.text


# For programs


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("created_after=2026-03-01&created_before=2026-03-02", ["sunday"]),
        ("created_after=2026-03-02", ["midday", "monday"]),
        ("created_before=2026-03-02", ["sunday"]),
        ("created_after=2026-03-02T12:00:00Z", ["midday"]),
        ("created_before=2026-03-02T12:00:00Z", ["monday", "sunday"]),
        ("created_after=2026-03-02T13:00:00%2B01:00", ["midday"]),
        ("created_after=2026-03-02T12:00:00.001Z", []),
        ("created_after=2026-03-02&created_before=2026-03-02", []),
        ("created_after=&created_before=", ["midday", "monday", "sunday"]),
    ],
)
def test_programs_ask_by_day_or_moment(client, came, query, expected):
    came(sunday=MIDNIGHT - MOMENT, monday=MIDNIGHT, midday=MIDDAY)
    answer = client.get(f"/api/leads?{query}", headers=OWNER)
    assert answer.status_code == 200
    assert [lead["first_name"] for lead in answer.json["leads"]] == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("created_after=yesterday", "created_after"),
        ("created_before=2026-02-30", "created_before"),
        ("created_after=2026-03-02T10:00:00", "created_after"),
        ("created_after=1500-01-01", "created_after"),
        ("created_after=2026-03-03&created_before=2026-03-02", "created_after"),
    ],
)
def test_programs_are_told_which_day_is_none(client, cast, query, field):
    answer = client.get(f"/api/leads?{query}", headers=OWNER)
    assert answer.status_code == 422
    assert answer.json["error"]["fields"].keys() == {field}


def test_pages_for_programs_keep_to_the_days(client, came):
    came(**{f"lead{n}": MIDDAY - timedelta(hours=n) for n in range(20)})
    found, cursor = [], ""
    while cursor is not None:
        query = f"created_after=2026-03-02&limit=5&cursor={cursor}"
        answer = client.get(f"/api/leads?{query}", headers=OWNER).json
        found += [lead["first_name"] for lead in answer["leads"]]
        cursor = answer["next_cursor"]
    assert found == [f"lead{n}" for n in range(13)]
