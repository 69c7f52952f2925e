"""The face analysis: a photo with consent, measured; what it shows and which treatments fit."""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from flask import abort, current_app, g, redirect, render_template, request, session, url_for

from app import asking
from app.access import public
from app.blueprints.tools.face import blueprint, forms, pictures
from app.blueprints.tools.face.forms import Answers
from app.clients import vision
from app.clients.worker import WorkerBusy, WorkerError
from app.clock import utc_now
from app.domain.tools import skin
from app.domain.tools.cost import URGENCIES
from app.domain.tools.photo import REFUSALS, Refusal
from app.extensions import db, limiter
from app.models import Interaction, Treatment
from app.models.types import from_millis, to_millis
from app.operations.tools.analyse_face import (
    KEEP,
    forget_measurements,
    record_analysis,
    record_refusal,
)
from app.queries.catalogue import catalogue
from app.queries.tools import calculator
from app.uploads import MB, takes

LARGEST = 12
TOO_LARGE = (
    f"That photo is larger than {LARGEST} MB. Send a smaller one: 2,000 pixels across are plenty."
    " Nothing of it was kept."
)
BUSY = Refusal("Several photos are being looked at just now.", "Send yours again in half a minute.")
BROKEN = Refusal(
    "Our photo analysis stumbled over this photo. We are sorry.",
    "Send it once more; if it happens again, take another one. Nothing of it was kept.",
)
# What was measured and not kept stays readable in this browser alone, for as long as this.
READABLE = timedelta(minutes=30)
SEEN = "face"


@blueprint.route("/")
@public
def form():
    """The form; with the answers of an earlier use, or the treatment one came from."""
    if not vision.is_installed():
        return render_template("face/off.html")
    return _form(_begun_with())


@blueprint.route("/", methods=["POST"])
@public
@takes(LARGEST * MB, TOO_LARGE)
@limiter.limit("12/minute")
def analyse():
    """Looks at a photo; what it shows has an address of its own."""
    if not vision.is_installed():
        return render_template("face/off.html"), 503
    treatments = catalogue.treatments()
    answers, given = forms.read(request.form), forms.consents(request.form)
    body = forms.photo(request.files)
    slugs = {treatment.slug for treatment in treatments}
    errors = forms.check(answers, given, bool(body), _concerns(treatments), slugs)
    if errors:
        return _form(answers, errors, status=422)
    db.session.rollback()  # nobody waits for the database while the photo is looked at
    try:
        found = vision.analyse(body)
    except WorkerBusy:
        return _form(answers, refusal=BUSY, status=503)
    except WorkerError:
        return _form(answers, refusal=BROKEN, status=503)
    if isinstance(found, vision.Refusal):
        return _refused(answers, found.reason)
    return _record(answers, given, found, sha256(body).hexdigest())


@blueprint.route("/result/<uuid:event_id>")
@public
def result(event_id: UUID):
    """What one analysis showed, for the browser that sent the photo."""
    interaction = asking.own_interaction(event_id)
    measured, kept = _measured(interaction)
    treatments = catalogue.treatments()
    named = [c for c in skin.CONCERNS if c.key in interaction.data.get("concerns", [])]
    readings = skin.read(measured["measures"]) if measured else []
    fits = skin.fits(readings, named, _offers(treatments))
    picture = pictures.held(event_id)
    answer = current_app.make_response(
        render_template(
            "face/result.html",
            event_id=event_id,
            readings=readings,
            measured=measured is not None,
            missing=_missing(measured),
            hidden=[skin.REGIONS[name] for name in (measured or {}).get("hidden", ())],
            kept=kept,
            picture=picture,
            image=b64encode(picture.jpeg).decode() if picture else "",
            fits=_told(fits, treatments),
            named=[concern.key for concern in named],
            book=_book,
            currency=g.organization.currency,
            form=asking.form_for(event_id),
        )
    )
    answer.headers["Cache-Control"] = "no-store"  # the picture is in the page
    return answer


@blueprint.route("/result/<uuid:event_id>/forget", methods=["POST"])
@public
@limiter.limit("12/minute")
def forget(event_id: UUID):
    """Forgets the picture and the measurements now, kept or not."""
    interaction = asking.own_interaction(event_id)
    pictures.forget(event_id)
    session.pop(SEEN, None)
    forget_measurements(interaction, g.identity, utc_now())
    db.session.commit()
    return redirect(url_for("face.result", event_id=event_id), 303)


def _begun_with() -> Answers:
    earlier = request.args.get("from", "")
    if earlier == "ai":
        return Answers(came_from="ai")
    if earlier:
        return Answers.from_use(asking.own_interaction(_uuid(earlier)).data)
    offered = {treatment.slug for treatment in catalogue.treatments()}
    asked = dict.fromkeys(request.args.getlist("treatment")[:20])
    return Answers(procedures=[slug for slug in asked if slug in offered])


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return abort(404, "This link was cut short.")


def _form(
    answers: Answers,
    errors: dict | None = None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
):
    treatments = catalogue.treatments()
    page = render_template(
        "face/form.html",
        answers=answers,
        errors=errors or {},
        refusal=refusal,
        concerns=_concerns(treatments),
        treatments=treatments,
        budgets=calculator.budgets(),
        urgencies=URGENCIES,
        boxes=forms.BOXES,
        largest=LARGEST,
        use=asking.begin_use(),
    )
    return page, status, {"Retry-After": "30"} if status == 503 else {}


def _refused(answers: Answers, reason: str):
    if g.identity:
        record_refusal(g.site, reason, identity=g.identity, now=utc_now())
        db.session.commit()
    return _form(answers, refusal=REFUSALS[reason], status=422)


def _record(answers: Answers, given: dict, found: vision.Analysis, digest: str):
    now = utc_now()
    measured = {"measures": found.values, "hidden": found.hidden}
    chosen = [answers.to_json(), sorted(given), digest]
    use = record_analysis(
        g.site,
        identity=g.identity,
        told=answers.to_json(),
        measured=measured,
        consents=given,
        url=request.base_url,
        now=now,
        event_id=asking.use_id(request.form.get("use", ""), chosen),
        browser=asking.browser(),
    )
    event_id = use.interaction.event_id
    asking.remember_use(use.interaction, use.decision, now)
    if KEEP not in given:
        session[SEEN] = {"use": event_id.hex, "at": to_millis(now), **measured}
    db.session.commit()
    pictures.hold(event_id, found.picture)
    return redirect(url_for("face.result", event_id=event_id), 303)


def _measured(interaction: Interaction) -> tuple[dict | None, bool]:
    """What was measured, and whether it is kept; None when it was shown and is gone."""
    if "measures" in interaction.data:
        return interaction.data, True
    seen = session.get(SEEN) or {}
    mine = seen.get("use") == interaction.event_id.hex
    fresh = mine and utc_now() - from_millis(seen["at"]) <= READABLE
    return (seen if fresh else None), False


def _missing(measured: dict | None) -> list[str]:
    """The measures that could not be taken of this face."""
    if measured is None:
        return []
    return [m.name for m in skin.MEASURES if m.key not in measured["measures"]]


def _concerns(treatments: list[Treatment]) -> list[skin.Concern]:
    return skin.offered(skin.CONCERNS, _offers(treatments))


def _offers(treatments: list[Treatment]) -> list[skin.Offer]:
    return [skin.Offer(row.slug, [*row.concerns, *row.synonyms]) for row in treatments]


def _told(fits: list[skin.Fit], treatments: list[Treatment]) -> list[tuple[Treatment, skin.Fit]]:
    rows = {row.slug: row for row in treatments}
    return [(rows[fit.slug], fit) for fit in fits]


def _book(slug: str) -> str:
    """Where one books a treatment."""
    if "appointments.form" in current_app.view_functions:
        return url_for("appointments.form", treatment=slug)
    return url_for("site.home", _anchor="visit")
