"""The cost calculator: choose, see the range, ask for the quote."""

import json
from secrets import token_hex
from uuid import UUID, uuid4, uuid5

from flask import current_app, g, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from app import asking
from app.access import public
from app.blueprints.tools.cost import blueprint, forms
from app.blueprints.tools.cost.forms import Checked, Choices
from app.clock import utc_now
from app.domain.cost import BUDGETS, DEFAULT_DISCOUNTS, URGENCIES, Discounts, Quote, quote
from app.extensions import db, limiter
from app.operations.use_tool import use_tool
from app.queries import catalogue

TYPE = "cost_calculator"
MONTHS = 12
DRIVERS = 3


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
    choices, checked, priced = _priced()
    if priced is None:
        return _form(choices, checked, 422)
    now = utc_now()
    use = use_tool(
        g.site,
        TYPE,
        identity=g.identity,
        data=_data(choices, priced),
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
    choices, checked, priced = _priced()
    return render_template(
        "cost/_estimate.html",
        quote=priced and priced.to_json(),
        drivers=drivers(priced) if priced else [],
        errors=checked.errors if choices.procedures else {},
        currency=g.organization.currency,
    )


@blueprint.route("/result/<uuid:event_id>")
@public
def result(event_id: UUID):
    """The itemised estimate of one use, for the browser that made it."""
    interaction = asking.own_interaction(event_id)
    data = interaction.data
    return render_template(
        "cost/result.html",
        event_id=event_id,
        quote=data["quote"],
        drivers=data["drivers"],
        currency=data["currency"],
        clinic=data["clinic"],
        form=asking.form_for(event_id),
    )


def _begun_with() -> Choices:
    earlier = request.args.get("from", "")
    try:
        return Choices.from_use(asking.own_interaction(UUID(earlier)).data)
    except ValueError:
        return Choices(procedures=request.args.getlist("treatment")[:20])


def _form(choices: Choices, checked: Checked | None = None, status: int = 200):
    page = render_template(
        "cost/form.html",
        treatments=catalogue.treatments(),
        clinics=catalogue.clinics(),
        choices=choices,
        errors=checked.errors if checked else {},
        budgets=BUDGETS,
        urgencies=URGENCIES,
        use=_signer().dumps(uuid4().hex),
        currency=g.organization.currency,
    )
    return page, status


def _priced() -> tuple[Choices, Checked, Quote | None]:
    treatments = catalogue.treatments()
    choices = forms.read(request.form, treatments)
    checked = forms.check(choices, treatments, catalogue.clinics(), g.organization.name)
    if checked.errors:
        return choices, checked, None
    settings = (g.organization.settings or {}).get("cost", {})
    discounts = settings.get("discounts")
    priced = quote(
        checked.selections,
        checked.clinic,
        Discounts.from_json(discounts) if discounts else DEFAULT_DISCOUNTS,
        settings.get("months", MONTHS),
    )
    return choices, checked, priced


def _data(choices: Choices, priced: Quote) -> dict:
    """What the log keeps of a use; the rules of scoring read procedures, budget, urgency."""
    wishes = {"budget": choices.budget, "urgency": choices.urgency}
    return {
        "procedures": choices.procedures,
        **{name: value for name, value in wishes.items() if value},
        "choices": choices.to_json(),
        "clinic": _clinic_name(choices),
        "currency": g.organization.currency,
        "quote": priced.to_json(),
        "drivers": drivers(priced),
    }


def _clinic_name(choices: Choices) -> str:
    clinics = catalogue.clinics()
    chosen = [clinic for clinic in clinics if clinic.slug == choices.clinic] or clinics[:1]
    return f"{chosen[0].name}, {chosen[0].city}" if chosen else g.organization.name


def drivers(priced: Quote) -> list[dict]:
    """What makes the most of the price: the largest parts, with their share of the total in %."""
    whole = priced.subtotal.high or 1
    parts = [
        {"name": f"{line.name}: {part.name}", "percent": round(100 * part.price.high / whole)}
        for line in priced.lines
        for part in line.parts
        if part.price.high > 0
    ]
    return sorted(parts, key=lambda part: -part["percent"])[:DRIVERS]


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
