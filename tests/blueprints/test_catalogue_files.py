"""The catalogue as CSV files: out, in with a look at it first, and back."""

import csv
import io
import re
from html import unescape

import pytest
from sqlalchemy import select

from app.blueprints.catalogue import files
from app.domain.catalogue.catalogue import KINDS
from app.extensions import db
from app.models import AuditLog, Treatment
from app.queries.catalogue.catalogue_records import records
from app.tenancy import acting_for
from tests.bookings import book, next_day
from tests.desk import Desk

FILES = "/admin/catalogue/files"


@pytest.fixture
def desk(alice, clinic):
    return Desk(alice)


def everything(clinic) -> dict:
    db.session.expire_all()
    with acting_for(clinic.clinic):
        return {kind: records(kind) for kind in KINDS}


def look(desk, kind: str, content: str | bytes, name="list.csv") -> str:
    """Uploads a file and sees what it would change."""
    desk.open(FILES)
    told = content.encode() if isinstance(content, str) else content
    data = {
        "csrf_token": desk.fields("/preview")["csrf_token"],
        "kind": kind,
        "file": (io.BytesIO(told), name),
    }
    answer = desk.client.post(f"{FILES}/preview", data=data)
    answer.request.environ["wsgi.input"].close()  # the test client's own temporary file
    return desk.see(answer)


def exported(desk, kind: str) -> bytes:
    answer = desk.client.get(f"{FILES}/{kind}.csv")
    assert answer.mimetype == "text/csv"
    return answer.data


def counts(page: str) -> list[int]:
    """Added, changed, as they were."""
    found = re.findall(r'stat-value">([\d,]+)<', page)
    return [int(one.replace(",", "")) for one in found]


def last_undo(page: str) -> int:
    """The newest line of the log that the page offers to undo."""
    return max(map(int, re.findall(r"/undo/(\d+)", page)))


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_imported_again_changes_nothing(desk, clinic, kind):
    told = exported(desk, kind)
    page = look(desk, kind, told)
    amount = len(everything(clinic)[kind])
    assert amount > 0
    assert counts(page) == [0, 0, amount]
    assert "Nothing to import" in page


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_makes_the_same_catalogue_in_another_organization(desk, clinic, sign_in, kind):
    """Kinds that others refer to come first."""
    theirs = Desk(sign_in(clinic.charlie))
    wanted = everything(clinic)
    for each in KINDS:
        look(theirs, each, exported(desk, each))
        theirs.send("/import")
        assert "added" in theirs.page
        if each == kind:
            break
    db.session.expire_all()
    with acting_for(clinic.other):
        assert records(kind) == wanted[kind]
    assert everything(clinic) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_shows_an_entry_that_could_be_imported(desk, clinic, kind):
    told = desk.client.get(f"{FILES}/{kind}-template.csv").data.decode("utf-8-sig")
    heading, example = csv.reader(io.StringIO(told))
    assert heading == list(KINDS[kind].by_name)
    assert any(example)
    page = look(desk, kind, told)
    assert "mistake" not in page
    assert sum(counts(page)) == 1


def test_a_file_is_shown_field_by_field_before_anything_is_written(desk, clinic):
    before = everything(clinic)
    page = look(
        desk,
        "treatments",
        "slug;name;price_low;colour;category;summary;price_high;minutes\r\n"
        "lip-filler;Lips;295,50;red;Injectables;Short.;420;45\r\n"
        "threads;Thread lift;450;blue;Injectables;Lifts.;700;60\r\n",
    )
    told = unescape(re.sub(r"<[^>]+>", " ", page))
    assert counts(page) == [1, 1, 0]
    assert re.search(r"Price from\s+290\s+295\.50", told)
    assert re.search(r"Name\s+Hyaluronic lip filler\s+Lips", told)
    assert re.search(r"left out:\s+colour", told)
    assert "kept as they are: description" in told
    assert "threads" in told
    assert everything(clinic) == before
    desk.send("/import")
    assert "Treatments: 1 added, 1 changed, 0 as they were." in desk.page
    after = everything(clinic)["treatments"]
    assert after["lip-filler",]["price_low"] == 29550
    assert after["lip-filler",]["synonyms"] == before["treatments"]["lip-filler",]["synonyms"]
    assert after["threads",]["position"] == len(before["treatments"]) + 1


def test_one_mistake_stops_all_and_is_named_by_row_and_column(desk, clinic):
    before = everything(clinic)
    page = look(
        desk,
        "treatments",
        "slug,minutes,price_low\nlip-filler,50,300\nipl,soon,99\nhydrafacial,x,y\n",
    )
    assert desk.status == 422
    rows = re.findall(r'data-label="Row">(\d+)</td><td data-label="Column"><code>(\w+)', page)
    assert rows == [("3", "minutes"), ("4", "price_low"), ("4", "minutes")]
    assert "3 mistakes" in page
    assert "/files/import" not in page
    assert everything(clinic) == before


def test_an_import_is_undone_as_a_whole_or_not_at_all(desk, clinic):
    before = everything(clinic)
    told = "slug,price_high,name,category,summary,price_low,minutes\n"
    told += "lip-filler,999,Lips,C,S,1,5\nnew-one,9,New one,C,S,1,5\n"
    look(desk, "treatments", told)
    desk.send("/import")
    desk.send(f"/undo/{last_undo(desk.page)}")
    assert everything(clinic) == before
    look(desk, "treatments", told)
    desk.send("/import")
    second = last_undo(desk.page)
    desk.open("/admin/catalogue/treatments/new-one")
    desk.send("new-one", minutes="7")
    changed = everything(clinic)
    desk.open(FILES)
    desk.send(f"/undo/{second}")
    assert "changed again since" in desk.page
    assert "new-one" in desk.page
    assert everything(clinic) == changed


def test_what_was_changed_since_the_preview_is_shown_anew_instead_of_overwritten(desk, clinic):
    look(desk, "treatments", "slug,minutes\nlip-filler,50\n")
    page, fields = desk.page, desk.fields("/import")
    desk.open("/admin/catalogue/treatments/lip-filler")
    desk.send("lip-filler", minutes="55")
    desk.page = page
    desk.send("/import")
    assert desk.status == 409
    assert "changed since the preview" in desk.page
    assert everything(clinic)["treatments"]["lip-filler",]["minutes"] == 55
    assert desk.fields("/import")["plan"] != fields["plan"]
    desk.send("/import")
    assert everything(clinic)["treatments"]["lip-filler",]["minutes"] == 50


def test_what_comes_back_from_the_browser_is_judged_anew(desk, clinic):
    before = everything(clinic)
    look(desk, "treatments", "slug,minutes\nlip-filler,50\n")
    page = desk.page
    desk.send("/import", content=files.packed(b"slug,minutes\nlip-filler,5000\n"))
    assert desk.status == 422
    for content in ("", "nonsense", files.packed(b"x" * (files.MOST_BYTES + 1)), "AAAA"):
        desk.page = page
        desk.send("/import", content=content)
        assert desk.status == 422
        assert "got lost on the way" in desk.page
    desk.page = page
    desk.send("/import", content=files.packed(b"slug,minutes\nipl,10\n"))
    assert desk.status == 409, "another file than was shown is shown first"
    desk.page = page
    desk.send("/import", kind="people")
    assert desk.status == 422
    assert everything(clinic) == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Choose a file"),
        (b"PK\x03\x04", "workbook"),
        (b"a,b\n1,2\n", "first row must name the columns"),
        (b'slug,name\n"a,b\n', "quotes"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_file_that_is_none_says_what_to_do(desk, content, says):
    page = look(desk, "treatments", content)
    assert desk.status == 422
    assert says in page


def test_a_file_of_another_kind_is_not_taken_for_this_one(desk, clinic):
    page = look(desk, "clinics", exported(desk, "treatments"))
    assert desk.status == 422
    assert "city" in page


def test_a_file_too_large_is_refused_in_words(desk):
    look(desk, "treatments", b"slug\n" + b"x" * (files.MOST_BYTES + 10))
    assert desk.status == 413
    assert "8 MB" in desk.page
    look(desk, "treatments", b"slug\n" + b"x" * (files.MOST_BYTES + 2 * 2**20))
    assert desk.status == 413
    assert "8 MB" in desk.page


def test_ten_thousand_rows_are_imported_and_undone(desk, clinic):
    amount = len(everything(clinic)["treatments"])
    head = "slug,name,category,summary,price_low,price_high,minutes,synonyms\n"
    rows = "".join(f"many-{n},Many {n},C,S,1,{n},5,word {n}|other\n" for n in range(1, 10_001))
    page = look(desk, "treatments", head + rows)
    assert counts(page) == [10_000, 0, 0]
    assert page.count("list-group-item") == 100
    assert "And 9,900 more." in page
    desk.send("/import")
    assert "10000 added" in desk.page.replace(",", "")
    with acting_for(clinic.clinic):
        assert len(db.session.scalars(select(Treatment.id)).all()) == 10_000 + amount
    assert desk.client.get("/settings/audit").data.count(b"many-") < 100
    desk.open(FILES)
    desk.send(f"/undo/{last_undo(desk.page)}")
    with acting_for(clinic.clinic):
        assert len(db.session.scalars(select(Treatment.id)).all()) == amount


def test_formulas_leave_harmless_and_come_back_as_they_were(desk, clinic):
    desk.open("/admin/catalogue/treatments/lip-filler")
    desk.send("lip-filler", name="=1+1", downtime="-2 days", summary="'=quoted", synonyms="@home")
    told = exported(desk, "treatments").decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(told)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    amount = len(everything(clinic)["treatments"])
    assert counts(look(desk, "treatments", told)) == [0, 0, amount]


def test_hours_and_closures_of_a_file_show_who_is_booked(desk, clinic):
    book(clinic, next_day(0, 10))
    page = look(desk, "opening_hours", "clinic,monday\nlyon,13:30-19:00\n")
    assert "Zoé Martin" in page
    desk.send("/import")
    assert everything(clinic)["opening_hours"]["lyon",]["monday"] == [[810, 1140]]


def test_who_may_not_change_it_exports_but_imports_nothing(bob, clinic):
    desk = Desk(bob)
    page = desk.open(FILES)
    assert "Choose" not in page
    assert "/preview" not in page
    assert b"lip-filler" in exported(desk, "treatments")
    desk.open("/settings/account")
    desk.post(f"{FILES}/preview", kind="treatments")
    assert desk.status == 403
    desk.open("/settings/account")
    desk.post(f"{FILES}/import", kind="treatments", content=files.packed(b"slug\nx\n"))
    assert desk.status == 403


def test_a_strange_line_of_the_log_cannot_be_undone_here(desk, clinic):
    with acting_for(clinic.clinic):
        db.session.add(
            AuditLog(action="site.edited", subject="x", detail={}, at=clinic.clinic.created_at)
        )
        db.session.commit()
        line = db.session.scalar(select(AuditLog.id).where(AuditLog.action == "site.edited"))
    desk.open(FILES)
    desk.post(f"/admin/catalogue/undo/{line}")
    assert desk.status == 404
