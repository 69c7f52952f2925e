"""The mails that go out: what is due, what was sent, what failed and why."""

from datetime import timedelta

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for

from app.access import role
from app.addresses import row_number
from app.blueprints.admin import blueprint
from app.caller import caller_id
from app.clients.mail import Refused
from app.clock import utc_now
from app.extensions import db
from app.jobs.letters import written
from app.models import OutboxMessage
from app.operations.audit import audit
from app.queries import outgoing as queries

AT_ONCE = 50
PATIENCE = timedelta(minutes=5)


@blueprint.get("/admin/outgoing")
@role("admin")
def outgoing():
    """Mails, newest first, by what became of them."""
    state = request.args.get("state", "")
    before = request.args.get("before", type=row_number)
    mails = queries.mails(state, before, AT_ONCE + 1)
    return render_template(
        "admin/outgoing/index.html",
        mails=mails[:AT_ONCE],
        older=mails[AT_ONCE - 1].id if len(mails) > AT_ONCE else None,
        before=before,
        state=state if state in queries.STATES else "",
        counts=queries.mail_counts(),
        late=queries.is_any_late(utc_now() - PATIENCE),
        in_folder=not current_app.config["MAIL"],
        folder=current_app.config["DATA"] / "mail",
    )


@blueprint.get("/admin/outgoing/<int:message_id>")
@role("admin")
def outgoing_mail(message_id: int):
    """One mail as it goes out."""
    mail = _mail(message_id)
    try:
        subject, text = written(mail, g.organization)
    except Refused as problem:
        subject, text = "", str(problem)
    return render_template("admin/outgoing/show.html", mail=mail, subject=subject, text=text)


@blueprint.post("/admin/outgoing/<int:message_id>/again")
@role("admin")
def outgoing_again(message_id: int):
    """Sends a mail that failed, was dropped or was sent, once more."""
    mail = _mail(message_id)
    if mail.done_at is None and mail.state != "trying":
        flash("It is on its way already.", "info")
    else:
        mail.send_again(utc_now())
        _done(mail, "mail.sent_again", "It goes out again now.")
    return redirect(url_for("admin.outgoing_mail", message_id=message_id), 303)


@blueprint.post("/admin/outgoing/<int:message_id>/drop")
@role("admin")
def outgoing_drop(message_id: int):
    """Keeps a mail that waits from going out."""
    mail = _mail(message_id)
    if mail.done_at is not None:
        flash("There is nothing left to stop.", "info")
    else:
        mail.drop(utc_now())
        _done(mail, "mail.dropped", "It does not go out. Send it again, if that was a mistake.")
    return redirect(url_for("admin.outgoing_mail", message_id=message_id), 303)


def _mail(message_id: int) -> OutboxMessage:
    return queries.mail(message_id) or abort(404, "There is no such mail any more.")


def _done(mail: OutboxMessage, action: str, words: str):
    audit(action, f"mail {mail.id}", {"kind": mail.kind}, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash(words, "success")
