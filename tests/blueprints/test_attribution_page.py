"""The page that holds eight models side by side, and the conversions behind its numbers."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.blueprints.admin.attribution_shown import compared, csv_rows
from app.domain.attribution.attribution import MODELS
from app.domain.period import Period
from app.extensions import db
from app.models import ChannelWorth, Lead, Spend
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.tracking.record_interaction import record_interaction
from app.queries.attribution import attribution as queries
from app.tenancy import acting_for
from tests.conftest import NOW
from tests.leads import make_lead

PAGE = "/admin/attribution"
DAYS = f"from={NOW.date() - timedelta(days=20)}&to={NOW.date()}"


@pytest.fixture
def won(cast):
    """won("Ada", [("email", "newsletter"), ...], value): a lead that became a customer now, after
    touches a day apart."""

    def make(name, touches, value=100_00, type="customer", models=tuple(MODELS)):
        with acting_for(cast.clinic):
            lead = Lead(
                email=f"{name.lower()}@example.com",
                first_name=name,
                source=touches[0][0],
                stage="customer",
                created_at=NOW,
                updated_at=NOW,
            )
            db.session.add(lead)
            db.session.flush()
            for n, (channel, source) in enumerate(touches):
                record_interaction(
                    "email_opened",
                    site=None,
                    now=NOW,
                    occurred_at=NOW - timedelta(days=len(touches) - n),
                    lead_id=lead.id,
                    channel=channel,
                    data={"source_name": source},
                )
            attribute_conversion(lead, type, now=NOW, value=value, models=models)
            db.session.commit()
            return lead.id

    return make


@pytest.fixture
def two_customers(won):
    """Ads begin both journeys; mail and phone end them."""
    won("Ada", [("ads", "instagram"), ("email", "newsletter"), ("phone", "desk")], 333_33)
    won("Ben", [("ads", "instagram"), ("email", "newsletter"), ("email", "newsletter")], 100_00)


def spend(cast, channel, amount, source="", days=20):
    with acting_for(cast.clinic):
        first = NOW.date() - timedelta(days=days - 1)
        db.session.add(
            Spend(
                channel=channel,
                source=source,
                starts_on=first,
                ends_on=NOW.date(),
                amount=amount,
                created_at=NOW,
            )
        )
        db.session.commit()


def words(page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def test_all_eight_models_stand_side_by_side(alice, two_customers):
    page = alice.get(f"{PAGE}?{DAYS}&type=customer")
    assert page.status_code == 200
    for model in MODELS.values():
        assert f'<th scope="col" class="text-end">{model.label}</th>' in page.text
        assert model.described().replace("'", "&#39;") in page.text
    assert "€433.33" in page.text


def test_every_model_s_column_sums_to_the_conversions_exactly(cast, won):
    for n in range(7):
        won(f"P{n}", [("ads", "a"), ("email", "b"), ("phone", "c")][: n % 3 + 1], 10_01)
    with acting_for(cast.clinic):
        for by_source in (False, True):
            rows = queries.comparison(_period(), "customer", by_source)
            shown = compared(rows, by_source)
            for model in MODELS:
                cells = [line.cells[model] for line in shown.lines]
                assert sum(cell.conversions for cell in cells) == 7
                assert sum(cell.share for cell in cells) == 100
                assert sum(cell.revenue for cell in cells) == 7 * 10_01
                assert shown.totals[model].conversions == 7


def test_lines_beyond_the_table_are_added_up_and_still_sum_exactly(cast, won):
    for n in range(45):
        won(f"P{n}", [("ads", f"campaign {n}"), ("email", f"letter {n}")])
    with acting_for(cast.clinic):
        shown = compared(queries.comparison(_period(), "customer", True), True)
    assert len(shown.lines) == 41
    assert shown.lines[-1].label == "50 others"
    assert shown.lines[-1].channel is None
    for model in MODELS:
        assert sum(line.cells[model].conversions for line in shown.lines) == 45


def test_the_widest_disagreement_is_told_in_a_sentence(alice, two_customers):
    told = words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    assert "First touch gives ads 100.0%, last touch nothing." in told
    assert "With 2 conversions this is a hint, not a finding." in told


def test_models_that_agree_are_said_to(alice, won):
    won("Ada", [("email", "newsletter")])
    assert "The models agree" in words(alice.get(f"{PAGE}?{DAYS}&type=customer"))


def test_spend_is_set_against_what_came_back(alice, cast, two_customers):
    spend(cast, "ads", 100_00)
    told = words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    assert "Spend and what came back" in told
    assert "ads €100 4.33 × €50" in told  # first touch: both customers for 100
    assert "All €100 4.33 ×" in told


def test_spend_counts_by_the_part_of_its_days_in_the_period(alice, cast, two_customers):
    spend(cast, "ads", 100_00, days=40)
    assert "ads €52.50" in words(alice.get(f"{PAGE}?{DAYS}&type=customer"))


def test_without_spend_the_page_says_where_to_enter_it(alice, two_customers):
    page = alice.get(f"{PAGE}?{DAYS}&type=customer")
    assert 'href="/admin/attribution/spend"' in page.text
    assert "Spend and what came back" not in page.text


def test_numbers_open_the_conversions_behind_them(alice, two_customers):
    page = alice.get(f"{PAGE}?{DAYS}&type=customer&by=source")
    links = re.findall(r'href="([^"]*/conversions[^"]*)"', page.text)
    assert links
    for link in dict.fromkeys(links):
        behind = alice.get(link.replace("&amp;", "&"))
        assert behind.status_code == 200
        assert "Ada" in behind.text or "Ben" in behind.text


def test_the_conversions_of_a_channel_tell_what_each_was_credited(alice, two_customers):
    address = f"{PAGE}/conversions?type=customer&channel=phone&model=last_touch&{DAYS}"
    told = words(alice.get(address))
    assert "1.00 credited, from 1 conversion; €333.33 of revenue" in told
    assert "Ada" in told
    assert "Ben" not in told
    assert "credits nothing to phone" in words(alice.get(address.replace("last_", "first_")))


def test_conversions_come_a_page_at_a_time(alice, won):
    for n in range(60):
        won(f"P{n}", [("email", "newsletter")])
    first = alice.get(f"{PAGE}/conversions?type=customer&{DAYS}").text
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    both = [
        re.findall(r'href="/admin/leads/(\d+)"', page) for page in (first, alice.get(older).text)
    ]
    assert [len(page) for page in both] == [50, 10]
    assert len({*both[0], *both[1]}) == 60


def test_an_erased_person_stays_counted_without_a_name(alice, cast, won):
    lead_id = won("Ada", [("email", "newsletter")])
    with acting_for(cast.clinic):
        lead = db.session.get(Lead, lead_id)
        lead.erased_at, lead.first_name, lead.email = NOW, None, None
        db.session.commit()
    page = alice.get(f"{PAGE}/conversions?type=customer&{DAYS}")
    assert "Erased" in page.text
    assert f"/admin/leads/{lead_id}" not in page.text


def test_the_csv_has_every_model_unrounded(alice, cast, two_customers):
    spend(cast, "ads", 100_00)
    answer = alice.get(f"{PAGE}?{DAYS}&type=customer&by=source&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    linear = [row for row in rows if row["model"] == "linear"]
    assert sum(Decimal(row["conversions"]) for row in linear) == 2
    assert {row["channel"] for row in rows} == {"ads", "email", "phone"}
    by_model = {
        row["model"]: row for row in rows if row["source"] == "" and row["channel"] == "ads"
    }
    assert by_model["linear"]["spend"] == "100"
    assert {row["source"] for row in rows if row["channel"] == "email"} == {"newsletter"}


def test_a_source_that_looks_like_a_formula_is_made_harmless(cast, alice, won):
    won("Ada", [("email", "=HYPERLINK(1)")])
    assert "'=HYPERLINK" in alice.get(f"{PAGE}?{DAYS}&by=source&type=customer&format=csv").text


def test_names_with_scripts_are_escaped(alice, won):
    won("<script>x</script>", [("email", "<b>letter</b>")])
    for address in (f"{PAGE}?by=source&type=customer", f"{PAGE}/conversions?type=customer"):
        page = alice.get(f"{address}&{DAYS}").text
        assert "<script>x" not in page
        assert "<b>letter" not in page


def test_what_the_learning_models_learned_from_is_told(alice, cast, two_customers):
    assert "Not enough yet." in words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    with acting_for(cast.clinic):
        db.session.add(
            ChannelWorth(
                conversion_type="customer",
                model="markov",
                channel="ads",
                worth=1,
                journeys=1234,
                conversions=56,
                learned_at=NOW,
            )
        )
        db.session.commit()
    told = words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    assert "1,234 journeys of the last 365 days, of which 56" in told


def test_the_furthest_conversion_there_is_comes_first(alice, won):
    won("Ada", [("email", "newsletter")], type="lead_created", value=0)
    told = words(alice.get(f"{PAGE}?{DAYS}"))
    assert "new leads" in told
    assert "Revenue by model" not in told  # nothing was paid yet


def test_a_period_without_conversions_says_what_to_do(alice):
    told = words(alice.get(f"{PAGE}?type=customer"))
    assert "No conversions of this kind in this period" in told
    assert "Put the snippet on your website" in told  # nobody ever came


def test_a_period_without_conversions_leads_to_a_longer_one(alice, cast):
    make_lead(cast)
    told = words(alice.get(f"{PAGE}?type=customer"))
    assert "Choose a longer range" in told


def test_days_that_cannot_be_used_are_named_and_the_page_still_shows(alice):
    for page in (PAGE, f"{PAGE}/conversions"):
        answer = alice.get(f"{page}?from=2030-01-01&to=x")
        assert answer.status_code == 422
        assert "must be a day such as" in answer.text


@pytest.mark.parametrize(
    "given", ["type=nothing", "by=weather", "model=magic", "channel=", "after="]
)
def test_what_is_not_known_in_the_address_changes_nothing(alice, two_customers, given):
    assert alice.get(f"{PAGE}?{given}&{DAYS}").status_code == 200
    assert alice.get(f"{PAGE}/conversions?{given}&{DAYS}").status_code == 200


def test_a_forged_place_in_the_list_is_refused(alice):
    assert alice.get(f"{PAGE}/conversions?after=x").status_code == 400


def test_columns_that_differ_are_explained(alice, won, two_customers):
    won("Cy", [("email", "newsletter")], models=["linear"])
    assert "The columns differ because a program" in words(
        alice.get(f"{PAGE}?{DAYS}&type=customer")
    )


def test_the_csv_of_nothing_is_its_heading():
    assert len(csv_rows([], False)) == 1


def _period() -> Period:
    return Period(date(2026, 2, 10), NOW.date())


def buy_without_a_touch(cast, revenue):
    with acting_for(cast.clinic):
        lead = make_lead(cast, f"{revenue}@example.com")
        record_interaction("purchase_made", site=None, now=NOW, lead_id=lead.id, revenue=revenue)
        db.session.commit()


def test_what_nobody_is_credited_with_is_told_beside_the_totals(alice, cast, two_customers):
    assert "no touch before" not in words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    buy_without_a_touch(cast, 100_00)
    spend(cast, "ads", 50_00)
    told = words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    assert "Besides, 1 conversion, €100.00, has no touch before it that is known" in told
    assert "1 conversion, €100.00, without a touch before it is not in it." in told
    assert "€433.33" in told
    buy_without_a_touch(cast, 20_50)
    told = words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    assert "Besides, 2 conversions, €120.50, have no touch before them that is known" in told


def test_where_nothing_is_credited_what_there_is_is_told(alice, cast):
    buy_without_a_touch(cast, 100_00)
    told = words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    assert "1 conversion, €100.00, has no touch before it that is known" in told
    assert "Besides" not in told


def test_sales_of_one_lead_are_not_told_as_leads(alice, cast, won):
    lead_id = won("Ada", [("ads", "instagram")])
    with acting_for(cast.clinic):
        lead = db.session.get(Lead, lead_id)
        attribute_conversion(lead, "customer", at=NOW - timedelta(hours=1), value=5, now=NOW)
        db.session.commit()
    told = words(alice.get(f"{PAGE}?{DAYS}&type=customer"))
    assert "Customer 2 conversions to customer, of 1 lead Revenue" in told


def test_programs_get_what_nobody_is_credited_with(client, cast, two_customers):
    buy_without_a_touch(cast, 100_00)
    answer = client.get(
        f"/api/lead-tracking/attribution/stats/summary?{DAYS}",
        headers={"Authorization": "Bearer clinic-token"},
    ).get_json()
    without = {each["conversion_type"]: each for each in answer["without_touches"]}
    assert without["customer"] == {"conversion_type": "customer", "count": 1, "value": 100.0}
    assert answer["total_revenue"] == 433.33
    assert {each["conversion_type"]: each["leads"] for each in answer["by_type"]} == {"customer": 2}
