"""Numbered quotes, as a visitor without JavaScript gets them and opens them again."""

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app import links
from app.clock import utc_now
from app.domain.tools.cost import CostError
from app.extensions import db
from app.jobs.quote_mail import quote_file, quote_went_out
from app.models import Interaction, Lead, OutboxMessage, Quote, Treatment
from app.operations.leads.erase_lead import erase_lead
from app.tenancy import acting_for
from tests.passerby import Forms, Passerby

ANA = "ana@example.com"


def rows(cast, model, *conditions):
    db.session.expire_all()
    with acting_for(cast.clinic):
        return list(db.session.scalars(select(model).where(*conditions).order_by(model.id)))


def acts(cast, *types):
    return [row.type for row in rows(cast, Interaction, Interaction.type.in_(types))]


def link_to(quote) -> str:
    return f"/enhanced-cost/quotes/{links.token('quote', quote.id)}"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def quoted(visitor, clinic):
    """Ana's quote of IPL and a lip filler in Lyon; the visitor stands after the first step."""
    details = {"sessions-ipl": "3", "area-lip-filler": "volume"}
    visitor.calculate("ipl", "lip-filler", clinic="lyon", **details)
    visitor.answer(email=ANA)
    (quote,) = rows(clinic, Quote)
    return quote


def expire(cast, quote):
    with acting_for(cast.clinic):
        row = db.session.scalar(select(Quote).where(Quote.id == quote.id))
        row.valid_until = utc_now().date() - timedelta(days=2)
        db.session.commit()


def test_the_email_in_the_form_brings_a_numbered_quote_and_its_mail(visitor, clinic, quoted):
    (lead,) = rows(clinic, Lead)
    assert quoted.number == f"AUR-{quoted.year}-00001"
    assert quoted.lead_id == lead.id
    assert quoted.recipient == {"email": ANA}
    (mail,) = rows(clinic, OutboxMessage, OutboxMessage.kind == "mail.quote")
    assert mail.payload["to"] == ANA
    assert mail.payload["attachments"] == [{"kind": "quote", "id": quoted.id}]
    assert link_to(quoted) in mail.payload["link"]
    assert mail.payload["link"].startswith("http")
    (asked,) = rows(clinic, Interaction, Interaction.type == "quote_requested")
    assert (asked.lead_id, asked.data["quote"]) == (lead.id, quoted.number)
    assert asked.visitor_session_id is not None
    for shown in (quoted.number, "Download the PDF", f"On its way to {ANA}"):
        assert shown in visitor.page.text


def test_further_steps_and_reloads_bring_no_second_quote(visitor, clinic, quoted):
    visitor.answer(first_name="Ana")
    visitor.answer(budget="low")
    visitor.get(f"/enhanced-cost/result/{quoted.event_id}")
    assert quoted.number in visitor.page.text
    assert len(rows(clinic, Quote)) == 1
    assert len(rows(clinic, OutboxMessage, OutboxMessage.kind == "mail.quote")) == 1


def test_a_phone_alone_brings_the_quote_without_a_mail(visitor, clinic):
    visitor.calculate("ipl")
    visitor.answer(phone="06 12 34 56 78")
    (quote,) = rows(clinic, Quote)
    assert quote.recipient == {"phone": "+33612345678"}
    assert rows(clinic, OutboxMessage, OutboxMessage.kind == "mail.quote") == []
    assert "On its way" not in visitor.page.text
    assert "Download the PDF" in visitor.page.text


def test_the_pdf_says_what_was_priced_and_for_whom(visitor, quoted):
    answer = visitor.get(f"{link_to(quoted)}/pdf")
    assert answer.mimetype == "application/pdf"
    assert f'filename="{quoted.number}.pdf"' in answer.headers["Content-Disposition"]
    text = plain(text_of(answer.data))
    for told in (quoted.number, "Aurelia Aesthetics", ANA, "IPL", "3 sessions", "Page 1 of"):
        assert told in text
    for amount in ("€510.00", "€780.00", "−€25.50", "−€39.00", "€735.77", "€1,102.95"):
        assert amount in text
    assert "These prices hold until" in text


def test_the_pdf_is_tagged_and_titled_for_readers(visitor, quoted):
    reader = PdfReader(io.BytesIO(visitor.get(f"{link_to(quoted)}/pdf").data))
    root = reader.trailer["/Root"]
    assert reader.metadata.title == f"Quote {quoted.number}, Aurelia Aesthetics"
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


@pytest.mark.parametrize(
    "name",
    [
        "#set text(red)",
        "$x^2$ @cite [link]",
        "\\ *bold* _it_ `raw` <label>",
        "// no comment /* none */",
        '#image("/etc/passwd")',
        "𝔘𝔫𝔦 Zoë Ελένη Ирина",
    ],
)
def test_names_stand_literally_in_the_pdf(visitor, clinic, name):
    with acting_for(clinic.clinic):
        db.session.scalar(select(Treatment).where(Treatment.slug == "ipl")).name = name
        db.session.commit()
    visitor.calculate("ipl")
    visitor.answer(email=ANA)
    (quote,) = rows(clinic, Quote)
    assert name in plain(text_of(visitor.get(f"{link_to(quote)}/pdf").data))


def test_a_long_address_can_be_copied_from_the_pdf(visitor, clinic):
    address = "ana-maria.de.la.cruz.y.gomez@example.com"
    visitor.calculate("ipl")
    visitor.answer(email=address)
    (quote,) = rows(clinic, Quote)
    told = text_of(visitor.get(f"{link_to(quote)}/pdf").data)
    assert address in told.replace("\n", "")


def test_a_name_no_font_can_show_costs_nobody_the_quote(visitor, clinic):
    with acting_for(clinic.clinic):
        row = db.session.scalar(select(Treatment).where(Treatment.slug == "ipl"))
        row.name = "Laser \U000e0fff 王"
        db.session.commit()
    visitor.calculate("ipl")
    visitor.answer(email=ANA)
    (quote,) = rows(clinic, Quote)
    answer = visitor.get(f"{link_to(quote)}/pdf")
    assert answer.status_code == 200
    assert "Laser" in text_of(answer.data)


def test_the_quote_is_frozen(visitor, clinic, quoted):
    before = text_of(visitor.get(f"{link_to(quoted)}/pdf").data)
    with acting_for(clinic.clinic):
        for row in db.session.scalars(select(Treatment)):
            row.price_low, row.price_high, row.name = 1, 2, "Renamed"
        clinic.clinic.name = "Sold to somebody"
        clinic.clinic.settings = {"cost": {"terms": "Other terms", "prefix": "NEW"}}
        db.session.commit()
    assert text_of(visitor.get(f"{link_to(quoted)}/pdf").data) == before
    assert "€735.77" in visitor.get(link_to(quoted)).text


def test_the_link_opens_the_quote_for_whoever_holds_it_and_takes_nobody_for_the_lead(
    app, clinic, quoted
):
    friend = Passerby(app.test_client(), **{"User-Agent": "Mozilla/5.0 Firefox/140.0"})
    page = friend.get(link_to(quoted))
    assert page.status_code == 200
    assert "Valid until" in page.text
    assert ANA not in page.text
    friend.get(f"{link_to(quoted)}/pdf")
    (quote,) = rows(clinic, Quote)
    assert (quote.views, quote.downloads) == (1, 1)
    assert quote.first_viewed_at == quote.last_viewed_at
    seen = rows(clinic, Interaction, Interaction.type.in_(("quote_viewed", "content_downloaded")))
    assert [act.type for act in seen] == ["quote_viewed", "content_downloaded"]
    assert {act.lead_id for act in seen} == {None}
    assert {act.data["quote"] for act in seen} == {quote.number}
    assert links.token("quote", quote.id) not in str([act.url for act in seen])
    friend.calculate("ipl")
    assert friend.form("/step/1")


@pytest.mark.parametrize("headers", [{"DNT": "1"}, {"User-Agent": "Googlebot/2.1"}])
def test_bots_and_those_who_refuse_read_without_being_counted(app, clinic, quoted, headers):
    quiet = Passerby(app.test_client(), **headers)
    assert quiet.get(link_to(quoted)).status_code == 200
    assert quiet.get(f"{link_to(quoted)}/pdf").status_code == 200
    (quote,) = rows(clinic, Quote)
    assert (quote.views, quote.downloads) == (0, 0)


def test_staff_who_look_are_not_counted(clinic, quoted, alice):
    assert alice.get(link_to(quoted)).status_code == 200
    assert rows(clinic, Quote)[0].views == 0


@pytest.mark.parametrize(
    "bent",
    [
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: "MQ" + token[2:],
        lambda token: token.partition(".")[0],
        lambda token: "x",
        lambda token: "é" * 30,
        lambda token: "a" * 5000,
        lambda token: "%00",
    ],
)
def test_a_bent_link_opens_nothing(visitor, clinic, quoted, bent):
    with acting_for(clinic.clinic):
        db.session.scalar(select(Quote)).id = 4711  # so that no bent token names it by chance
        db.session.commit()
    token = bent(links.token("quote", 4711))
    for end in ("", "/pdf"):
        answer = visitor.client.get(f"/enhanced-cost/quotes/{token}{end}")
        assert answer.status_code in (400, 404), token
        assert "AUR-" not in answer.text
    answer = visitor.client.get("/enhanced-cost/", query_string={"quote": token})
    assert answer.status_code in (400, 404)


def test_a_link_of_another_kind_or_secret_opens_nothing(visitor, app, quoted):
    other = links.token("appointment", quoted.id)
    assert visitor.get(f"/enhanced-cost/quotes/{other}").status_code == 404
    mine = link_to(quoted)
    app.secret_key = "changed"
    assert visitor.get(mine).status_code == 404


def test_another_organizations_quote_is_not_there(visitor, clinic, quoted):
    with acting_for(clinic.other):
        theirs = Quote(
            year=2026,
            sequence=1,
            number="OTH-2026-00001",
            event_id=quoted.event_id,
            content=quoted.content,
            currency="EUR",
            total_low=1,
            total_high=1,
            issued_at=utc_now(),
            valid_until=utc_now().date(),
        )
        db.session.add(theirs)
        db.session.commit()
        address = link_to(theirs)
    assert visitor.get(address).status_code == 404
    assert visitor.get(f"{address}/pdf").status_code == 404


def test_an_expired_quote_says_so_and_is_renewed_at_todays_prices(visitor, clinic, quoted):
    expire(clinic, quoted)
    page = visitor.get(link_to(quoted))
    assert "This quote ended on" in page.text
    assert "Book a consultation</a></p>" not in page.text.partition('class="result"')[2]
    with acting_for(clinic.clinic):
        row = db.session.scalar(select(Treatment).where(Treatment.slug == "lip-filler"))
        row.price_low += 10_000
        row.price_high += 10_000
        db.session.commit()
    page = visitor.send("/renew")
    old, new = rows(clinic, Quote)
    assert new.replaces_id == old.id
    assert (new.lead_id, new.recipient) == (old.lead_id, old.recipient)
    assert new.total_low == old.total_low + 9_500
    assert new.number in page.text
    assert f"It replaces {old.number}" in page.text
    assert len(rows(clinic, OutboxMessage, OutboxMessage.kind == "mail.quote")) == 2
    assert f"replaced by {new.number}" in visitor.get(link_to(old)).text
    assert old.number in plain(text_of(visitor.get(f"{link_to(new)}/pdf").data))


def test_over_https_the_button_works_and_the_address_is_told_to_nobody(app, clinic, quoted):
    expire(clinic, quoted)
    client, secure = app.test_client(), {"base_url": "https://clinic.example"}
    page = client.get(link_to(quoted), **secure)
    assert page.headers["Referrer-Policy"] == "strict-origin"
    form = Forms(page.text).forms[0].fields
    origin = {"Referer": "https://clinic.example/"}
    answer = client.post(f"{link_to(quoted)}/renew", data=form, headers=origin, **secure)
    assert answer.status_code == 303
    assert len(rows(clinic, Quote)) == 2


def test_renewing_twice_makes_one_quote_and_a_valid_one_is_not_renewed(visitor, clinic, quoted):
    expire(clinic, quoted)
    page = visitor.get(link_to(quoted))
    for _ in range(2):
        visitor.page = page
        visitor.send("/renew")
    _, new = rows(clinic, Quote)
    form = {"csrf_token": Forms(page.text).forms[0].fields["csrf_token"]}
    visitor.client.post(f"{link_to(new)}/renew", data=form, headers=visitor.headers)
    assert len(rows(clinic, Quote)) == 2


def test_what_is_no_longer_offered_is_chosen_anew(visitor, clinic, quoted):
    expire(clinic, quoted)
    visitor.get(link_to(quoted))
    with acting_for(clinic.clinic):
        db.session.scalar(select(Treatment).where(Treatment.slug == "ipl")).active = False
        db.session.commit()
    page = visitor.send("/renew")
    assert page.request.path == "/enhanced-cost/"
    assert "no longer offered" in page.text
    assert len(rows(clinic, Quote)) == 1


def test_a_changed_choice_is_a_new_quote_that_replaces_the_old(visitor, clinic, quoted):
    visitor.get(f"/enhanced-cost/?from={quoted.event_id}")
    visitor.send("/enhanced-cost/", clinic="nice")
    assert "Send me the quote" in visitor.page.text
    visitor.send("/quote")
    old, new = rows(clinic, Quote)
    assert new.replaces_id == old.id
    assert new.content["replaces"] == old.number
    assert new.number.endswith("00002")
    assert new.number in visitor.page.text
    page = visitor.get(link_to(old))
    assert f"replaced by {new.number}" in page.text
    assert link_to(new) in page.text


@pytest.mark.parametrize("earlier", ["x", "00000000-0000-4000-8000-000000000000"])
def test_an_earlier_use_that_is_forgotten_costs_nobody_their_choices(visitor, clinic, earlier):
    first = visitor.calculate("ipl")
    visitor.get(f"/enhanced-cost/?from={first}")
    visitor.send("/enhanced-cost/", **{"from": earlier, "sessions-ipl": "2"})
    assert visitor.page.request.path.startswith("/enhanced-cost/result/")
    _, second = rows(clinic, Interaction, Interaction.type == "cost_calculator")
    assert "changes" not in second.data


def test_changes_on_the_way_to_the_new_quote_do_not_break_the_chain(visitor, clinic, quoted):
    event_id = quoted.event_id
    for place in ("nice", "paris", "lyon"):
        visitor.get(f"/enhanced-cost/?from={event_id}")
        visitor.send("/enhanced-cost/", clinic=place)
        event_id = visitor.page.request.path.rpartition("/")[2]
    visitor.send("/quote")
    old, new = rows(clinic, Quote)
    assert new.replaces_id == old.id


def test_by_the_link_the_lead_changes_it_and_a_friend_gets_one_of_their_own(app, clinic, quoted):
    for email, replaces in (("friend@example.com", None), (ANA, quoted.id)):
        holder = Passerby(app.test_client())
        holder.get(link_to(quoted))
        holder.get(f"/enhanced-cost/?quote={links.token('quote', quoted.id)}")
        assert f"You are changing quote {quoted.number}" in holder.page.text
        assert set(holder.form("/enhanced-cost/").fields["procedures"]) == {"ipl", "lip-filler"}
        holder.send("/enhanced-cost/", clinic="nice")
        holder.answer(email=email)
        assert rows(clinic, Quote)[-1].replaces_id == replaces


def test_the_choices_keep_their_quote_when_something_is_wrong_with_them(visitor, clinic, quoted):
    visitor.get(f"/enhanced-cost/?quote={links.token('quote', quoted.id)}")
    visitor.send("/enhanced-cost/", **{"sessions-ipl": "99"})
    visitor.send("/enhanced-cost/", **{"sessions-ipl": "2"})
    (_, changed) = rows(clinic, Interaction, Interaction.type == "cost_calculator")
    assert changed.data["changes"] == quoted.event_id.hex


def test_somebody_else_at_the_same_browser_gets_a_quote_of_their_own(visitor, clinic, quoted):
    visitor.get(f"/enhanced-cost/result/{quoted.event_id}")
    visitor.client.post(
        visitor.form("/step/").action,
        data={**visitor.form("/step/").fields, "someone_else": "1"},
        headers=visitor.headers,
    )
    page = visitor.get(f"/enhanced-cost/result/{quoted.event_id}")
    assert quoted.number not in page.text
    assert ANA not in page.text
    visitor.answer(email="ben@example.com")
    first, second = rows(clinic, Quote)
    assert first.lead_id != second.lead_id
    assert second.replaces_id is None
    assert second.number in visitor.page.text


def test_where_the_form_is_not_shown_a_button_asks_for_the_address(visitor, clinic):
    visitor.calculate("ipl")
    visitor.send("/dismiss")
    assert not visitor.forms("/step/")
    assert "Get this as a numbered quote" in visitor.page.text
    visitor.send("/quote")
    assert visitor.forms("/step/1")
    assert rows(clinic, Quote) == []
    visitor.answer(email=ANA)
    assert len(rows(clinic, Quote)) == 1


def test_the_button_belongs_to_the_browser_that_made_the_estimate(app, visitor, clinic):
    event_id = visitor.calculate("ipl")
    visitor.send("/dismiss")
    action = visitor.form("/quote").action
    stranger = Passerby(app.test_client())
    stranger.get("/enhanced-cost/")
    token = stranger.form("/enhanced-cost/").fields["csrf_token"]
    answer = stranger.client.post(action, data={"csrf_token": token}, headers=stranger.headers)
    assert str(event_id) in action
    assert answer.status_code == 404


def test_whoever_types_others_addresses_sends_them_five_mails_a_day_at_most(visitor, clinic):
    for place in ("lyon", "nice", "paris", "lyon", "nice", "paris", "lyon"):
        visitor.calculate("ipl", clinic=place)
        if visitor.forms("/quote"):
            visitor.send("/quote")
        else:
            visitor.answer(email=ANA)
    assert len(rows(clinic, Quote)) == 7
    assert len(rows(clinic, OutboxMessage, OutboxMessage.kind == "mail.quote")) == 5


def test_a_host_that_somebody_made_up_gets_into_no_mail(app, clinic):
    crook = Passerby(app.test_client(), Host="evil.example")
    crook.calculate("ipl")
    crook.answer(email=ANA)
    (mail,) = rows(clinic, OutboxMessage, OutboxMessage.kind == "mail.quote")
    assert "evil.example" not in mail.payload["link"]


def test_the_mail_carries_the_pdf_and_its_sending_is_noted_once(clinic, quoted):
    with acting_for(clinic.clinic):
        file = quote_file(quoted.id)
        assert file.name == f"{quoted.number}.pdf"
        assert quoted.number in text_of(file.content)
        for _ in range(2):
            quote_went_out({"quote_id": quoted.id})
            db.session.commit()
    (sent,) = rows(clinic, Interaction, Interaction.type == "quote_sent")
    assert (sent.channel, sent.lead_id) == ("email", quoted.lead_id)
    assert rows(clinic, Quote)[0].sent_at is not None


def test_an_erased_person_leaves_a_number_and_no_document(visitor, clinic, quoted):
    with acting_for(clinic.clinic):
        erase_lead(db.session.scalar(select(Lead)), user_id=None, now=utc_now())
        db.session.commit()
        assert quote_file(quoted.id) is None
    (quote,) = rows(clinic, Quote)
    assert quote.recipient == {}
    assert visitor.get(link_to(quoted)).status_code == 404
    assert visitor.get(f"{link_to(quoted)}/pdf").status_code == 404
    visitor.calculate("hydrafacial")
    visitor.answer(email="new@example.com")
    assert rows(clinic, Quote)[-1].number.endswith("00002")


def test_the_chosen_months_and_their_interest_stand_in_page_and_pdf(visitor, clinic):
    with acting_for(clinic.clinic):
        clinic.clinic.settings = {"cost": {"months": [12], "yearly_percent": 6}}
        db.session.commit()
    visitor.calculate("lip-filler", clinic="lyon", months="12", **{"area-lip-filler": "volume"})
    # 290 and 420 at 0.5 % a month over 12: 24.96 and 36.15 a month.
    for told in ("€24.96<", "– €36.15<", "At 6% a year", "6.17%", "your choice"):
        assert told in visitor.page.text
    visitor.answer(email=ANA)
    (quote,) = rows(clinic, Quote)
    text = plain(text_of(visitor.get(f"{link_to(quote)}/pdf").data))
    assert "€24.96 – €36.15" in text
    assert "nominal rate of 6% a year, effectively 6.17%" in text
    assert re.search(r"Paying by month Over", text)


def test_months_that_are_not_offered_are_refused(visitor):
    visitor.get("/enhanced-cost/")
    page = visitor.send("/enhanced-cost/", procedures=["ipl"], months="13")
    assert page.status_code == 422
    assert "Choose how long you would like to pay." in page.text


def test_budgets_are_in_the_organizations_currency(visitor, clinic):
    with acting_for(clinic.clinic):
        clinic.clinic.currency = "CHF"
        clinic.clinic.settings = {"cost": {"low_to": 30_000, "high_from": 90_000}}
        db.session.commit()
    pages = [visitor.get("/enhanced-cost/").text]
    visitor.calculate("ipl")
    visitor.answer(email=ANA)
    pages.append(visitor.answer(first_name="Ana").text)
    for page in pages:
        for label in ("Up to CHF 300", "CHF 300 to CHF 900", "CHF 900 and more"):
            assert label in page
        assert "€" not in page
    visitor.answer(budget="high")
    assert rows(clinic, Lead)[0].budget == "high"


def test_settings_that_cannot_be_used_are_named(clinic):
    from app.domain.tools.calculator import Calculator

    with pytest.raises(CostError) as refused:
        Calculator.from_json({"months": [1], "prefix": "a b", "low_to": 9, "high_from": 8})
    assert {"months", "prefix"} <= refused.value.fields.keys()
