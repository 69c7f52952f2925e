"""What an address names that no row can have, or no database can hold, is refused, not broken."""

import pytest

from tests.passerby import AGENT
from tests.places import filled, places
from tests.test_access import every_route

HUGE = "9" * 25
ENDLESS = "9" * 5000


def with_numbers(app):
    return [
        (rule, method)
        for rule, method, access in every_route(app)
        if "<int:" in rule.rule and access[0] == "role"
    ]


@pytest.mark.parametrize("number", [HUGE, ENDLESS, str(2**31), "٣"])
def test_a_number_that_no_row_can_have_is_not_found(app, client, cast, number):
    ids = places(cast)
    owner = {"Authorization": "Bearer clinic-token"}
    asked = with_numbers(app)
    assert len(asked) > 10
    for rule, method in asked:
        address = filled(rule, ids)
        for name in rule.arguments:
            address = address.replace(f"/{getattr(ids, name)}", f"/{number}", 1)
        assert number in address
        answer = client.open(address, method=method, headers=owner)
        assert answer.status_code in (404, 405), f"{method} {rule}"


@pytest.mark.parametrize("number", [HUGE, ENDLESS])
@pytest.mark.parametrize(
    "address",
    [
        "/admin/comprehensive/lead-scoring?before={}",
        "/admin/comprehensive/lead-scoring/sessions/{site}?before={}",
        "/settings/audit?user={}",
        "/settings/audit?after={}-1",
        "/settings/audit?after=1-{}",
        "/admin/comprehensive/dashboard?days={}",
        "/admin/comprehensive/dashboard?site={}",
        "/admin/comprehensive/interactions?score={}",
        "/admin/comprehensive/interactions?after=1-{}",
        "/admin/leads?min={}",
        "/admin/leads?assignee={}",
        "/admin/leads/{lead}?before=1-{}",
        "/admin/leads?cursor=score-{}-1",
        "/api/leads?score_min={}",
        "/api/leads?assignee={}",
    ],
)
def test_a_parameter_too_large_for_any_row_breaks_no_page(alice, cast, address, number):
    ids = places(cast)
    at = address.replace("{site}", str(ids.site_id)).replace("{lead}", str(ids.lead_id))
    assert alice.get(at.partition("?")[0]).status_code == 200
    assert alice.get(at.format(number)).status_code in (200, 400, 404, 422)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/leads?source=a%00b",
        "/admin/leads?q=%00",
        "/api/leads?stage=%00",
        "/api/leads?cursor=%00",
        "/treatments/%00",
        "/search?q=a%00",
        "/settings/audit?action=%00",
    ],
)
def test_a_nul_in_an_address_is_refused_in_words(alice, cast, address):
    answer = alice.get(address)
    assert answer.status_code == 400
    assert "NUL character" in answer.text


def test_a_nul_in_a_form_is_refused_in_words(client, cast):
    answer = client.post("/login", data={"email": "a\0@example.com", "password": "x"})
    assert answer.status_code == 400
    assert "NUL character" in answer.text


def test_a_programs_json_is_read_even_when_it_calls_itself_a_form(client, cast):
    answer = client.post(
        "/api/leads",
        data='{"email": "eve@example.com"}',
        headers={"Authorization": "Bearer clinic-token"},
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 201


def test_a_sites_key_with_a_nul_is_nobodys(client, cast):
    body = {"v": 1, "site": "clinic-key\0", "events": []}
    answer = client.post("/collect", json=body, headers={"User-Agent": AGENT})
    assert 400 <= answer.status_code < 500
