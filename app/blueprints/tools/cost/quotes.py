"""Numbered quotes: asked for beside an estimate, opened again by their signed link."""

from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from flask import abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from app import asking, links
from app.access import public
from app.blueprints.tools.cost import blueprint, pricing
from app.blueprints.tools.cost.forms import Choices
from app.blueprints.tools.cost.pricing import TYPE, Offer
from app.clients.pdf import pdf
from app.clock import utc_now
from app.domain.tools.quote import state_of
from app.extensions import db, limiter
from app.hosting import recording
from app.models import Interaction, Quote
from app.operations.contact.follow_up import follow_up
from app.operations.tools.follow_quote import note_downloaded, note_viewed
from app.operations.tools.issue_quote import issue_quote
from app.operations.tools.print_quote import quote_document
from app.operations.tools.use_tool import use_tool
from app.queries.contact import contact
from app.queries.tools import quotes

GONE = "This quote is not kept any more. The calculator shows today's prices."


@blueprint.route("/result/<uuid:event_id>/quote", methods=["POST"])
@public
@limiter.limit("10/minute")
def ask_for_quote(event_id: UUID):
    """A numbered quote of an estimate: at once for somebody who gave their contact here, else by
    the contact form."""
    interaction, now = asking.own_interaction(event_id), utc_now()
    someone = asking.person(asking.own_use(event_id))
    if someone is None:
        asking.show_form(interaction, now)
        db.session.commit()
        return redirect(url_for("cost.result", event_id=event_id, _anchor="contact"), 303)
    told = asking.told_by(someone)
    follow_up(interaction, someone.lead, told, **_around(now))
    db.session.commit()
    return redirect(url_for("cost.result", event_id=event_id, _anchor="quote"), 303)


def _around(now) -> dict:
    return {"site": g.site, "identity": g.identity, "link": links.address, "now": now}


@blueprint.app_template_global()
def issued_quote(event_id: UUID) -> dict | None:
    """The quote that this browser asked for beside its own use of the calculator, for templates."""
    someone = asking.person(asking.own_use(event_id))
    quote = quotes.quote_of_use(event_id, someone.lead.id) if someone else None
    if quote is None:
        return None
    told = links.token("quote", quote.id)
    return {
        "number": quote.number,
        "valid_until": quote.valid_until,
        "to": quote.recipient.get("email"),
        "page": url_for("cost.quote", token=told),
        "pdf": url_for("cost.quote_pdf", token=told),
    }


@blueprint.route("/quotes/<token>")
@public
@limiter.limit("60/minute")
def quote(token: str):
    """The quote behind a signed link: valid, expired or replaced."""
    found = _quote(token)
    later = quotes.newest_of(found)
    page = render_template(
        "cost/quote.html",
        quote=found,
        token=token,
        later=later if later.id != found.id else None,
        later_token=links.token("quote", later.id),
        state=state_of(found.valid_until, later.id != found.id, _today()),
        book=booking(found.content["procedures"]),
    )
    _record(note_viewed, found.id)
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex"
    # The address is the key; where it stands is what the form below is checked by.
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


@blueprint.route("/quotes/<token>/pdf")
@public
@limiter.limit("30/minute")
def quote_pdf(token: str):
    """The quote as a PDF, as it was issued."""
    found = _quote(token)
    number, document, quote_id = found.number, quote_document(found), found.id
    _record(note_downloaded, quote_id)
    answer = make_response(pdf("quote", document))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.route("/quotes/<token>/renew", methods=["POST"])
@public
@limiter.limit("10/minute")
def renew_quote(token: str):
    """The same again at today's prices, for a quote whose time is over."""
    found = _quote(token)
    later = quotes.newest_of(found)
    if later.id != found.id or state_of(found.valid_until, False, _today()) == "valid":
        return redirect(url_for("cost.quote", token=links.token("quote", later.id)), 303)
    choices = Choices.from_use(_use(found).data)
    offer = Offer.now()
    checked = offer.check(choices)
    if checked.errors or found.lead is None:
        return redirect(url_for("cost.form", quote=token), 303)
    now = utc_now()
    use = use_tool(
        g.site,
        TYPE,
        identity=g.identity,
        data=pricing.data(choices, checked, offer) | {"changes": found.event_id.hex},
        url=url_for("cost.form", _external=True),
        now=now,
        event_id=uuid5(found.event_id, f"renewed {found.number}"),
    )
    renewed = issue_quote(use.interaction, found.lead, found.recipient, **_around(now))
    db.session.commit()
    return redirect(url_for("cost.quote", token=links.token("quote", renewed.id)), 303)


def choices_of(token: str) -> tuple[Choices, Quote]:
    """What was chosen for the quote behind a signed link, to be changed."""
    found = _quote(token)
    return Choices.from_use(_use(found).data), found


def _quote(token: str) -> Quote:
    quote_id = links.row_of("quote", token)
    if quote_id is None:
        abort(404, "This link is not complete. Copy the whole of it from the mail, please.")
    return quotes.quote(quote_id) or abort(404, GONE)


def _use(found: Quote) -> Interaction:
    return contact.interaction(found.event_id) or abort(404, GONE)


def _today():
    return utc_now().astimezone(ZoneInfo(g.organization.timezone)).date()


def booking(procedures: list[str]) -> str:
    """Where one books what was chosen."""
    if "appointments.form" in current_app.view_functions:
        return url_for("appointments.form", treatment=procedures)
    return url_for("site.home", _anchor="visit")


def _record(note, quote_id: int):
    """Counts a look at the quote, unless it is staff's, a program's or nobody's to count."""
    if request.method != "GET" or current_user.is_authenticated:
        return
    with recording() as identity:
        if identity:
            url = url_for("cost.form", _external=True)  # the address itself is a secret
            note(quote_id, site=g.site, identity=identity, url=url, now=utc_now())
