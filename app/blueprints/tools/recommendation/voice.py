"""A recording in place of typed words: understood, shown to be corrected, kept nowhere."""

from threading import Thread

from flask import current_app, make_response, render_template, request
from werkzeug.datastructures import FileStorage, MultiDict

from app.access import public
from app.blueprints.tools.recommendation import blueprint, forms, routes
from app.blueprints.tools.recommendation.forms import Wish
from app.clients import speech
from app.domain.tools.recording import LARGEST_MB, REFUSALS, Transcript
from app.extensions import db, limiter
from app.hosting import wants_part
from app.queries.tools import vocabulary
from app.uploads import MB, takes

TOO_LARGE = "{0.said} {0.tip}".format(REFUSALS["too_large"])
OURS = ("busy", "unavailable")


@blueprint.route("/voice", methods=["POST"])
@public
@takes((LARGEST_MB + 1) * MB, TOO_LARGE)
@limiter.limit("12/minute")
def hear():
    """What was said, in the form's own text box; only what is sent from there counts as a use."""
    wish = forms.read(request.form)
    wish.errors.clear()  # nothing is asked of the other fields yet
    recording = _recording(request.files)
    if len(recording) > LARGEST_MB * MB:
        return _refused(wish, "too_large")
    if not recording:
        return _refused(wish, "empty")
    words = vocabulary.spoken()
    db.session.rollback()  # nobody waits for the database while we listen
    heard = speech.transcribe(recording, words)
    if isinstance(heard, speech.Refusal):
        return _refused(wish, heard.reason)
    return _heard(wish, heard)


@blueprint.route("/voice/ready", methods=["POST"])
@public
@limiter.limit("30/minute")
def ready():
    """Somebody begins to speak: what will listen to them is started beside the request."""
    words, app = vocabulary.spoken(), current_app._get_current_object()
    db.session.rollback()

    def prepare():
        with app.app_context():
            speech.prepare(words)

    Thread(target=prepare, daemon=True).start()
    return "", 204


def _recording(files: MultiDict[str, FileStorage]) -> bytes:
    return next((body for file in files.getlist("recording") if (body := file.read())), b"")


def _heard(wish: Wish, transcript: Transcript):
    wish.text = "\n".join(filter(None, (wish.text, transcript.text)))
    wish.spoken = True
    return _answer(wish, 200, transcript=transcript)


def _refused(wish: Wish, reason: str):
    status = 503 if reason in OURS else 422
    return _answer(wish, status, refusal=REFUSALS[reason])


def _answer(wish: Wish, status: int, *, transcript=None, refusal=None):
    """The page again, or for a script only what is said of the recording."""
    shown = {"transcript": transcript, "refusal": refusal}
    if wants_part():
        answer = make_response(render_template("recommendation/_heard.html", **shown), status)
    else:
        answer = make_response(routes.page(wish, status=status, **shown))
    answer.headers["Cache-Control"] = "no-store"
    return answer
