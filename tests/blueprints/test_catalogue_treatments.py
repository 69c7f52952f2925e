"""Treatments in the admin: read by all, changed by admins, at once on the public pages."""

import json
import re
from html import unescape

import pytest
from sqlalchemy import select

from app.demo.catalogue import CLINIC
from app.extensions import db
from app.models import AuditLog, Membership, Practitioner, Treatment
from app.tenancy import acting_for
from tests.desk import Desk
from tests.passerby import Passerby

LIST = "/admin/catalogue/"
NEW = f"{LIST}treatments/new"
LIPS = f"{LIST}treatments/lip-filler"
THREADS = {
    "name": "Thread lift",
    "category": "Injectables",
    "summary": "Lifts what has sunk.",
    "synonyms": "suture lift\nSuture  Lift\npdo threads",
    "concerns": "sagging cheeks",
    "price_low": "450",
    "price_high": "700,50",
    "minutes": "60",
}
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def desk(alice, clinic):
    return Desk(alice)


@pytest.fixture
def passer(client, clinic):
    return Passerby(client)


def stored(clinic, slug="lip-filler") -> Treatment | None:
    db.session.expire_all()
    with acting_for(clinic.clinic):
        return db.session.scalar(select(Treatment).where(Treatment.slug == slug))


def demo_treatments() -> int:
    return len(json.loads(CLINIC.read_text(encoding="utf-8"))["treatments"])


def lines(clinic, action: str) -> list[AuditLog]:
    with acting_for(clinic.clinic):
        wanted = select(AuditLog).where(AuditLog.action == action).order_by(AuditLog.id)
        return list(db.session.scalars(wanted))


def names(page: str) -> list[str]:
    found = re.findall(r'href="/admin/catalogue/treatments/[^"?]+">([^<]+)</a>', page)
    return [unescape(name) for name in found]


def act_as(clinic, role: str):
    with acting_for(clinic.clinic):
        mine = select(Membership).where(Membership.user_id == clinic.bob.id)
        db.session.scalar(mine).role = role
        db.session.commit()


# Reading


def test_all_treatments_are_listed_in_their_order_with_what_they_cost(desk):
    page = desk.open(LIST)
    assert names(page)[:2] == ["Botulinum wrinkle treatment", "Hyaluronic lip filler"]
    assert "€290" in page
    assert "2 areas, 2 extras" in page


@pytest.mark.parametrize("role", ["agent", "analyst"])
def test_who_may_not_change_it_reads_it_without_any_button_to(bob, clinic, role):
    act_as(clinic, role)
    desk = Desk(bob)
    for address in (LIST, LIPS):
        page = desk.open(address)
        assert desk.status == 200
        assert "Hyaluronic lip filler" in page
        assert 'class="btn btn-primary" type="submit">Save' not in page
        assert "/state" not in page
    assert "<fieldset disabled>" in page
    desk.open(NEW)
    assert desk.status == 403


def test_the_list_is_narrowed_by_words_category_and_state(desk, clinic):
    assert names(desk.open(LIST, q="JUVEDERM")) == ["Hyaluronic lip filler"]
    assert "Botulinum wrinkle treatment" not in names(desk.open(LIST, category="Body"))
    assert "No treatment fits" in desk.open(LIST, state="hidden")
    desk.open(LIST)
    desk.send("lip-filler/state", state="hidden")
    assert names(desk.open(LIST, state="hidden")) == ["Hyaluronic lip filler"]


# Adding


def test_a_treatment_added_is_found_and_priced_by_visitors_at_once(desk, passer, clinic):
    desk.open(NEW)
    desk.send(
        "/new",
        **THREADS,
        area__name=["Cheeks", "Neck"],
        area__factor=["", "1,5"],
        area__key=["", ""],
        option__name=["Numbing"],
        option__low=["20"],
        option__high=["30.5"],
        option__each=["each"],
        option__key=[""],
    )
    assert "Thread lift was added." in desk.page
    row = stored(clinic, "thread-lift")
    assert (row.price_low, row.price_high, row.minutes, row.sessions) == (45000, 70050, 60, 1)
    assert row.synonyms == ["suture lift", "pdo threads"]
    assert [(a["key"], a["factor"]) for a in row.areas] == [("cheeks", "1"), ("neck", "1.5")]
    assert row.options == [
        {
            "key": "numbing",
            "name": "Numbing",
            "price_low": 2000,
            "price_high": 3050,
            "each_session": True,
        }
    ]
    assert row.position == demo_treatments() + 1
    assert "Thread lift" in passer.get("/search", {"q": "suture"}).text
    assert "Lifts what has sunk." in passer.get("/treatments/thread-lift").text
    passer.calculate("thread-lift")
    assert "700.50" in passer.page.text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "Give it a name."),
        ({"price_low": "12x"}, "Write an amount"),
        ({"price_low": "800"}, "lower to the higher"),
        ({"minutes": "0"}, "whole number from 1"),
        ({"sessions": "13"}, "whole number from 1 to 12"),
        ({"slug": "Not A Slug"}, "Use small letters"),
        ({"slug": "new"}, "kept for the pages"),
        ({"slug": "lip-filler"}, "Another treatment has this short name"),
        ({"summary": "x" * 301}, "Keep it to 300"),
        ({"synonyms": "\n".join(map(str, range(200)))}, "At most 100 entries"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(desk, clinic, wrong, says):
    desk.open(NEW)
    page = desk.send("/new", **THREADS | {"downtime": "Two days 🦊"} | wrong)
    assert desk.status == 422
    assert says in unescape(page)
    name = "price_high" if says.startswith("lower") else next(iter(wrong))
    assert f'id="{name}-error"' in page
    assert f'href="#{name}"' in page
    assert desk.fields("/new")["downtime"] == "Two days 🦊"
    typed = (THREADS | wrong).get(name)
    assert desk.fields("/new")[name].replace("\r\n", "\n") == typed
    assert stored(clinic, "thread-lift") is None


def test_a_wrong_area_or_extra_is_named_by_its_row(desk, clinic):
    desk.open(LIPS)
    page = desk.send(
        "lip-filler",
        area__name=["A", "", "C"],
        area__factor=["1", "2", "zero"],
        area__key=["", "", ""],
        option__name=["X"],
        option__low=["30"],
        option__high=["20"],
        option__each=["once"],
        option__key=[""],
    )
    assert desk.status == 422
    assert re.search(r'id="area-1-error">Name the area', page)
    assert re.search(r'id="area-2-error">Enter a number', page)
    assert re.search(r'id="option-0-error">The lower price is above', page)
    assert desk.fields("lip-filler").getlist("area-factor")[:3] == ["1", "2", "zero"]
    assert len(stored(clinic).areas) == 2


def test_without_letters_of_the_alphabet_a_name_still_makes_an_address(desk, clinic):
    desk.open(NEW)
    desk.send("/new", **THREADS | {"name": "日本の治療"})
    assert stored(clinic, "treatment").name == "日本の治療"


def test_a_copy_begins_with_all_but_the_name(desk):
    desk.open(NEW, like="lip-filler")
    fields = desk.fields("/new")
    assert fields["name"] == fields["slug"] == ""
    assert fields["price_low"] == "290"
    assert "Dental numbing" in fields.getlist("option-name")


# Editing


def test_saving_what_is_there_changes_nothing(desk, clinic):
    desk.open(LIPS)
    assert "Nothing was changed" in desk.send("lip-filler")
    assert lines(clinic, "catalogue.treatment_edited") == []


def test_an_edit_is_audited_field_by_field_and_keeps_the_keys_of_areas(desk, clinic):
    desk.open(LIPS)
    fields = desk.fields("lip-filler")
    keys = fields.getlist("area-key")
    named = ["Renamed", *fields.getlist("area-name")[1:]]
    desk.send("lip-filler", price_low="300", area__name=named)
    assert "Saved." in desk.page
    row = stored(clinic)
    assert [area["key"] for area in row.areas] == keys[:2]
    assert row.areas[0]["name"] == "Renamed"
    line = lines(clinic, "catalogue.treatment_edited")[0]
    assert line.subject == "treatment lip-filler"
    assert line.detail["changed"]["price_low"] == [29000, 30000]
    assert set(line.detail["changed"]) == {"price_low", "areas"}


def test_an_edit_is_undone_from_the_notice_unless_it_was_changed_again(desk, clinic):
    desk.open(LIPS)
    desk.send("lip-filler", price_low="300")
    desk.send(f"undo/{lines(clinic, 'catalogue.treatment_edited')[0].id}")
    assert "All is as it was before" in desk.page
    assert stored(clinic).price_low == 29000
    desk.open(LIPS)
    desk.send("lip-filler", price_low="310")
    stale = lines(clinic, "catalogue.treatment_edited")[-1].id
    desk.send("lip-filler", price_low="320")
    desk.post(f"{LIST}undo/{stale}")
    assert "changed again since" in desk.page
    assert "treatment lip-filler" in desk.page
    assert stored(clinic).price_low == 32000


def test_a_form_of_before_somebody_elses_edit_is_noticed_and_kept(desk, sign_in, clinic):
    act_as(clinic, "admin")
    other = Desk(sign_in(clinic.bob))
    other.open(LIPS)
    desk.open(LIPS)
    desk.send("lip-filler", price_high="500", name="Alice's name")
    page = unescape(other.send("lip-filler", downtime="Bob's downtime"))
    assert other.status == 409
    assert "by Alice" in page
    assert "Price to: 500" in re.sub(r"</?strong>", "", page)
    assert other.fields("lip-filler")["downtime"] == "Bob's downtime"
    assert stored(clinic).downtime != "Bob's downtime"
    other.send("lip-filler", price_high="500", name="Alice's name")
    assert "Saved." in other.page
    row = stored(clinic)
    assert (row.downtime, row.price_high, row.name) == ("Bob's downtime", 50000, "Alice's name")


def test_words_that_lead_to_other_treatments_too_are_shown(desk):
    desk.open(LIPS)
    desk.send("lip-filler", synonyms="filler\nBotulinum Toxin")
    told = unescape(desk.open(LIPS))
    assert "“Botulinum Toxin” also leads to Botulinum wrinkle treatment." in told


def test_the_preview_shows_what_was_typed_and_saves_nothing(desk, clinic):
    desk.open(LIPS)
    sent = desk.fields("lip-filler").to_dict(flat=False)
    sent["name"], sent["description"] = ["Fuller lips"], [f"One.\r\n\r\n{MARKUP}"]
    answer = desk.client.post(f"{LIST}treatments/preview", data=sent)
    page = answer.text
    assert answer.status_code == 200
    assert "<h1>Fuller lips</h1>" in page
    assert "€290 – €420" in page
    assert MARKUP not in page
    assert "track.js" not in page
    assert stored(clinic).name == "Hyaluronic lip filler"
    sent["price_low"] = ["x"]
    assert desk.client.post(f"{LIST}treatments/preview", data=sent).status_code == 422
    db.session.commit()
    assert stored(clinic).name == "Hyaluronic lip filler"


def test_markup_and_signs_of_all_kinds_are_text(desk, passer, clinic):
    desk.open(NEW)
    desk.send("/new", **THREADS | {"name": MARKUP, "summary": MARKUP, "synonyms": MARKUP})
    slug = "script-alert-1-script"
    assert stored(clinic, slug).name == MARKUP
    for page in (desk.open(LIST), desk.open(f"{LIST}treatments/{slug}")):
        assert MARKUP not in page
    assert MARKUP not in passer.get(f"/treatments/{slug}").text
    desk.open(NEW)
    desk.send("/new", **THREADS | {"name": "bad\x01sign"})
    assert desk.status == 422


# Hiding, deleting, ordering


def test_a_hidden_treatment_is_gone_for_visitors_until_it_is_undone(desk, passer, clinic):
    desk.open(LIST)
    desk.send("lip-filler/state", state="hidden")
    assert "is hidden from visitors" in desk.page
    assert passer.get("/treatments/lip-filler").status_code == 404
    assert "Hyaluronic lip filler" not in passer.get("/treatments").text
    desk.send(f"undo/{lines(clinic, 'catalogue.treatment_hidden')[0].id}")
    assert passer.get("/treatments/lip-filler").status_code == 200


def test_what_something_refers_to_is_not_deleted_but_said_why(desk, passer, clinic):
    desk.open(LIPS)
    assert "Dr. Camille Renaud offers it" in desk.page
    desk.post(f"{LIPS}/delete")
    assert "cannot be deleted" in desk.page
    assert stored(clinic) is not None
    with acting_for(clinic.clinic):
        for person in db.session.scalars(select(Practitioner)):
            person.treatments = []
        db.session.commit()
    passer.calculate("lip-filler")
    desk.post(f"{LIPS}/delete")
    assert "visitors used it in a tool" in desk.page
    assert stored(clinic) is not None


def test_what_nothing_refers_to_is_deleted_and_can_be_brought_back(desk, clinic):
    desk.open(NEW)
    desk.send("/new", **THREADS)
    desk.send("thread-lift/delete")
    assert stored(clinic, "thread-lift") is None
    desk.send(f"undo/{lines(clinic, 'catalogue.treatment_deleted')[0].id}")
    row = stored(clinic, "thread-lift")
    assert (row.name, row.price_high, row.position) == ("Thread lift", 70050, demo_treatments() + 1)


def test_the_order_is_changed_by_buttons_and_by_dragging(desk, clinic):
    before = names(desk.open(LIST))
    desk.post(f"{LIST}treatments/order", move="down-wrinkle-relaxing")
    assert names(desk.page)[:2] == [before[1], before[0]]
    desk.post(f"{LIST}treatments/order", move="up-wrinkle-relaxing")
    assert names(desk.page) == before
    desk.post(f"{LIST}treatments/order", move="up-wrinkle-relaxing")
    assert names(desk.page) == before
    desk.post(f"{LIST}treatments/order", order=["hydrafacial", "wrinkle-relaxing", "gone"])
    assert names(desk.page)[:3] == [before[2], before[1], before[0]]


def test_a_colleague_without_the_role_changes_nothing(bob, clinic):
    desk = Desk(bob)
    desk.open(LIPS)
    for address in (NEW, LIPS, f"{LIPS}/state", f"{LIPS}/delete", f"{LIST}treatments/order"):
        desk.open("/settings/account")
        desk.post(address, name="Mallory", state="hidden", move="down-lip-filler")
        assert desk.status == 403
    assert stored(clinic).name == "Hyaluronic lip filler"
    assert stored(clinic).active


def test_many_treatments_come_page_by_page(desk, clinic):
    with acting_for(clinic.clinic):
        for number in range(120):
            db.session.add(
                Treatment(
                    slug=f"t-{number}",
                    name=f"T {number}",
                    summary="S",
                    description="",
                    category="Many",
                    price_low=1,
                    price_high=2,
                    minutes=5,
                    position=100 + number,
                )
            )
        db.session.commit()
    assert len(names(desk.open(LIST))) == 100
    assert f"Page 1 of 2, {120 + demo_treatments()} treatments" in desk.page
    assert names(desk.open(LIST, page=2))[-1] == "T 119"
    desk.post(f"{LIST}treatments/order", move=f"up-t-{100 - demo_treatments()}", page="2")
    assert "Page 2 of 2" in desk.page
    assert names(desk.open(LIST))[-1] == f"T {100 - demo_treatments()}"
