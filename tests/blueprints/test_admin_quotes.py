"""Quotes and the calculator's settings, as the team sees them."""

import csv
import io
from datetime import timedelta

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from app.clock import utc_now
from app.extensions import db
from app.models import AuditLog, Lead, Logo, Organization, Quote
from app.operations.tools.set_calculator import set_calculator
from app.queries.tools import calculator
from app.tenancy import acting_for
from tests.desk import hired
from tests.passerby import Passerby

SETTINGS = "/admin/quotes/settings"
LIST = "/admin/quotes"


@pytest.fixture
def quoted(app, clinic):
    """quoted(email, **choices) -> the quote that a visitor of their own got."""

    def one(email, *procedures, **choices):
        visitor = Passerby(app.test_client())
        visitor.calculate(*(procedures or ("ipl",)), **choices)
        visitor.answer(email=email)
        return quotes(clinic)[-1]

    return one


def quotes(cast):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(Quote).order_by(Quote.id)))


def in_force(cast):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return calculator.settings()


@pytest.fixture
def admin(alice, clinic):
    """Alice at the settings, as a browser without JavaScript."""
    person = Passerby(alice)
    person.get(SETTINGS)
    return person


def test_before_the_first_quote_the_list_says_how_there_will_be_one(alice, clinic):
    page = alice.get(LIST)
    assert "No quotes yet" in page.text
    assert SETTINGS in page.text


def test_the_list_shows_what_became_of_each_quote(alice, clinic, quoted):
    old, new = quoted("ana@example.com"), quoted("ben@example.com", "lip-filler")
    with acting_for(clinic.clinic):
        row = db.session.scalar(select(Quote).where(Quote.id == old.id))
        row.valid_until = utc_now().date() - timedelta(days=3)
        row.views, row.last_viewed_at = 4, utc_now()
        db.session.commit()
    page = alice.get(LIST).text
    for told in (old.number, new.number, "ana@example.com", "Expired", "Valid", "4 ×", "Not yet"):
        assert told in page
    assert page.index(new.number) < page.index(old.number)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=valid", [1, 0]),
        ("state=expired", []),
        ("q=ana", [0]),
        ("q=00002", [1]),
        ("q=%25", []),
        ("q=BEN EXAMPLE", [1]),
        ("viewed=no", [1, 0]),
        ("viewed=yes", []),
        ("from=2020-01-01&to=2020-01-02", []),
        ("lead=999999", []),
        ("lead=x", [1, 0]),
    ],
)
def test_filters_stand_in_the_address(alice, clinic, quoted, query, found):
    made = [quoted("ana@example.com"), quoted("ben@example.com")]
    page = alice.get(f"{LIST}?{query}").text
    assert [n for n in (1, 0) if f"<strong>{made[n].number}" in page] == found
    told = list(csv.DictReader(io.StringIO(alice.get(f"{LIST}?{query}&format=csv").text[1:])))
    assert [row["number"] for row in told] == [made[n].number for n in found]


@pytest.mark.parametrize(
    "query", ["from=x", "to=2030-13-01", "from=2026-02-02&to=2026-02-01", "state=lost"]
)
def test_filters_that_cannot_be_used_are_named(alice, clinic, query):
    page = alice.get(f"{LIST}?{query}")
    assert page.status_code == 422
    assert "These filters cannot be used" in page.text


def test_the_list_goes_on_page_by_page(alice, clinic, quoted):
    first = quoted("ana@example.com")
    with acting_for(clinic.clinic):
        names = ("event_id", "lead_id", "content", "currency", "total_low", "total_high")
        same = {name: getattr(first, name) for name in names} | {"valid_until": first.valid_until}
        same["lead_id"] = None
        for n in range(2, 53):
            more = {"number": f"AUR-2026-{n:05d}", "sequence": n, "year": first.year}
            db.session.add(Quote(**same, **more, issued_at=first.issued_at))
        db.session.commit()
    seen, address = [], LIST
    while address:
        page = alice.get(address).text
        seen += [n for n in range(1, 53) if f"<strong>AUR-{first.year}-{n:05d}<" in page]
        _, found, rest = page.partition('rel="next" href="')
        address = rest.partition('"')[0].replace("&amp;", "&") if found else None
    assert sorted(seen) == list(range(1, 53))


def test_the_team_reads_the_pdf_without_being_counted(alice, clinic, quoted):
    quote = quoted("ana@example.com")
    answer = alice.get(f"/admin/quotes/{quote.id}/pdf")
    assert answer.mimetype == "application/pdf"
    assert quote.number in PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert (quotes(clinic)[0].views, quotes(clinic)[0].downloads) == (0, 0)


def test_an_agent_sees_the_quotes_of_their_own_leads(app, clinic, sign_in, quoted):
    mine, other = quoted("ana@example.com"), quoted("ben@example.com")
    user = hired(clinic, "gus")
    with acting_for(clinic.clinic):
        lead = db.session.scalar(select(Lead).where(Lead.id == mine.lead_id))
        lead.assignee_id = user.id
        db.session.commit()
    gus = sign_in(user)
    page = gus.get(LIST).text
    assert mine.number in page
    assert other.number not in page
    assert gus.get(f"/admin/quotes/{mine.id}/pdf").status_code == 200
    assert gus.get(f"/admin/quotes/{other.id}/pdf").status_code == 404
    assert other.number not in gus.get(f"{LIST}?format=csv").text


def test_a_leads_page_shows_their_quotes(alice, clinic, quoted):
    quote, other = quoted("ana@example.com"), quoted("ben@example.com")
    page = alice.get(f"/admin/leads/{quote.lead_id}").text
    assert f"/admin/quotes/{quote.id}/pdf" in page
    assert f"/admin/quotes/{other.id}/pdf" not in page
    assert "Asked for a quote" in page


def test_settings_are_saved_whole_and_noted(admin, clinic):
    terms = "Paid on the day.\n#set <b>markup</b> 💉"
    page = admin.send(
        SETTINGS,
        **{
            "months": "3, 10",
            "yearly_percent": "4,9",
            "procedures-from-0": "2",
            "procedures-percent-0": "7.5",
            "procedures-from-1": "",
            "procedures-percent-1": "",
            "valid_days": "14",
            "prefix": "lum",
            "low_to": "300",
            "high_from": "1500.50",
            "colour": "#AA3300",
            "terms": terms,
            "do": "save",
        },
    )
    assert "Saved." in page.text
    kept = in_force(clinic)
    assert (kept.months, str(kept.yearly_percent), kept.valid_days) == ((3, 10), "4.9", 14)
    assert [(s.at_least, str(s.percent)) for s in kept.discounts.procedures] == [(2, "7.5")]
    assert len(kept.discounts.sessions) == 2
    assert (kept.low_to, kept.high_from, kept.prefix) == (30_000, 150_050, "LUM")
    assert (kept.colour, kept.terms) == ("#aa3300", terms)
    with acting_for(clinic.clinic):
        line = db.session.scalar(select(AuditLog).where(AuditLog.action == "calculator.edited"))
    assert line.user_id == clinic.alice.id
    assert line.detail["changed"]["valid_days"] == [30, 14]
    assert "discounts" in line.detail["changed"]


def test_what_was_saved_holds_for_the_next_quote(admin, quoted):
    before = quoted("ana@example.com")
    admin.send(SETTINGS, prefix="LUM", valid_days="7", terms="Cash only.", do="save")
    after = quoted("ben@example.com")
    assert after.number == f"LUM-{before.year}-00002"
    assert (after.valid_until - after.issued_at.date()).days in (6, 7, 8)
    assert after.content["terms"] == "Cash only."
    assert before.content["terms"] != "Cash only."


def test_saving_the_same_again_changes_nothing(admin, clinic):
    page = admin.send(SETTINGS, do="save")
    assert "Nothing has changed." in page.text
    with acting_for(clinic.clinic):
        assert (
            db.session.scalar(select(AuditLog).where(AuditLog.action == "calculator.edited"))
            is None
        )


def test_settings_of_other_parts_stay(admin, clinic):
    before = {k: v for k, v in clinic.clinic.settings.items() if k != "cost"}
    admin.send(SETTINGS, valid_days="9", do="save")
    db.session.expire_all()
    after = db.session.get(Organization, clinic.clinic.id).settings
    assert {k: v for k, v in after.items() if k != "cost"} == before
    assert after["cost"]["valid_days"] == 9


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"months": "12, 6"}, "months"),
        ({"months": "six"}, "months"),
        ({"months": "1"}, "months"),
        ({"months": "2,3,4,5,6,7,8"}, "months"),
        ({"yearly_percent": "-1"}, "yearly_percent"),
        ({"yearly_percent": "nan"}, "yearly_percent"),
        ({"yearly_percent": "101"}, "yearly_percent"),
        ({"valid_days": "0"}, "valid_days"),
        ({"valid_days": ""}, "valid_days"),
        ({"valid_days": "1e3"}, "valid_days"),
        ({"prefix": "A-B"}, "prefix"),
        ({"prefix": "<script>"}, "prefix"),
        ({"colour": "red"}, "colour"),
        ({"low_to": "x"}, "low_to"),
        ({"low_to": "0"}, "low_to"),
        ({"low_to": "5.001"}, "low_to"),
        ({"low_to": "900", "high_from": "800"}, "high_from"),
        ({"procedures-from-0": "1"}, "procedures"),
        ({"procedures-percent-0": "101"}, "procedures"),
        ({"sessions-from-3": "9"}, "sessions"),
        ({"sessions-from-0": "6", "sessions-from-1": "3"}, "sessions"),
        ({"terms": "x" * 5001}, "terms"),
    ],
)
def test_what_cannot_be_used_is_named_and_kept(admin, clinic, wrong, field):
    before = in_force(clinic)
    page = admin.send(SETTINGS, **wrong, do="save")
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert f'id="{field}"' in page.text
    assert "<script>alert" not in page.text
    (name, typed), *_ = wrong.items()
    assert admin.form(SETTINGS).fields[name] == [typed]
    assert in_force(clinic) == before


def test_an_example_is_shown_with_what_was_typed_and_nothing_is_saved(admin, clinic):
    before = in_force(clinic)
    page = admin.send(SETTINGS, terms="#panic() $x$", prefix="TRY", do="preview")
    assert page.status_code == 200
    assert "data:image/png;base64,iVBOR" in page.text
    assert admin.form(SETTINGS).fields["prefix"] == ["TRY"]
    assert in_force(clinic) == before
    assert quotes(clinic) == []


def test_the_saved_settings_make_an_example_pdf(alice, admin):
    admin.send(SETTINGS, terms="#panic() $x$", do="save")
    told = PdfReader(io.BytesIO(alice.get("/admin/quotes/example.pdf").data)).pages[0]
    assert "#panic() $x$" in told.extract_text()


def picture(kind="PNG", size=(600, 200)) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "#aa3300").save(out, kind)
    out.seek(0)
    return out


def upload(admin, file, name="logo.png", **more):
    fields = {"csrf_token": admin.form(SETTINGS).fields["csrf_token"][0], **more}
    return admin.client.post(
        "/admin/quotes/logo",
        data=fields | {"logo": (file, name)},
        headers=admin.headers,
        follow_redirects=True,
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_stands_on_new_quotes_and_old_ones_keep_theirs(admin, clinic, quoted, alice, kind):
    before = quoted("ana@example.com")
    page = upload(admin, picture(kind))
    assert "The logo stands on quotes from now on." in page.text
    assert "data:image/png;base64," in page.text
    after = quoted("ben@example.com")
    assert (before.logo_id is None, after.logo_id is None) == (True, False)
    for quote, images in ((before, 0), (after, 1)):
        reader = PdfReader(io.BytesIO(alice.get(f"/admin/quotes/{quote.id}/pdf").data))
        assert len(reader.pages[0].images) == images
    upload(admin, io.BytesIO(), remove="1")
    last = quoted("cleo@example.com")
    assert last.logo_id is None
    reader = PdfReader(io.BytesIO(alice.get(f"/admin/quotes/{after.id}/pdf").data))
    assert len(reader.pages[0].images) == 1


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\0" * 50,
        picture().read()[:60],
        b"\x89PNG\r\n\x1a\n" + b"junk" * 20,
    ],
)
def test_a_file_that_is_no_picture_is_refused_in_words(admin, clinic, file):
    page = upload(admin, io.BytesIO(file))
    assert page.status_code == 422
    assert "This is no picture we can read" in page.text
    with acting_for(clinic.clinic):
        assert db.session.scalar(select(Logo)) is None


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_read(admin):
    page = upload(admin, picture(size=(4001, 1)))
    assert page.status_code == 422
    assert "too large" in page.text


def test_what_a_picture_file_carried_along_is_gone(admin, clinic):
    file = picture("JPEG").read() + b"<script>alert(1)</script>"
    upload(admin, io.BytesIO(file), "logo.jpg")
    with acting_for(clinic.clinic):
        kept = db.session.scalar(select(Logo))
    assert kept.width <= 900
    assert b"script" not in kept.png.encode()


def test_analysts_do_not_change_settings(bob, clinic):
    assert bob.get(SETTINGS).status_code == 403
    assert SETTINGS not in bob.get(LIST).text


def test_settings_set_by_two_admins_at_once_are_both_noted(clinic):
    with acting_for(clinic.clinic):
        for days in (10, 11):
            changed = calculator.settings()
            changed = type(changed).from_json(changed.to_json() | {"valid_days": days})
            assert set_calculator(changed, user_id=clinic.alice.id, now=utc_now())
            db.session.commit()
        lines = db.session.scalars(select(AuditLog).where(AuditLog.action == "calculator.edited"))
        assert [line.detail["changed"]["valid_days"] for line in lines] == [[30, 10], [10, 11]]
