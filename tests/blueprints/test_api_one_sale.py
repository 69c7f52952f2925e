"""One sale is one conversion with one value, in whatever order and however often it is told; what
was told wrongly can be corrected and taken back."""

from datetime import timedelta

import pytest

from app.clock import utc_now
from app.domain.attribution.attribution import MODELS

DAY = timedelta(days=1)


@pytest.fixture
def engage(api, lead_id):
    def engage(type, days_ago=0, **more):
        at = (utc_now() - days_ago * DAY).isoformat()
        status, answer = api(
            "POST", f"/engagement/{lead_id}", {"engagement_type": type, "occurred_at": at, **more}
        )
        assert status == 201, answer

    return engage


@pytest.fixture
def calculate(api, lead_id):
    def calculate(value=None, kind="customer", status=200, **more):
        body = {"conversion_type": kind, "attribution_model": "linear", **more}
        if value is not None:
            body["conversion_value"] = value
        told, answer = api("POST", f"/attribution/{lead_id}/calculate", body)
        assert told == status, answer
        return answer.get("attribution") or answer["error"]

    return calculate


@pytest.fixture
def move(api, lead_id):
    def move(stage):
        body = {"stage": stage, "reason": "Said yes"}
        assert api("POST", f"/lifecycle/{lead_id}/transition", body)[0] == 200

    return move


@pytest.fixture
def values(api, lead_id):
    """The value of each conversion of a type, in order; all models say the same."""

    def values(kind="customer"):
        _, kept = api("GET", f"/attribution/{lead_id}?limit=500")
        found = {}
        for each in kept["attributions"]:
            if each["conversion_type"] == kind:
                at = each["conversion_date"]
                found.setdefault(at, []).append(each["conversion_value"])
        assert all(len(each) == len(MODELS) for each in found.values())
        assert all(len(set(each)) == 1 for each in found.values())
        return [found[at][0] for at in sorted(found)]

    return values


def ago(days):
    return (utc_now() - days * DAY).isoformat()


# A late touch


def test_a_late_touch_keeps_the_value_that_was_told_of_a_stage(engage, move, calculate, values):
    engage("email_opened", 3)
    move("customer")
    calculate(5000)
    engage("ad_clicked", 2)
    assert values() == [5000]


def test_a_late_touch_keeps_the_value_of_a_purchase_without_revenue(engage, calculate, values):
    engage("email_opened", 3)
    engage("purchase_made", 1)
    calculate(5000)
    engage("ad_clicked", 2)
    assert values() == [5000]


# One sale


@pytest.mark.parametrize("days_ago", [0, 1, 6])
def test_a_purchase_takes_the_place_of_the_same_sale_told_before(
    engage, calculate, values, days_ago
):
    engage("email_opened", 9)
    calculate(5000)
    engage("purchase_made", days_ago, revenue=5000)
    assert values() == [5000]


def test_a_purchase_takes_the_value_of_a_sale_told_before_where_it_has_none(
    engage, calculate, values
):
    engage("email_opened", 9)
    calculate(5000)
    engage("purchase_made", 1)
    assert values() == [5000]


def test_two_purchases_of_one_price_are_two(engage, calculate, values):
    engage("email_opened", 9)
    calculate(5000)
    engage("purchase_made", 1, revenue=5000)
    engage("purchase_made", 2, revenue=5000)
    assert values() == [5000, 5000]


def test_a_sale_told_of_long_before_is_another(engage, calculate, values):
    engage("email_opened", 90)
    calculate(50, converted_at=ago(40))
    calculate(50, converted_at=ago(10))
    engage("purchase_made", 0, revenue=50)
    assert values() == [50, 50, 50]


def test_a_sale_told_beside_a_known_purchase_stays_when_more_is_heard(engage, calculate, values):
    engage("email_opened", 9)
    engage("purchase_made", 3, revenue=50)
    calculate(50, converted_at=ago(1))
    engage("ad_clicked", 8)
    assert values() == [50, 50]


def test_entering_the_stage_is_no_second_sale(engage, calculate, move, values):
    engage("email_opened", 9)
    calculate(5000)
    move("customer")
    assert values() == [5000]
    engage("purchase_made", 0, revenue=5000)
    assert values() == [5000]


def test_what_happens_once_is_told_once(engage, calculate, move, values):
    engage("email_opened", 9)
    calculate(70, kind="qualified")
    move("qualified")
    calculate(80, kind="qualified")
    assert values("qualified") == [80]


def test_a_correction_takes_the_place_of_what_was_told(engage, calculate, values):
    engage("email_opened", 9)
    for value in (100, 200, 300):
        calculate(value)
        assert values() == [value]


def test_a_correction_may_name_the_moment(engage, calculate, values):
    engage("email_opened", 9)
    at = calculate(100, converted_at=ago(5))["conversion_date"]
    calculate(200, converted_at=ago(1))
    calculate(150, converted_at=at)
    assert values() == [150, 200]


def test_what_was_paid_is_not_what_somebody_says(engage, calculate, values):
    engage("email_opened", 9)
    engage("purchase_made", 3, revenue=120.5)
    at = calculate()["conversion_date"]
    problem = calculate(90, converted_at=at, status=422)
    assert "120.50" in problem["fields"]["conversion_value"]
    assert values() == [120.5]
    calculate(90)  # another sale, of which nothing is logged
    assert values() == [120.5, 90]
    calculate(95)
    assert values() == [120.5, 95]


# Taking back


@pytest.fixture
def remove(api, lead_id):
    def remove(at, kind="customer"):
        named = f"conversion_type={kind}&converted_at={at}"
        return api("DELETE", f"/attribution/{lead_id}?{named}")

    return remove


def test_what_was_told_of_wrongly_is_taken_back(api, engage, calculate, remove, values, lead_id):
    engage("email_opened", 9)
    at = calculate(5000)["conversion_date"]
    status, answer = remove(at)
    assert status == 200
    assert answer["removed"] == {
        "conversion_type": "customer",
        "conversion_value": 5000,
        "conversion_date": at,
    }
    assert values() == []
    _, summary = api("GET", "/attribution/stats/summary")
    assert summary["total_revenue"] == 0
    assert remove(at)[0] == 404


def test_of_two_the_one_that_is_named_is_taken_back(engage, calculate, remove, values):
    engage("email_opened", 9)
    calculate(100, converted_at=ago(5))
    at = calculate(200, converted_at=ago(1))["conversion_date"]
    assert remove(at)[0] == 200
    assert values() == [100]


def test_what_is_logged_stays_and_the_answer_says_why(engage, calculate, move, remove, values):
    engage("email_opened", 9)
    move("opportunity")
    at = calculate(70, kind="opportunity")["conversion_date"]
    status, answer = remove(at, "opportunity")
    assert (status, answer["error"]["code"]) == (409, "follows_from_log")
    assert "stage" in answer["error"]["message"]
    engage("purchase_made", 1, revenue=50)
    status, answer = remove(calculate()["conversion_date"])
    assert (status, answer["error"]["code"]) == (409, "follows_from_log")
    assert "purchase" in answer["error"]["message"]
    assert (values("opportunity"), values()) == ([70], [50])


def test_with_the_told_sale_gone_entering_the_stage_counts(
    engage, calculate, move, remove, values, api, lead_id
):
    engage("email_opened", 9)
    at = calculate(5000)["conversion_date"]
    move("customer")
    assert remove(at)[0] == 200
    assert values() == [0]


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "conversion_type=customer",
        "conversion_type=love&converted_at=2026-01-01T00:00:00Z",
        "conversion_type=customer&converted_at=yesterday",
        "conversion_type=customer&converted_at=2026-01-01T00:00:00",
        "conversion_type=customer&converted_at=9999-01-01T00:00:00Z",
        "conversion_type=customer&converted_at=0001-01-01T00:00:00%2B14:00",
    ],
)
def test_what_is_not_named_rightly_is_refused(api, lead_id, asked):
    status, answer = api("DELETE", f"/attribution/{lead_id}?{asked}")
    assert (status, answer["error"]["code"]) == (422, "invalid")
