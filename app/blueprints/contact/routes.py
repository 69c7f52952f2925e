"""The progressive contact form, one for all tools."""

from flask import abort, current_app, g, make_response, redirect, render_template, request, url_for

from app import asking, links
from app.access import public
from app.addresses import row_number
from app.asking import Asked, Person
from app.blueprints.contact import blueprint, forms
from app.clock import utc_now
from app.domain.contact.contact_form import Step
from app.domain.contact.form import ContactForm
from app.domain.validation import Invalid
from app.extensions import db, limiter
from app.hosting import wants_part
from app.models import Interaction
from app.models.types import to_millis
from app.operations.contact.create_lead_from_form import create_lead_from_form
from app.operations.contact.follow_up import follow_up
from app.operations.leads.withdraw_consent import withdraw_consent
from app.operations.tracking.track import Hit, track
from app.queries.contact import contact, contact_form
from app.queries.tracking.sites import facts_of

TRY_AGAIN = "That did not go through. Please check your answers and send them again."
TOO_QUICK = "That was quicker than we expected of a person. Nothing is lost: please send it again."
TOO_OFTEN = "That was a lot at once. Nothing is lost: wait a minute, then send it again."
TOOL_PAGES = {
    "ai_recommendation": "recommendation.result",
    "face_analysis": "face.result",
    "cost_calculator": "cost.result",
    "appointment_booked": "appointments.result",
}


@blueprint.route("/<uuid:event_id>")
@public
def show(event_id):
    """The form alone, as it stands; where it leads without JavaScript."""
    interaction = asking.own_interaction(event_id)
    return _answer(interaction, asking.form_for(event_id))


def _too_many(_limit):
    """What was typed is shown again, so that it can be sent in a minute."""
    event_id = request.view_args["event_id"]
    interaction = asking.own_interaction(event_id)
    form = _form_shown()
    step = _step(form, request.view_args["n"])
    someone = asking.person(asking.own_use(event_id))
    sent = forms.read(request.form, step)
    page, _ = _again(interaction, form, step, someone, sent, TOO_OFTEN)
    return make_response(page, 429)


@blueprint.route("/<uuid:event_id>/step/<int:n>", methods=["POST"])
@public
@limiter.limit("30/minute", on_breach=_too_many)
def step(event_id, n):
    """Takes one step: what it brings is saved at once."""
    interaction = asking.own_interaction(event_id)
    form = _form_shown()
    asked_for = _step(form, n)
    use = asking.own_use(event_id)
    if request.form.get("someone_else"):
        asking.forget_person(use)
        return _next(interaction)
    someone = asking.person(use)
    sent = forms.read(request.form, asked_for)
    if someone is None and n > 1:
        return _next(interaction)  # the first step makes the lead
    if forms.is_trapped(request.form):
        _count_bot()
        return _again(interaction, form, asked_for, someone, sent, TRY_AGAIN)
    if someone is None and not _is_human_pace(interaction):
        return _again(interaction, form, asked_for, someone, sent, TOO_QUICK)
    region = (g.organization.settings or {}).get("region", "FR")
    confirmed = request.form.get("confirmed_email", "")
    forms.check(sent, asked_for, region, someone is not None, confirmed)
    if sent.errors:
        return _again(interaction, form, asked_for, someone, sent)
    try:
        _take(interaction, asked_for, n, someone, sent)
    except Invalid as invalid:
        db.session.rollback()
        sent.errors = invalid.fields
        return _again(interaction, form, asked_for, someone, sent)
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


@blueprint.route("/<uuid:event_id>/withdraw", methods=["POST"])
@public
@limiter.limit("30/minute")
def withdraw(event_id):
    """Takes a consent back that was given at this browser."""
    interaction = asking.own_interaction(event_id)
    someone = asking.person(asking.own_use(event_id))
    kinds = {one.kind for one, _ in asking.receipts(someone)}
    kind = request.form.get("kind", "")
    # Whoever only typed a known address takes nothing back in its owner's name.
    if someone and someone.made and kind in kinds:
        withdraw_consent(someone.lead, kind, user_id=None, now=utc_now())
        db.session.commit()
    return _next(interaction)


def _form_shown() -> ContactForm:
    """The form as this visitor saw it, though another may have been published since: its words are
    what they answer and agree to."""
    shown = request.form.get("form", type=row_number)
    return (contact_form.version(shown) if shown is not None else None) or contact_form.form()


def _step(form: ContactForm, n: int) -> Step:
    if not 1 <= n <= len(form.steps):
        abort(404)
    return form.step_with_privacy(form.steps[0]) if n == 1 else form.steps[n - 1]


def _count_bot():
    hit = Hit(
        g.organization.id, to_millis(utc_now()), [], facts_of(g.site), dropped=[(None, "bot")]
    )
    track([hit], now=utc_now())
    db.session.commit()


def _is_human_pace(interaction: Interaction) -> bool:
    stamped = request.form.get("stamp")
    return asking.is_human_pace(stamped, interaction.event_id, utc_now())


def _take(interaction, step: Step, n: int, someone: Person | None, sent: forms.Sent):
    """Saves what the step brought, and remembers that this browser gave it."""
    now = utc_now()
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
            now=now,
            lead=lead,
            trusted=someone is not None and someone.made,
            answers=sent.answers,
        )
    use = asking.own_use(interaction.event_id)
    agreed = contact.consents_given_at(lead.id, now) if sent.consents else ()
    asking.remember_answers(use, step, n, lead, created, sent.clean, agreed)
    follow_up(
        interaction,
        lead,
        asking.told_by(asking.person(use)) | sent.clean,
        site=g.site,
        identity=g.identity,
        link=links.address,
        now=now,
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


def _again(
    interaction: Interaction,
    form: ContactForm,
    step: Step,
    someone: Person | None,
    sent: forms.Sent,
    message: str = "",
):
    """The same step with what was entered, and what to mend."""
    stamped = request.form.get("stamp", "")
    keep = asking.is_stamp(stamped, interaction.event_id)
    more = {"stamp": stamped} if keep else {}
    values = sent.values | {f"consent_{kind}": True for kind in sent.consents}
    if sent.meant:
        values["confirmed_email"] = sent.clean["email"]
    asked = asking.asked_at(
        interaction.event_id,
        step,
        someone,
        form=form,
        values=values,
        errors=sent.errors,
        message=message,
        meant=sent.meant,
        **more,
    )
    return _answer(interaction, asked, 422)


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
