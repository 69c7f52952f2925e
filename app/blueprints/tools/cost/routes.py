"""The cost calculator: choose, see the range, ask for the quote."""

import json
from secrets import token_hex
from uuid import UUID, uuid4, uuid5

from flask import current_app, g, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from app import asking
from app.access import public
from app.blueprints.tools.cost import blueprint, forms, pricing
from app.blueprints.tools.cost.forms import Checked, Choices
from app.blueprints.tools.cost.pricing import Offer
from app.clock import utc_now
from app.domain.calculator import budgets
from app.domain.cost import URGENCIES
from app.extensions import db, limiter
from app.operations.use_tool import use_tool

TYPE = "cost_calculator"


@blueprint.route("/")
@public
def form():
    """The calculator; with choices of an earlier use, or the treatment one came from."""
    return _form(_begun_with())


@blueprint.route("/", methods=["POST"])
@public
@limiter.limit("30/minute")
def calculate():
    """A use of the tool: priced, recorded, scored; then its own address."""
    choices, checked, offer = _chosen()
    if checked.errors:
        return _form(choices, checked, 422)
    now = utc_now()
    use = use_tool(
        g.site,
        TYPE,
        identity=g.identity,
        data=pricing.data(choices, checked, offer),
        url=request.base_url,
        now=now,
        event_id=_event_id(choices),
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
    )


def _begun_with() -> Choices:
    earlier = request.args.get("from", "")
    try:
        return Choices.from_use(asking.own_interaction(UUID(earlier)).data)
    except ValueError:
        return Choices(procedures=request.args.getlist("treatment")[:20])


def _form(choices: Choices, checked: Checked | None = None, status: int = 200):
    offer = Offer.now()
    page = render_template(
        "cost/form.html",
        treatments=offer.treatments,
        clinics=offer.clinics,
        settings=offer.settings,
        choices=choices,
        errors=checked.errors if checked else {},
        budgets=budgets(offer.settings, g.organization.currency),
        urgencies=URGENCIES,
        use=_signer().dumps(uuid4().hex),
        currency=g.organization.currency,
    )
    return page, status


def _chosen() -> tuple[Choices, Checked, Offer]:
    offer = Offer.now()
    choices = forms.read(request.form, offer.treatments)
    return choices, offer.check(choices), offer


def _event_id(choices: Choices) -> UUID:
    """The same form sent again with the same choices is the same use; other choices another."""
    try:
        shown = UUID(_signer().loads(request.form.get("use", "")))
    except (BadSignature, ValueError, TypeError):
        return uuid4()
    chosen = [choices.procedures, choices.to_json(), choices.budget, choices.urgency]
    return uuid5(shown, json.dumps(chosen, sort_keys=True))


def _signer() -> URLSafeSerializer:
    # Bound to the session, so that one browser's form cannot be sent as another's.
    key = session.setdefault("form_key", token_hex(8))
    return URLSafeSerializer(current_app.secret_key, salt=f"cost {key}")
