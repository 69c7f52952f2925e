"""Signing in and out, and choosing the organization."""

from flask import flash, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user

from app.access import public, role
from app.blueprints.auth import blueprint
from app.blueprints.auth.forms import SignInForm
from app.clock import utc_now
from app.extensions import db, limiter
from app.passwords import hash_password, is_outdated, is_password
from app.queries.access import memberships_of
from app.queries.users import user_by_email
from app.way_back import way_back

REFUSED = "This e-mail and password do not belong together."
SLOW_DOWN = "Too many attempts. Wait a minute, then try again; nothing is locked."


def _account() -> str:
    return request.form.get("email", "").strip().lower()[:254]


def _too_many(_limit):
    form = SignInForm()
    return make_response(_sign_in_page(form, problem=SLOW_DOWN), 429)


@blueprint.route("/login", methods=["GET", "POST"])
@public
@limiter.limit("10/minute", methods=["POST"], on_breach=_too_many)
@limiter.limit("10/minute", key_func=_account, methods=["POST"], on_breach=_too_many)
def login():
    """The sign-in page."""
    form = SignInForm()
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(way_back(url_for("admin.home")))
        return _sign_in_page(form)
    if not form.validate_on_submit():
        return _sign_in_page(form), 422
    user = user_by_email(form.email.data)
    facts = (user.id, user.password_hash) if user and user.active else (None, None)
    db.session.rollback()  # verifying takes long on purpose: hold no transaction meanwhile
    user_id, kept = facts
    if not is_password(kept, form.password.data):
        return _sign_in_page(form, problem=REFUSED), 401
    renewed = hash_password(form.password.data) if is_outdated(kept) else None
    user = user_by_email(form.email.data)
    if user is None or user.id != user_id:
        return _sign_in_page(form, problem=REFUSED), 401
    session.clear()
    user.last_login_at = utc_now()
    user.password_hash = renewed or user.password_hash
    login_user(user, remember=form.remember.data)
    db.session.commit()
    return redirect(way_back(url_for("admin.home")))


@blueprint.route("/logout", methods=["POST"])
@public
def logout():
    """Signs out; who is not signed in ends on the same page."""
    logout_user()
    session.pop("organization_id", None)
    flash("You are signed out.", "success")
    return redirect(url_for("auth.login"))


@blueprint.route("/organization", methods=["POST"])
@role("agent")
def switch():
    """Acts for another of the user's organizations from now on."""
    picked = request.form.get("organization_id", "")
    for membership in memberships_of(current_user.id) if current_user.is_authenticated else ():
        if str(membership.organization_id) == picked:
            session["organization_id"] = membership.organization_id
            return redirect(url_for("admin.home"))
    flash("You do not belong to that organization.", "error")
    return redirect(url_for("admin.home"))


def _sign_in_page(form: SignInForm, problem: str | None = None) -> str:
    return render_template("auth/login.html", form=form, problem=problem)
