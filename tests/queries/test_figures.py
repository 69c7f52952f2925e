"""Figures from roll-ups, without a page."""

from datetime import date, timedelta

import pytest

from app.domain.period import Period, read_period
from app.domain.validation import Invalid
from app.extensions import db
from app.models import Rollup
from app.queries.tracking.dashboard import Figures
from app.tenancy import NoOrganization, acting_for

PERIOD = Period(date(2026, 3, 1), date(2026, 3, 7))


def rows(organization, *told):
    with acting_for(organization):
        for measure, key, day, amount in told:
            at = PERIOD.starts_at + timedelta(days=day)
            db.session.add(
                Rollup(grain="day", measure=measure, key=key, starts_at=at, count=amount)
            )
        db.session.commit()


def test_the_first_and_the_last_day_belong_to_the_period_and_the_week_before_to_the_other(cast):
    rows(
        cast.clinic,
        ("leads", "form", -8, 1000),
        ("leads", "form", -7, 1),
        ("leads", "form", -1, 10),
        ("leads", "form", 0, 100),
        ("leads", "form", 6, 200),
        ("leads", "form", 7, 5000),
    )
    with acting_for(cast.clinic):
        figures = Figures(PERIOD)
        assert figures.counts.of("leads") == 300
        assert figures.counts_before.of("leads") == 11


def test_the_ten_most_viewed_pages_come_in_order(cast):
    rows(cast.clinic, *[("page", f"/{number}", 0, number) for number in range(1, 15)])
    with acting_for(cast.clinic):
        assert Figures(PERIOD).pages == [(f"/{number}", number) for number in range(14, 4, -1)]


def test_no_figures_outside_an_organization(cast):
    with pytest.raises(NoOrganization):
        _ = Figures(PERIOD).counts


def test_the_figures_of_one_organization_are_not_anothers(cast):
    rows(cast.other, ("leads", "form", 0, 5), ("page", "/", 0, 5), ("interactions", "click", 0, 5))
    with acting_for(cast.clinic):
        figures = Figures(PERIOD)
        assert figures.counts.of("leads") == 0
        assert figures.pages == []
        assert figures.series == {}


def test_a_period_without_days_is_the_last_thirty():
    period = read_period({}, date(2026, 3, 30))
    assert period == Period(date(2026, 3, 1), date(2026, 3, 30))
    assert period.before == Period(date(2026, 1, 30), date(2026, 2, 28))


def test_a_period_is_not_longer_than_three_years():
    with pytest.raises(Invalid) as problem:
        read_period({"from": "2020-01-01", "to": "2026-03-01"}, date(2026, 3, 30))
    assert list(problem.value.fields) == ["from"]
