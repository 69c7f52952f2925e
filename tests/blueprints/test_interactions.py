"""The interaction log: filters, paging, export, and a visitor's path."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.blueprints.admin import interactions as view
from app.domain.tracking.visit import BIT
from app.extensions import db
from app.models import Interaction, Lead, LeadVisitor, Rollup, Visitor, VisitorSession
from app.tenancy import acting_for
from tests.conftest import NOW

LOG = "/admin/comprehensive/interactions"
VISITOR = UUID("aaaaaaaa-0000-4000-8000-000000000001")
OTHER = UUID("bbbbbbbb-0000-4000-8000-000000000002")
ROW = re.compile(r'data-label="What"[^>]*>([^<]*)')


@pytest.fixture
def happen(cast):
    """happen(type, label, minutes=...) -> an interaction of the clinic, that long after NOW."""

    def happened(type="click", label=None, minutes=0, owner=None, **more):
        at = NOW + timedelta(minutes=minutes)
        values = {"channel": "web", "site_id": cast.site.id, "visitor_id": VISITOR} | more
        with acting_for(owner or cast.clinic):
            row = Interaction(
                event_id=uuid4(), type=type, label=label, occurred_at=at, received_at=at, **values
            )
            db.session.add(row)
            db.session.commit()
        return row

    return happened


def make_lead(cast, visitor_id=VISITOR, starts=-60, ends=None, name="Zoé"):
    with acting_for(cast.clinic):
        lead = Lead(first_name=name, created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.flush()
        db.session.add(
            LeadVisitor(
                lead_id=lead.id,
                visitor_id=visitor_id,
                starts_at=NOW + timedelta(minutes=starts),
                ends_at=None if ends is None else NOW + timedelta(minutes=ends),
            )
        )
        db.session.commit()
    return lead


def shown(client, **given) -> list[str]:
    """What the rows of the log are about, from the top."""
    answer = client.get(LOG, query_string=given)
    assert answer.status_code == 200
    return ROW.findall(answer.text)


def exported(client, **given) -> list[dict]:
    text = client.get(LOG, query_string={**given, "format": "csv"}).text
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_newest_comes_first(bob, happen):
    happen(label="first", minutes=1)
    happen(label="third", minutes=3)
    happen(label="second", minutes=2)
    assert shown(bob) == ["third", "second", "first"]


def test_types_can_be_picked_together(bob, happen):
    happen("click", "a click")
    happen("search", "a search", 1)
    happen("scrolled", "a scroll", 2)
    assert shown(bob, type=["click", "search"]) == ["a search", "a click"]
    assert shown(bob, type="scrolled") == ["a scroll"]


def test_days_are_whole_and_utc(bob, happen):
    happen(label="yesterday", minutes=-10 * 60 - 1)
    happen(label="midnight", minutes=-10 * 60)
    happen(label="late", minutes=14 * 60 - 1)
    happen(label="tomorrow", minutes=14 * 60)
    day = NOW.date().isoformat()
    assert shown(bob, **{"from": day, "to": day}) == ["late", "midnight"]
    assert shown(bob, **{"from": day}) == ["tomorrow", "late", "midnight"]
    assert shown(bob, to=day) == ["late", "midnight", "yesterday"]


def test_a_score_can_be_asked_for_and_says_why(bob, happen):
    parts = [
        {"name": "Cost calculator used", "points": 70, "detail": ""},
        {"name": "High budget range", "points": 40, "detail": "Budget range: high"},
        {"name": "Cap at 100", "points": -10, "detail": ""},
    ]
    happen("cost_calculator", "strong", score=100, contributions=parts)
    happen("cost_calculator", "weak", 1, score=70, contributions=parts[:1])
    happen("click", "none", 2)
    assert shown(bob, score="71") == ["strong"]
    assert shown(bob, score="70") == ["weak", "strong"]
    page = bob.get(LOG).text
    assert "+40</span> High budget range" in page
    assert "-10</span> Cap at 100" in page


def test_converted_are_those_of_a_lead_while_the_visitor_was_theirs(bob, happen, cast):
    make_lead(cast, starts=0, ends=10)
    happen(label="before", minutes=-1)
    happen(label="as lead", minutes=5)
    happen(label="afterwards", minutes=10)
    happen(label="somebody else", minutes=6, visitor_id=OTHER)
    assert shown(bob, converted="yes") == ["as lead"]
    assert shown(bob, converted="no") == ["afterwards", "somebody else", "before"]


def test_a_leads_own_act_without_a_visitor_is_converted_too(bob, happen, cast):
    lead = make_lead(cast)
    happen("call_made", "a call", visitor_id=None, site_id=None, lead_id=lead.id)
    assert shown(bob, converted="yes") == ["a call"]
    assert f'href="/admin/leads/{lead.id}">Zoé</a>' in bob.get(LOG).text


def test_another_organizations_link_converts_nothing(bob, happen, cast):
    happen(label="ours")
    with acting_for(cast.other):
        lead = Lead(first_name="Theirs", created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.flush()
        db.session.add(
            LeadVisitor(lead_id=lead.id, visitor_id=VISITOR, starts_at=NOW - timedelta(days=1))
        )
        db.session.commit()
    assert shown(bob, converted="yes") == []
    assert "Theirs" not in bob.get(LOG).text


def test_filters_hold_together(bob, happen, cast):
    make_lead(cast)
    happen("search", "wanted", score=80)
    happen("search", "too low", score=10)
    happen("search", "of another", score=80, visitor_id=OTHER)
    happen("click", "another type", score=80)
    happen("search", "another site", score=80, site_id=77)
    given = {"type": "search", "score": "50", "converted": "yes", "visitor": str(VISITOR)}
    assert shown(bob, **given, site=cast.site.id) == ["wanted"]


def test_pages_follow_each_other_without_gaps_or_doubles(bob, happen):
    for number in range(120):
        happen(label=f"act {number}", minutes=number // 7)  # many at the same moment
    seen, address = [], LOG
    while address and len(seen) < 200:
        page = bob.get(address).text
        seen += ROW.findall(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older and older[1].replace("&amp;", "&")
        if len(seen) == 50:
            happen(label="meanwhile", minutes=1000)  # what is new moves no page
    assert seen == [f"act {number}" for number in reversed(range(120))]


def test_the_filters_stay_while_paging(bob, happen):
    for number in range(51):
        happen("search", f"search {number}", number)
    happen("click", "a click", -5)
    page = bob.get(LOG, query_string={"type": "search"}).text
    older = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert ROW.findall(bob.get(older).text) == ["search 0"]


@pytest.mark.parametrize(
    "after", ["x", "1-", "-1", "9" * 30 + "-1", "1-" + "9" * 30, "999999999999999-1"]
)
def test_a_cursor_that_is_none_begins_at_the_top(bob, happen, after):
    happen(label="here")
    assert bob.get(LOG, query_string={"after": after}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "soon"),
        ("to", "2026-02-30"),
        ("score", "101"),
        ("score", "-1"),
        ("score", "²"),
        ("visitor", "not-an-id"),
        ("converted", "perhaps"),
        ("from", "<script>alert(1)</script>"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named_and_kept(bob, happen, name, value):
    happen(label="here")
    answer = bob.get(LOG, query_string={name: value})
    assert answer.status_code == 422
    assert "These filters cannot be used" in answer.text
    assert f'href="#{name}"' in answer.text
    assert "<script>alert" not in answer.text


def test_another_organizations_acts_and_site_are_not_seen(bob, happen, cast):
    happen(label="theirs", owner=cast.other, site_id=cast.other_site.id)
    assert shown(bob) == []
    assert exported(bob) == []
    assert bob.get(LOG, query_string={"site": cast.other_site.id}).status_code == 404


def test_an_empty_log_says_how_to_fill_it_and_empty_filters_how_to_widen_them(bob):
    assert "Get the snippet" in bob.get(LOG).text
    assert "Nothing fits these filters" in bob.get(LOG, query_string={"score": 5}).text


def test_scripts_in_labels_addresses_and_searches_are_text(bob, happen):
    evil = "<script>alert(1)</script>"
    happen(label=evil)
    happen("search", minutes=1, data={"query": evil})
    happen("page_viewed", minutes=2, url=f"https://clinic.example/{evil}")
    happen(evil, minutes=3)
    with acting_for(1):
        db.session.add(Rollup(grain="day", measure="interactions", starts_at=NOW, key=evil))
        db.session.commit()
    page = bob.get(LOG).text
    assert "<script>alert" not in page
    assert page.lower().count("&lt;script&gt;") >= 4


def test_emoji_and_other_scripts_are_kept(bob, happen):
    happen(label="Botox 💉 für Łódź 漢字")
    assert shown(bob) == ["Botox 💉 für Łódź 漢字"]


def test_the_export_holds_what_the_filters_show(bob, happen, cast):
    lead = make_lead(cast)
    happen("search", "laser", score=80, url="https://clinic.example/a")
    happen("click", "a click", 1)
    rows = exported(bob, type="search")
    assert len(rows) == 1
    assert rows[0]["what"] == "laser"
    assert rows[0]["time_utc"] == "2026-03-02T10:00:00.000+00:00"
    assert rows[0]["visitor"] == str(VISITOR)
    assert rows[0]["score"] == "80"
    assert rows[0]["lead"] == str(lead.id)


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1"])
def test_a_spreadsheet_runs_no_label(bob, happen, label):
    happen(label=label)
    assert exported(bob)[0]["what"] == f"'{label}"


def test_the_export_comes_in_parts_and_ends_at_its_most(bob, happen, monkeypatch):
    monkeypatch.setattr(view, "AT_ONCE", 3)
    monkeypatch.setattr(view, "MOST_EXPORTED", 7)
    for number in range(10):
        happen(label=f"act {number}", minutes=number)
    assert [row["what"] for row in exported(bob)] == [f"act {n}" for n in range(9, 2, -1)]


# The visitor's path


@pytest.fixture
def visit(cast):
    """A visitor of 480 s, 4 pages, 3 regular clicks and 1 important: 66 points."""
    with acting_for(cast.clinic):
        db.session.add(
            Visitor(
                id=VISITOR,
                site_id=cast.site.id,
                first_seen_at=NOW,
                last_seen_at=NOW + timedelta(seconds=480),
                sessions_count=1,
                lead_score=66,
            )
        )
        visit = VisitorSession(
            id=uuid4(),
            site_id=cast.site.id,
            visitor_id=VISITOR,
            started_at=NOW,
            last_activity_at=NOW + timedelta(seconds=480),
            ended_at=NOW + timedelta(seconds=480),
            page_views=4,
            regular_clicks=3,
            important_clicks=1,
            reached=BIT["visited"],
            lead_score=66,
            channel="organic search",
            source="google",
        )
        db.session.add(visit)
        db.session.commit()
    return visit


def path(client, visitor_id=VISITOR):
    return client.get(f"/admin/comprehensive/visitors/{visitor_id}")


def test_a_path_tells_each_visit_with_its_score_taken_apart(bob, visit, happen):
    happen("page_viewed", "Laser", visitor_session_id=visit.id)
    happen("click", "Get a Demo", 2, visitor_session_id=visit.id, important=True)
    page = path(bob).text
    assert ROW.findall(page) == ["Laser", "Get a Demo"]
    assert "organic search, from google" in page
    assert "66 points" in page
    parts = re.findall(r"<strong>(\d+)<span[^>]*> of (\d+)", page)
    assert parts == [("35", "40"), ("20", "30"), ("11", "30")]


def test_a_path_names_the_lead_it_became(bob, visit, cast):
    lead = make_lead(cast, name="Zoé <b>")
    page = path(bob).text
    assert f'href="/admin/leads/{lead.id}">Zoé &lt;b&gt;</a>' in page


def test_a_stranger_and_another_organizations_visitor_are_not_found(bob, visit, sign_in, cast):
    assert path(bob, uuid4()).status_code == 404
    assert path(sign_in(cast.charlie)).status_code == 404
    assert path(bob, "not-an-id").status_code == 404


def test_a_visit_of_a_thousand_acts_is_still_shown(bob, visit, cast):
    with acting_for(cast.clinic):
        for number in range(1000):
            at = NOW + timedelta(seconds=number)
            db.session.add(
                Interaction(
                    event_id=uuid4(),
                    type="click",
                    label=f"{number}",
                    channel="web",
                    occurred_at=at,
                    received_at=at,
                    visitor_id=VISITOR,
                    visitor_session_id=visit.id,
                )
            )
        db.session.commit()
    assert len(ROW.findall(path(bob).text)) == 1000
