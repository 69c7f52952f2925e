"""The progressive contact form, one for all tools."""

from flask import abort, current_app, g, redirect, render_template, request, url_for

from app import asking, links
from app.access import public
from app.asking import Asked, Person
from app.blueprints.contact import blueprint, forms
from app.clock import utc_now
from app.domain.contact_form import Step
from app.domain.validation import Invalid
from app.extensions import db, limiter
from app.hosting import wants_part
from app.models import Interaction
from app.models.types import to_millis
from app.operations.create_lead_from_form import create_lead_from_form
from app.operations.follow_up import follow_up
from app.operations.track import Hit, track
from app.queries import contact, contact_form
from app.queries.sites import facts_of

TRY_AGAIN = "That did not go through. Please check your answers and send them again."
TOOL_PAGES = {"ai_recommendation": "recommendation.result", "cost_calculator": "cost.result"}


@blueprint.route("/<uuid:event_id>")
@public
def show(event_id):
    """The form alone, as it stands; where it leads without JavaScript."""
    interaction = asking.own_interaction(event_id)
    return _answer(interaction, asking.form_for(event_id))


@blueprint.route("/<uuid:event_id>/step/<int:n>", methods=["POST"])
@public
@limiter.limit("30/minute")
def step(event_id, n):
    """Takes one step: what it brings is saved at once."""
    interaction = asking.own_interaction(event_id)
    asked_for = _step(n)
    use = asking.own_use(event_id)
    if request.form.get("someone_else"):
        asking.forget_person(use)
        return _next(interaction)
    someone = asking.person(use)
    sent = forms.read(request.form, asked_for)
    if someone is None and n > 1:
        return _next(interaction)  # the first step makes the lead
    if _is_bot(interaction, someone):
        return _again(interaction, asked_for, someone, sent, TRY_AGAIN)
    region = (g.organization.settings or {}).get("region", "FR")
    forms.check(sent, asked_for, region, reachable=someone is not None)
    if sent.errors:
        return _again(interaction, asked_for, someone, sent)
    try:
        _take(interaction, asked_for, n, someone, sent)
    except Invalid as invalid:
        db.session.rollback()
        sent.errors = invalid.fields
        return _again(interaction, asked_for, someone, sent)
    db.session.commit()
    return _next(interaction)


@blueprint.route("/<uuid:event_id>/dismiss", methods=["POST"])
@public
@limiter.limit("30/minute")
def dismiss(event_id):
    """Puts the form away for the rest of this visit; after the first step it is the end of it."""
    interaction = asking.own_interaction(event_id)
    if asking.own_use(event_id).get(asking.PERSON):
        asking.finish(asking.own_use(event_id))
        return _next(interaction)
    asking.record_once("form_dismissed", interaction, now=utc_now())
    asking.dismiss(interaction)
    db.session.commit()
    if wants_part():
        return render_template("contact/_dismissed.html")
    return redirect(_back(interaction), 303)


def _step(n: int) -> Step:
    steps = contact_form.steps()
    if not 1 <= n <= len(steps):
        abort(404)
    return asking.with_privacy(steps[0]) if n == 1 else steps[n - 1]


def _is_bot(interaction: Interaction, someone: Person | None) -> bool:
    """A filled honeypot, or a first answer faster than people type; the former is counted."""
    if forms.is_trapped(request.form):
        now = to_millis(utc_now())
        hit = Hit(g.organization.id, now, [], facts_of(g.site), dropped=[(None, "bot")])
        track([hit], now=utc_now())
        db.session.commit()
        return True
    stamped = request.form.get("stamp")
    return someone is None and not asking.is_human_pace(stamped, interaction.event_id, utc_now())


def _take(interaction, step: Step, n: int, someone: Person | None, sent: forms.Sent):
    """Saves what the step brought, and remembers that this browser gave it."""
    lead, created = (someone.lead, False) if someone else (None, False)
    if lead is None or not sent.is_blank:
        lead, created = create_lead_from_form(
            sent.values,
            site=g.site,
            interaction=interaction,
            identity=g.identity,
            source=_source(interaction),
            utm=None,
            consents=sent.consents,
            now=utc_now(),
            lead=lead,
            trusted=someone is not None and someone.made,
        )
    use = asking.own_use(interaction.event_id)
    asking.remember_answers(use, step, n, lead, created, sent.clean)
    follow_up(
        interaction,
        lead,
        asking.told_by(asking.person(use)) | sent.clean,
        site=g.site,
        identity=g.identity,
        link=links.address,
        now=utc_now(),
    )


def _source(interaction: Interaction) -> str:
    """How the visitor came, the channel of their visit; "form" when that is not known."""
    visit = contact.visit(interaction.visitor_session_id)
    return visit.channel if visit else "form"


def _next(interaction: Interaction):
    """The step after this one: in place, or without JavaScript on a page of its own."""
    if wants_part():
        return _answer(interaction, asking.form_for(interaction.event_id))
    return redirect(url_for("contact.show", event_id=interaction.event_id), 303)


def _again(interaction, step: Step, someone: Person | None, sent: forms.Sent, message: str = ""):
    """The same step with what was entered, and what to mend."""
    stamped = request.form.get("stamp", "")
    keep = asking.is_stamp(stamped, interaction.event_id)
    more = {"stamp": stamped} if keep else {}
    values = sent.values | {f"consent_{kind}": True for kind in sent.consents}
    form = asking.asked_at(
        interaction.event_id,
        step,
        someone,
        values=values,
        errors=sent.errors,
        message=message,
        **more,
    )
    return _answer(interaction, form, 422)


def _answer(interaction: Interaction, form: Asked | None, status: int = 200):
    if form is None:
        return redirect(_back(interaction))
    template = "contact/_form.html" if wants_part() else "contact/show.html"
    page = render_template(template, form=form, back=_back(interaction))
    return page, status


def _back(interaction: Interaction) -> str:
    """The page of the tool's result."""
    endpoint = TOOL_PAGES.get(interaction.type)
    if endpoint in current_app.view_functions:
        return url_for(endpoint, event_id=interaction.event_id)
    return url_for("site.home")
