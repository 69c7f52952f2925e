"""Spend: entered, changed, removed and brought back; from a file with nothing written before."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.domain.attribution.spend import Entry, overlapping, plan, read_entry
from app.domain.sheet import Row, Sheet
from app.domain.validation import Invalid
from app.extensions import db
from app.models import AuditLog, Spend
from app.tenancy import acting_for
from app.uploads import packed

PAGE = "/admin/attribution/spend"
ENTRY = {
    "channel": "paid search",
    "source": "google",
    "from": "2026-03-01",
    "to": "2026-03-31",
    "amount": "1250.50",
    "note": "Invoice 4711",
}


@pytest.fixture
def stored(cast):
    """stored() -> the clinic's entries as (channel, source, first, last, amount, note)."""

    def found():
        with acting_for(cast.clinic):
            db.session.expire_all()
            rows = db.session.scalars(select(Spend).order_by(Spend.id)).all()
        return [(r.channel, r.source, r.starts_on, r.ends_on, r.amount, r.note) for r in rows]

    return found


def the_id(cast) -> int:
    with acting_for(cast.clinic):
        return db.session.scalars(select(Spend.id)).one()


def undo_in(page) -> str:
    return re.search(r'action="(/admin/attribution/spend/undo/\d+)"', page.text)[1]


MARCH = ("paid search", "google", date(2026, 3, 1), date(2026, 3, 31), 125050, "Invoice 4711")


def test_what_is_entered_is_kept_in_minor_units_and_listed(alice, send, stored):
    answer = send(PAGE, **ENTRY)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert stored() == [MARCH]
    page = alice.get(PAGE).text
    assert "€1,250.50" in page
    assert "1 – 31 Mar 2026" in page


def test_a_day_alone_is_a_whole_entry(send, stored):
    send(PAGE, **{**ENTRY, "to": ""})
    assert stored()[0][2:4] == (date(2026, 3, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("channel", "", "Choose one of"),
        ("channel", "telepathy", "Choose one of"),
        ("from", "", "From which day?"),
        ("from", "soon", "Write the day like"),
        ("to", "2026-02-01", "The last day is before the first."),
        ("to", "2031-01-01", "An entry may span"),
        ("amount", "", "Write an amount"),
        ("amount", "0", "Enter an amount above 0."),
        ("amount", "-5", "Write an amount"),
        ("amount", "1e9", "Write an amount"),
        ("amount", "99999999999", "The most is"),
        ("source", "x" * 201, "Keep it to 200"),
        ("note", "x" * 301, "Keep it to 300"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field_and_nothing_typed_is_lost(
    send, stored, field, value, told
):
    answer = send(PAGE, **{**ENTRY, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error">{told}' in answer.text
    kept = "google" if field != "source" else "Invoice 4711"
    assert f'value="{kept}"' in answer.text
    assert stored() == []


def test_overlapping_entries_are_warned_of_and_kept(alice, send, stored):
    send(PAGE, **ENTRY)
    send(PAGE, **{**ENTRY, "source": "", "from": "2026-03-31", "to": "2026-04-30"})
    assert len(stored()) == 2
    page = alice.get(PAGE).text
    assert "It shares days with another entry of this channel" in page
    assert page.count("shares days</span>") == 2
    send(PAGE, **{**ENTRY, "source": "bing", "from": "2026-04-30", "to": "2026-04-30"})
    page = alice.get(PAGE).text
    assert "It shares days with another entry of this channel" in page
    assert page.count("shares days</span>") == 3


def test_other_sources_and_other_days_share_nothing(alice, send):
    send(PAGE, **ENTRY)
    send(PAGE, **{**ENTRY, "source": "bing"})
    send(PAGE, **{**ENTRY, "from": "2026-04-01", "to": "2026-04-30"})
    page = alice.get(PAGE).text
    assert "shares days" not in page


def test_an_entry_is_changed_and_the_change_undone(alice, cast, send, stored):
    send(PAGE, **ENTRY)
    address = f"{PAGE}/{the_id(cast)}"
    assert 'value="1250.50"' in alice.get(address).text
    send(address, **{**ENTRY, "amount": "99"})
    assert stored()[0][4] == 9900
    send(undo_in(alice.get(PAGE)))
    assert stored() == [MARCH]


def test_undo_brings_a_removed_entry_back_and_can_be_undone(cast, send, stored):
    send(PAGE, **ENTRY)
    send(f"{PAGE}/{the_id(cast)}/remove")
    send(f"{PAGE}/undo/{last_line(cast)}")
    assert stored() == [MARCH]
    send(f"{PAGE}/undo/{last_line(cast)}")
    assert stored() == []


def last_line(cast) -> int:
    with acting_for(cast.clinic):
        return db.session.scalars(select(AuditLog.id).order_by(AuditLog.id.desc())).first()


def test_undo_is_refused_when_the_entry_was_changed_since(alice, cast, send, stored):
    send(PAGE, **ENTRY)
    entered = last_line(cast)
    send(f"{PAGE}/{the_id(cast)}", **{**ENTRY, "amount": "7"})
    alice.get(PAGE)
    send(f"{PAGE}/undo/{entered}")
    assert "changed again since" in alice.get(PAGE).text
    assert stored()[0][4] == 700


def test_nothing_else_of_the_log_is_undone_here(cast, send):
    with acting_for(cast.clinic):
        db.session.add(
            AuditLog(action="lead.erased", subject="x", detail={}, at=cast.clinic.created_at)
        )
        db.session.commit()
    assert send(f"{PAGE}/undo/{last_line(cast)}").status_code == 404


def test_every_change_is_in_the_audit_log_with_what_was_before(cast, send):
    send(PAGE, **ENTRY)
    send(f"{PAGE}/{the_id(cast)}", **{**ENTRY, "amount": "99"})
    send(f"{PAGE}/{the_id(cast)}/remove")
    with acting_for(cast.clinic):
        lines = db.session.scalars(select(AuditLog).order_by(AuditLog.id)).all()
    assert [line.action for line in lines] == ["spend.entered", "spend.changed", "spend.removed"]
    assert lines[1].detail["changes"][0]["before"]["amount"] == 125050
    assert lines[1].user_id == cast.alice.id


def test_an_analyst_reads_and_changes_nothing(bob, cast, send, stored):
    send(PAGE, **ENTRY)
    page = bob.get(PAGE).text
    assert "€1,250.50" in page
    assert "Remove" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', bob.get(PAGE).text)[1]
    for address in (PAGE, f"{PAGE}/{the_id(cast)}", f"{PAGE}/{the_id(cast)}/remove"):
        assert bob.post(address, data={"csrf_token": token, **ENTRY}).status_code == 403
    assert stored() == [MARCH]


def test_the_list_is_filtered_by_channel_and_days(alice, send):
    send(PAGE, **ENTRY)
    send(PAGE, **{**ENTRY, "channel": "email", "source": "letter", "from": "2026-05-01", "to": ""})
    alice.get(PAGE)
    assert "letter" not in rows_of(alice.get(f"{PAGE}?channel=paid+search"))
    assert "google" not in rows_of(alice.get(f"{PAGE}?from=2026-04-01"))
    assert "google" in rows_of(alice.get(f"{PAGE}?from=2026-03-31&to=2026-03-31"))
    assert "No spend fits" in alice.get(f"{PAGE}?channel=sms").text
    assert alice.get(f"{PAGE}?from=soon").status_code == 422


def rows_of(page) -> str:
    return re.search(r"<tbody>.*?</tbody>", page.text, re.DOTALL)[0]


def test_the_list_comes_a_page_at_a_time(alice, cast):
    with acting_for(cast.clinic):
        for n in range(60):
            day = date(2026, 1, 1) + timedelta(days=n // 3)
            db.session.add(
                Spend(
                    channel="ads",
                    starts_on=day,
                    ends_on=day,
                    amount=100 + n,
                    created_at=cast.clinic.created_at,
                )
            )
        db.session.commit()
    first = alice.get(PAGE)
    older = re.search(r'rel="next" href="([^"]+)"', first.text)[1]
    ids = [re.findall(rf'href="{PAGE}/(\d+)"', page.text) for page in (first, alice.get(older))]
    assert [len(each) for each in ids] == [50, 10]
    assert len({*ids[0], *ids[1]}) == 60
    assert alice.get(f"{PAGE}?after=x").status_code == 400


# Files


def uploaded(alice, told: str | bytes, name="spend.csv"):
    token = re.search(r'name="csrf_token" value="([^"]+)"', alice.get(PAGE).text)[1]
    content = told.encode() if isinstance(told, str) else told
    file = (io.BytesIO(content), name)
    return alice.post(f"{PAGE}/preview", data={"csrf_token": token, "file": file})


FILE = (
    "channel;source;from;to;amount;note\n"
    "Paid Search;google;01/03/2026;31/03/2026;1 250,50;Invoice 4711\n"
    "email;;2026-03-01;;29;=1+1\n"
)


def test_a_file_is_shown_first_and_imported_then(alice, send, stored):
    page = uploaded(alice, FILE)
    assert page.status_code == 200
    assert "Import 2 entries" in page.text
    assert stored() == []
    content = re.search(r'name="content" value="([^"]+)"', page.text)[1]
    assert send(f"{PAGE}/import", name="spend.csv", added="2", content=content).status_code == 303
    assert stored() == [
        MARCH,
        ("email", "", date(2026, 3, 1), date(2026, 3, 1), 2900, "=1+1"),
    ]
    send(undo_in(alice.get(PAGE)))
    assert stored() == []


def test_the_same_file_again_adds_nothing(alice, send, stored):
    send(f"{PAGE}/import", name="a", added="2", content=packed(FILE.encode()))
    page = uploaded(alice, FILE)
    assert "Everything in the file was entered already." in page.text
    assert len(stored()) == 2


def test_what_was_exported_comes_back_the_same(alice, send, stored):
    send(f"{PAGE}/import", name="a", added="2", content=packed(FILE.encode()))
    exported = alice.get(f"{PAGE}?format=csv").data
    rows = list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"))))
    assert {row["note"] for row in rows} == {"Invoice 4711", "'=1+1"}  # no spreadsheet runs it
    assert "Everything in the file" in uploaded(alice, exported).text


def test_mistakes_of_a_file_are_told_by_row_and_column_and_nothing_is_taken(alice, send, stored):
    wrong = FILE + "weather;;2026-03-01;2026-02-01;free;\n"
    page = uploaded(alice, wrong)
    assert page.status_code == 422
    told = rows_of(page)
    for column in ("channel", "amount"):
        assert f"<code>{column}</code>" in told
    answer = send(f"{PAGE}/import", name="a", added="2", content=packed(wrong.encode()))
    assert answer.status_code == 422
    assert stored() == []


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", b"PK\x03\x04zip", b"\x00\x01"])
def test_what_is_no_table_is_refused_with_what_to_do(alice, content):
    answer = uploaded(alice, content)
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text


def test_a_file_that_got_lost_on_the_way_is_asked_for_again(send, stored):
    for content in ("", "x", packed(b"nothing"), "A" * 99):
        answer = send(f"{PAGE}/import", name="a", added="1", content=content)
        assert answer.status_code == 422
    assert stored() == []


def test_an_import_is_shown_anew_when_somebody_entered_the_same_meanwhile(alice, send, stored):
    send(PAGE, **ENTRY)
    answer = send(f"{PAGE}/import", name="a", added="2", content=packed(FILE.encode()))
    assert answer.status_code == 409
    assert "Spend was entered since the preview" in answer.text
    assert len(stored()) == 1


def test_names_with_scripts_are_escaped(alice, send):
    send(PAGE, **{**ENTRY, "source": "<script>x</script>", "note": "<b>🦋"})
    page = alice.get(PAGE).text
    assert "<script>x" not in page
    assert "&lt;b&gt;🦋" in page


def test_the_template_can_be_imported(alice):
    assert "Import 1 entry" in uploaded(alice, alice.get(f"{PAGE}/template.csv").data).text


# The rules

days = st.dates(date(2026, 1, 1), date(2026, 2, 1))
entries = st.builds(
    lambda channel, source, a, b, amount: Entry(channel, source, min(a, b), max(a, b), amount),
    st.sampled_from(["ads", "email"]),
    st.sampled_from(["", "x", "y"]),
    days,
    days,
    st.integers(1, 10**6),
)


def crosses(one: Entry, other: Entry) -> bool:
    same = one.source == other.source or not (one.source and other.source)
    shared = one.starts_on <= other.ends_on and other.starts_on <= one.ends_on
    return one.channel == other.channel and same and shared


@given(st.lists(entries, max_size=8, unique=True))
def test_those_that_overlap_are_found_as_by_looking_at_each_pair(some):
    expected = {a for a in some for b in some if a is not b and crosses(a, b)}
    assert overlapping(some) == expected


@given(entries)
def test_an_entry_is_read_again_as_it_was_written(entry):
    assert read_entry(entry.texts()) == entry
    assert Entry.from_json(entry.to_json()) == entry


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(Invalid) as problem:
        read_entry({})
    assert problem.value.fields.keys() == {"channel", "from", "amount"}


def test_a_row_that_is_in_a_file_twice_is_added_once():
    row = {"channel": "ads", "from": "2026-01-01", "amount": "5"}
    made = plan(Sheet([Row(2, row), Row(3, row)], "UTF-8"), [])
    assert (len(made.added), made.known) == (1, 1)
