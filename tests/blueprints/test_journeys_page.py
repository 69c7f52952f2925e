"""The page of all journeys: the same figures as programs get, in words and with their leads."""

import json
import re
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest

from app.clock import utc_now
from app.domain.journeys.activity import stretches, summed
from app.domain.leads.lifecycle import AUTOMATIC, LABELS
from app.domain.money import money
from app.domain.period import Period
from app.domain.score import round_half_up
from app.extensions import db
from app.models import Lead
from app.operations.leads.enter_stage import enter_stage
from app.operations.leads.renew_lead import renew_lead
from app.operations.tracking.log_engagement import log_engagement
from app.queries.journeys import activity
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import counted_queries, make_lead, plain

PAGE = "/admin/journeys"
PREFIX = "/api/lead-tracking"
OWNER = {"Authorization": "Bearer clinic-token"}
DAY = timedelta(days=1)


@pytest.fixture
def clinic(cast):
    cast.clinic.settings = {"lifecycle": {"switched_off": sorted(AUTOMATIC)}}
    db.session.commit()
    return cast


@pytest.fixture
def crowd(clinic):
    """Thirty leads of the last 60 days: five became customers, twenty stayed with the first call;
    five came yesterday."""
    now = utc_now()
    with acting_for(clinic.clinic):
        for n in range(30):
            at = now - (DAY if n < 5 else 60 * DAY)
            source = "website" if n % 2 else "referral"
            lead = Lead(email=f"n{n}@example.com", source=source, created_at=at, updated_at=at)
            db.session.add(lead)
            db.session.flush()
            enter_stage(lead, "new", now=at)
            enter_stage(lead, "contacted", now=at + DAY / 2)
            event = {"user_id": None, "occurred_at": at + DAY / 2, "now": now}
            log_engagement(lead, "call_made", event_id=uuid4(), **event)
            if n >= 25:
                enter_stage(lead, "customer", "paid", now=at + 10 * DAY)
                event["occurred_at"] = at + 10 * DAY
                log_engagement(lead, "purchase_made", revenue=100_050, event_id=uuid4(), **event)
            renew_lead(lead, since=at, reason="test", now=now)
        db.session.commit()


def words(client, query="days=90") -> str:
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    return plain(answer.text)


def api(client, path, **query):
    answer = client.get(f"{PREFIX}{path}", query_string={"days": 90, **query}, headers=OWNER)
    assert answer.status_code == 200
    return answer.get_json()


def charts(client, query="days=90") -> list[dict]:
    page = client.get(f"{PAGE}?{query}").text
    return [json.loads(unescape(each)) for each in re.findall(r"data-chart='([^']+)'", page)]


def test_the_overview_is_that_of_programs(alice, client, crowd):
    told, shown = api(client, "/journey/stats/overview"), words(alice)
    assert told["total_journeys"] == 30
    assert f"Journeys {told['total_journeys']}" in shown
    assert f"Mean engagement {round_half_up(100 * told['avg_engagement_score'])}%" in shown
    assert f"Likely to be lost {told['high_risk']} risk above 70%" in shown
    assert f"on average {round_half_up(100 * told['avg_churn_risk'])}%" in shown
    assert f"Revenue {money(round_half_up(100 * told['total_revenue']))}" in shown
    assert told["total_revenue"] == 5002.5
    worth = money(round_half_up(100 * told["avg_lifetime_value"]))
    assert f"Worth of a journey {worth}" in shown
    for trend, word in (("increasing", "rising"), ("stable", "steady"), ("declining", "falling")):
        assert f"{told['trends'].get(trend, 0)} {word}" in shown


def test_the_funnel_is_that_of_programs(alice, client, crowd):
    told, shown = api(client, "/analytics/funnel"), words(alice)
    for each in told["stages"]:
        onward = each["conversion_to_next"]
        went_on = "–" if onward is None else f"{round_half_up(100 * onward, 1)}%"
        assert f"{LABELS[each['stage']]} {each['count']} {each['reached']} {went_on}" in shown
    reached, standing = charts(alice)[0]["series"]
    path = [each for each in told["stages"] if each["stage"] not in ("churned", "lost")]
    assert reached["values"] == [each["reached"] for each in path]
    assert standing["values"] == [each["count"] for each in path]


def test_a_bottleneck_is_said_with_what_it_rests_on(alice, client, crowd):
    [told] = api(client, "/analytics/funnel")["bottlenecks"]
    assert (told["stage"], told["lost"], told["decided"], told["enough"]) == (
        "contacted",
        20,
        25,
        True,
    )
    shown = words(alice)
    assert "Contacted : 80% go no further More than chance" in shown
    assert "20 of 25 leads go no further than Contacted." in shown
    days = round_half_up(told["usual_days"])
    assert f"All of them have been there for {days} days or longer: time enough to go on." in shown
    assert f"5 more have been there for less than {days} days: too early to count." in shown
    assert told["recommendation"] in shown
    at_stake = told["value_at_stake"]
    assert at_stake is None or f"{money(round_half_up(100 * at_stake))} at stake" in shown


@pytest.mark.parametrize("kind", ["monthly", "weekly"])
def test_cohorts_are_those_of_programs(alice, client, crowd, kind):
    told = api(client, "/analytics/cohort", cohort_type=kind)
    shown = words(alice, f"days=90&cohorts={kind}")
    for each in [*told["cohorts"], told["totals"]]:
        rate = f"{round_half_up(100 * each['conversion_rate'], 1)}%"
        days = each["median_days_to_close"]
        days = "–" if days is None else round_half_up(days, 1)
        revenue = money(round_half_up(100 * each["revenue"]))
        assert f"{each['leads']} {each['conversions']} {rate} {days} {revenue}" in shown


def test_where_leads_came_from_opens_those_leads(alice, client, crowd):
    told = {each["source"]: each for each in api(client, "/analytics/cohort")["sources"]}
    page = alice.get(f"{PAGE}?days=90&cohorts=source").text
    for source, each in told.items():
        assert f'href="/admin/leads?source={source}"' in page
        assert f"{source} {each['leads']} {each['conversions']}" in plain(page)


@pytest.mark.parametrize("length", ["daily", "weekly", "monthly"])
def test_activity_is_the_log_by_its_days(alice, crowd, length):
    *_, chart = charts(alice, f"days=90&activity={length}")
    calls = next(each for each in chart["series"] if each["name"] == "Call")
    assert (sum(calls["values"]), len(calls["values"])) == (30, len(chart["labels"]))
    bought = next(each for each in chart["series"] if each["name"] == "Purchase")
    assert sum(bought["values"]) == 5
    table = alice.get(f"{PAGE}?days=90&activity={length}").text.partition("chart-table")[2]
    totals = [
        int(n.replace(",", ""))
        for n in re.findall(r'</a></th><td class="text-end">([\d,]+)<', table)
    ]
    assert sum(totals) == 35
    assert len(totals) == len(chart["labels"]) == len(chart["links"])


def test_the_new_leads_of_each_day_are_counted(alice, clinic):
    lead = make_lead(clinic, now=utc_now())
    day = lead.created_at.date()
    with acting_for(clinic.clinic):
        _, came = activity.by_day(Period(day, day))
    assert came == {day: 1}
    *_, chart = charts(alice, "days=7")
    assert chart["series"][-1] == {
        "name": "New leads",
        "type": "line",
        "axis": "right",
        "values": [0, 0, 0, 0, 0, 0, 1],
    }


def test_stretches_cover_every_day_once():
    first, last = date(2026, 1, 31), date(2026, 3, 4)
    days = {first + n * DAY: 1 for n in range((last - first).days + 1)}
    for kind in ("daily", "weekly", "monthly"):
        spans = stretches(kind, first, last)
        assert (spans[0][0], spans[-1][1]) == (first, last)
        assert sum(summed(days, spans)) == len(days)
    assert [each for each, _ in stretches("monthly", first, last)] == [
        first,
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]


def test_days_without_leads_say_what_to_do(alice, cast):
    shown = words(alice, "from=2020-01-01&to=2020-01-02")
    assert "No leads came in these days" in shown
    assert "Look at the last year" in shown


def test_days_that_cannot_be_used_are_named(alice, crowd):
    answer = alice.get(f"{PAGE}?from=2030-01-01&to=x")
    assert answer.status_code == 422
    assert "here are the last 90 instead" in plain(answer.text)


def test_the_page_asks_the_same_few_queries_however_many_leads(alice, clinic):
    alice.get(PAGE)
    with counted_queries() as few:
        alice.get(PAGE)
    for n in range(8):
        make_lead(clinic, f"m{n}@example.com", now=NOW)
    with counted_queries() as many:
        alice.get(PAGE)
    assert len(many) <= len(few) + 2
