"""A real marketing funnel, taken in from its files, gives the figures that others found in it.

The files are read from ../shared/data where it stands beside the project (their licence forbids
copies).
"""

import json
import os
from pathlib import Path

import pytest

from app.extensions import db

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "olist_marketing_funnel"
pytestmark = pytest.mark.skipif(
    not DATA.exists() and os.environ.get("CI") != "true",
    reason="the reference data stands beside the project only where it was built",
)
OWNER = {"Authorization": "Bearer clinic-token"}
WHOLE = {"from": "2017-06-01", "to": "2018-12-31"}
LEADS = (
    DATA / "olist_marketing_qualified_leads_dataset.csv",
    *("--as", "leads"),
    *("--columns", "mql_id=external_id,first_contact_date=created_at,origin=source"),
)
DEALS = (
    DATA / "olist_closed_deals_dataset.csv",
    *("--as", "stages", "--stage", "customer"),
    *("--columns", "mql_id=external_id,won_date=at"),
)


def take_in(app, words) -> str:
    db.session.rollback()  # a command is a process of its own
    result = app.test_cli_runner().invoke(
        args=["import", *map(str, words), "--organization=clinic"]
    )
    assert result.exit_code == 0, result.output
    db.session.rollback()
    return result.stdout


def same(found: dict, wanted: dict, conversions: str):
    """Counts agree exactly, figures to the last place that the reference tells."""
    assert found["leads"] == wanted["leads"]
    assert found["conversions"] == wanted[conversions]
    for name in ("conversion_rate", "mean_days_to_close", "median_days_to_close"):
        assert found[name] == pytest.approx(wanted[name], abs=0.00006), name


def test_the_funnel_of_olist_has_its_published_figures(app, client, cast):
    assert take_in(app, LEADS) == "8000 stored, 0 known already, 0 refused\n"
    assert take_in(app, DEALS) == "842 stored, 0 known already, 0 refused\n"
    assert take_in(app, LEADS) == "0 stored, 8000 known already, 0 refused\n"
    assert take_in(app, DEALS) == "0 stored, 842 known already, 0 refused\n"
    reference = json.loads((DATA / "reference.json").read_text())

    def asked(name: str, **query) -> dict:
        address = f"/api/lead-tracking/analytics/{name}"
        return client.get(address, query_string=query, headers=OWNER).get_json()

    totals = reference["totals"]
    funnel = asked("funnel", **WHOLE)
    assert funnel["total_leads"] == totals["leads"]
    assert funnel["customers"] == totals["converted_leads"]
    assert funnel["conversion_rate"] == pytest.approx(totals["conversion_rate"], abs=0.00006)
    stages = {stage["stage"]: stage for stage in funnel["stages"]}
    assert stages["new"]["reached"] == totals["leads"]
    assert stages["customer"]["reached"] == totals["converted_leads"]
    assert stages["new"]["count"] == totals["leads"] - totals["converted_leads"]

    cohorts = asked("cohort", cohort_type="monthly")
    took = reference["days_to_close"]["fractional_days_won_datetime_minus_first_contact_midnight"]
    same(
        cohorts["totals"],
        {
            "leads": totals["leads"],
            "conversions": took["n"],
            "conversion_rate": totals["conversion_rate"],
            "mean_days_to_close": took["mean"],
            "median_days_to_close": took["median"],
        },
        "conversions",
    )

    months = {each["cohort"]: each for each in cohorts["cohorts"]}
    assert months.keys() == reference["by_lead_month"].keys()
    for month, wanted in reference["by_lead_month"].items():
        same(months[month], wanted, "conversions_of_this_cohort")
    for month, wanted in reference["cohort_matrix_calendar_month_offset"].items():
        new = {n: each["new"] for n, each in wanted["by_month_offset"].items() if each["new"]}
        assert months[month]["won_after"] == new

    sources = {each["source"]: each for each in cohorts["sources"]}
    assert sources.keys() == reference["by_origin"].keys() - {"(missing)"} | {"(not told)"}
    for origin, wanted in reference["by_origin"].items():
        same(sources["(not told)" if origin == "(missing)" else origin], wanted, "conversions")
    assert sources["unknown"]["leads"] == 1099
