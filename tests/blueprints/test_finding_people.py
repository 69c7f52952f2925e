"""Wherever people are looked for, a name or a number is understood however it is typed."""

import pytest

from tests.leads import make_lead, plain

OWNER = {"Authorization": "Bearer clinic-token"}
SPELT = ("élodie", "ÉLODIE UNAL", "06 39 98 76 74", "+33 (0)6 39-98-76-74", "0033639987674")
NOT_SPELT = ("elodia", "06 39 98 76 75", "%", "()", "İß", "😊")


@pytest.fixture
def elodie(cast):
    given = {"first_name": "Élodie", "last_name": "Ünal", "phone": "+33639987674"}
    return make_lead(cast, "e@example.com", **given)


@pytest.mark.parametrize("page", ["/admin/leads", "/admin/leads/board", "/admin/appointments/new"])
@pytest.mark.parametrize(("found", "typed"), [(True, SPELT), (False, NOT_SPELT)])
def test_on_pages(alice, elodie, page, found, typed):
    for query in typed:
        answer = alice.get(page, query_string={"q": query})
        assert answer.status_code == 200
        assert ("Élodie" in plain(answer.text).replace(query, "")) is found, query


@pytest.mark.parametrize(("found", "typed"), [(True, SPELT), (False, NOT_SPELT)])
def test_by_programs(client, elodie, found, typed):
    for query in typed:
        answer = client.get("/api/leads", query_string={"q": query}, headers=OWNER)
        assert answer.status_code == 200
        assert [lead["id"] for lead in answer.json["leads"]] == [elodie.id] * found, query
