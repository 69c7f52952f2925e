"""The recommendation: say in your own words what bothers you, see which treatments fit."""

from uuid import UUID

from flask import abort, g, redirect, render_template, request, url_for

from app import asking
from app.access import public
from app.blueprints.tools.recommendation import blueprint, forms, present
from app.blueprints.tools.recommendation.forms import LONGEST_TEXT, Wish
from app.clients import speech
from app.clock import utc_now
from app.domain.tools.cost import URGENCIES
from app.domain.tools.recommendation import Answer
from app.domain.tools.recording import LARGEST_MB, LONGEST_SECONDS, Refusal, Transcript
from app.extensions import db, limiter
from app.operations.contact.read_contact import clean_text
from app.operations.tools.use_tool import use_tool
from app.operations.tracking.record_visit_act import record_visit_act
from app.queries.catalogue import catalogue
from app.queries.tools import calculator, recommendation

TYPE = "ai_recommendation"
LONGEST_LABEL = 100


@blueprint.route("/")
@public
def form():
    """The question; with the words of an earlier use when one comes back to change them."""
    recommendation.prepare(recommendation.offers())
    return page(_begun_with())


@blueprint.route("/", methods=["POST"])
@public
@limiter.limit("30/minute")
def recommend():
    """A use of the tool: matched, recorded, scored; then its own address. What fits nothing is no
    use, but the owner sees that it was asked."""
    wish = forms.read(request.form)
    if wish.errors:
        return page(wish, status=422)
    offers = recommendation.offers()
    db.session.rollback()  # the matching may take a moment: nobody waits for us meanwhile
    answer = recommendation.answer(offers, wish.text)
    event_id = asking.use_id(request.form.get("use", ""), [wish.text, wish.answers])
    if not answer.matches:
        _record_search(wish, answer, event_id)
        return page(wish, answer)
    now = utc_now()
    use = use_tool(
        g.site,
        TYPE,
        identity=g.identity,
        data=present.data(wish, answer),
        url=request.base_url,
        now=now,
        event_id=event_id,
        browser=asking.browser(),
    )
    asking.remember_use(use.interaction, use.decision, now)
    db.session.commit()
    return redirect(url_for("recommendation.result", event_id=use.interaction.event_id), 303)


@blueprint.route("/result/<uuid:event_id>")
@public
def result(event_id: UUID):
    """What fits and why, for the browser that asked."""
    data = asking.own_interaction(event_id).data or abort(404)
    offered = {treatment.slug: treatment for treatment in catalogue.treatments()}
    fits = present.fits(data, offered)
    return render_template(
        "recommendation/result.html",
        event_id=event_id,
        told=present.marked(data),
        fits=fits,
        left_out=[offered[slug].name for slug in data.get("left_out", ()) if slug in offered],
        slugs=[fit.treatment.slug for fit in fits],
        currency=g.organization.currency,
        book=present.booking(fits[0].treatment.slug if fits else None),
        form=asking.form_for(event_id),
    )


def _begun_with() -> Wish:
    """The words of an earlier use of this browser's own, or of an example that was followed."""
    try:
        data = asking.own_interaction(UUID(request.args["from"])).data or {}
    except (KeyError, ValueError):
        return Wish(clean_text(request.args.get("text", ""))[:LONGEST_TEXT])
    return Wish(
        data.get("text", ""),
        data.get("budget", ""),
        data.get("urgency", ""),
        spoken=data.get("spoken", False),
    )


def page(
    wish: Wish,
    answer: Answer | None = None,
    *,
    transcript: Transcript | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
):
    """The form with what was told so far: written, or heard (`transcript`), or not made out
    (`refusal`)."""
    treatments = catalogue.treatments()
    text = render_template(
        "recommendation/form.html",
        wish=wish,
        answer=answer,
        transcript=transcript,
        refusal=refusal,
        listener=speech.listener(),
        longest_seconds=LONGEST_SECONDS,
        largest_mb=LARGEST_MB,
        left_out=[t.name for t in treatments if answer and t.slug in answer.left_out],
        examples=present.examples(treatments),
        budgets=calculator.budgets(),
        urgencies=URGENCIES,
        longest=LONGEST_TEXT,
        use=asking.begin_use(),
    )
    return text, status


def _record_search(wish: Wish, answer: Answer, event_id: UUID):
    """Asked in vain: a search without results, which the owner can read in the log."""
    if g.identity is None:
        return
    record_visit_act(
        "search",
        site=g.site,
        identity=g.identity,
        data={"query": wish.text, "results": 0, "tool": TYPE, "reason": answer.refusal},
        label=wish.text[:LONGEST_LABEL],
        url=request.base_url,
        now=utc_now(),
        event_id=event_id,
    )
    db.session.commit()
