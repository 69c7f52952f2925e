"""The cost calculator: choose, see the range, ask for the quote."""

from contextlib import suppress
from uuid import UUID

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from app import asking, links
from app.access import public
from app.blueprints.tools.cost import blueprint, forms, pricing, quotes
from app.blueprints.tools.cost.forms import Checked, Choices
from app.blueprints.tools.cost.pricing import TYPE, Offer
from app.clock import utc_now
from app.domain.tools.calculator import budgets
from app.domain.tools.cost import URGENCIES
from app.extensions import db, limiter
from app.operations.tools.use_tool import use_tool
from app.queries.tools.quotes import quote as quote_of


@blueprint.route("/")
@public
def form():
    """The calculator; with the choices of an earlier use or of a quote, or the treatment one came
    from."""
    if token := request.args.get("quote"):
        choices, changed = quotes.choices_of(token)
        checked = Offer.now().check(choices)  # what is gone since is said at once
        return _form(choices, checked, changes={"quote": token}, replaces=changed.number)
    if earlier := request.args.get("from"):
        use = asking.own_interaction(_uuid(earlier))
        return _form(Choices.from_use(use.data), changes={"from": use.event_id})
    return _form(Choices(procedures=request.args.getlist("treatment")[:20]))


@blueprint.route("/", methods=["POST"])
@public
@limiter.limit("30/minute")
def calculate():
    """A use of the tool: priced, recorded, scored; then its own address."""
    choices, checked, offer = _chosen()
    if checked.errors:
        return _form(choices, checked, 422, changes=_sent("quote") | _sent("from"))
    now = utc_now()
    use = use_tool(
        g.site,
        TYPE,
        identity=g.identity,
        data=pricing.data(choices, checked, offer) | _changed(),
        url=request.base_url,
        now=now,
        event_id=asking.use_id(
            request.form.get("use", ""),
            [choices.procedures, choices.to_json(), choices.budget, choices.urgency],
        ),
        browser=asking.browser(),
    )
    asking.remember_use(use.interaction, use.decision, now)
    db.session.commit()
    return redirect(url_for("cost.result", event_id=use.interaction.event_id), 303)


@blueprint.route("/estimate", methods=["POST"])
@public
@limiter.limit("120/minute")
def estimate():
    """The estimate while one chooses; nothing is recorded."""
    choices, checked, offer = _chosen()
    return render_template(
        "cost/_estimate.html",
        told=None if checked.errors else offer.told(checked),
        errors=checked.errors if choices.procedures else {},
        settings=offer.settings,
        currency=g.organization.currency,
    )


@blueprint.route("/result/<uuid:event_id>")
@public
def result(event_id: UUID):
    """The itemised estimate of one use, for the browser that made it."""
    interaction = asking.own_interaction(event_id)
    return render_template(
        "cost/result.html",
        event_id=event_id,
        told=interaction.data,
        form=asking.form_for(event_id),
        known=asking.person(asking.own_use(event_id)) is not None,
        issued=quotes.issued_quote(event_id),
        book=quotes.booking(interaction.data["procedures"]),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return abort(404, "This link was cut short.")


def _sent(name: str) -> dict:
    value = request.form.get(name, "")[: links.LONGEST]
    return {name: value} if value else {}


def _changed() -> dict:
    """The earlier use that this one changes: a quote's, or this browser's own."""
    if sent := _sent("quote"):
        quote_id = links.row_of("quote", sent["quote"])
        found = quote_of(quote_id) if quote_id else None
        return {"changes": found.event_id.hex} if found else {}
    if sent := _sent("from"):
        with suppress(NotFound):  # a browser that has forgotten it begins anew
            return {"changes": asking.own_interaction(_uuid(sent["from"])).event_id.hex}
    return {}


def _form(
    choices: Choices,
    checked: Checked | None = None,
    status: int = 200,
    *,
    changes: dict | None = None,
    replaces: str | None = None,
):
    offer = Offer.now()
    page = render_template(
        "cost/form.html",
        treatments=offer.treatments,
        clinics=offer.clinics,
        settings=offer.settings,
        choices=choices,
        changes=changes or {},
        replaces=replaces,
        errors=checked.errors if checked else {},
        budgets=budgets(offer.settings, g.organization.currency),
        urgencies=URGENCIES,
        use=asking.begin_use(),
        currency=g.organization.currency,
    )
    return page, status


def _chosen() -> tuple[Choices, Checked, Offer]:
    offer = Offer.now()
    choices = forms.read(request.form, offer.treatments)
    return choices, offer.check(choices), offer
