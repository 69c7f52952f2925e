"""What is the signed-in user's own: their password, and which mails they get."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_user

from app.access import role
from app.blueprints.settings import blueprint
from app.blueprints.settings.forms import PasswordForm
from app.caller import caller_id
from app.clock import utc_now
from app.extensions import db, limiter
from app.operations.audit import audit
from app.operations.edit import edit
from app.passwords import hash_password, is_password
from app.queries.users import member, user_by_email


@blueprint.route("/settings/account", methods=["GET", "POST"])
@role("agent")
@limiter.limit("10/minute", methods=["POST"])
def account():
    """Changes the own password."""
    if not current_user.is_authenticated:
        abort(403, "A program's token has no account.")
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form)
    user_id, email, kept = current_user.id, current_user.email, current_user.password_hash
    db.session.rollback()  # hashing is slow on purpose: hold no transaction meanwhile
    if not is_password(kept, form.current.data):
        form.current.errors = ["This is not your password."]
        return _page(form)
    renewed = hash_password(form.new.data)
    user = user_by_email(email)
    user.password_hash = renewed
    login_user(user)  # here it stays signed in; everywhere else the old sign-ins end
    audit("password.changed", f"user {user_id}", user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash("Your password is changed.", "success")
    return redirect(url_for("settings.account"))


@blueprint.post("/settings/account/mail")
@role("agent")
def account_mail():
    """Whether the user gets a mail when a new lead is theirs."""
    if not current_user.is_authenticated:
        abort(403, "A program's token gets no mail.")
    values = {"told_of_leads": request.form.get("told_of_leads") == "1"}
    subject = f"user {current_user.id}"
    mine = member(current_user.id)
    edit(mine, values, "mail.chosen", subject, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("settings.account"), 303)


def _page(form: PasswordForm):
    mine = member(current_user.id)
    page = render_template("settings/account.html", form=form, told_of_leads=mine.told_of_leads)
    return page, 422 if form.errors else 200
