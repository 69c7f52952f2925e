"""Who belongs to the organization, and with which role."""

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user

from app.access import role
from app.blueprints.settings import blueprint
from app.blueprints.settings.forms import ROLE_CHOICES, TokenForm, UserForm
from app.caller import caller_id
from app.clock import utc_now
from app.extensions import db
from app.models.user import ROLES
from app.operations.audit import audit
from app.operations.change_role import LastOwner, change_role
from app.operations.invite_user import AlreadyMember, invite_user
from app.passwords import hash_password, one_time_password
from app.queries import users as queries
from app.queries.access import memberships_of

ELSEWHERE = "belongs to other organizations too: only they themselves change their password."
LAST_OWNER = "An organization needs an owner. Make somebody else one first."


@blueprint.route("/settings/users", methods=["GET", "POST"])
@role("analyst")
def users():
    """Members and API tokens; an owner adds a member here."""
    if request.method == "GET":
        return people_page()
    if g.role != "owner":
        abort(403, "Only an owner adds users.")
    form = UserForm()
    if not form.validate_on_submit():
        return people_page(form=form), 422
    db.session.rollback()  # hashing is slow on purpose: hold no transaction meanwhile
    password = one_time_password()
    kept = hash_password(password)
    try:
        invited = invite_user(
            form.email.data,
            form.name.data,
            form.role.data,
            kept,
            user_id=caller_id(),
            now=utc_now(),
        )
    except AlreadyMember:
        form.email.errors = ["This user belongs to the organization already."]
        return people_page(form=form), 422
    db.session.commit()
    if invited.is_new:
        return people_page(new_user=(invited.user, password))
    flash(f"{invited.user.email} was added and signs in with the password they have.", "success")
    return redirect(url_for("settings.users"))


def people_page(form=None, token_form=None, new_user=None, new_token=None, renewed=False):
    """Users and tokens; what was just made is shown this once."""
    return render_template(
        "settings/users.html",
        members=queries.members(),
        tokens=queries.tokens(),
        form=form or UserForm(formdata=None),
        token_form=token_form or TokenForm(formdata=None),
        roles=ROLE_CHOICES,
        new_user=new_user,
        renewed=renewed,
        new_token=new_token,
    )


@blueprint.post("/settings/users/<int:user_id>/password")
@role("owner")
def user_password(user_id: int):
    """Makes a new password for a member who lost theirs, and shows it this once."""
    membership = queries.member(user_id) or abort(404, "There is no such user.")
    if len(memberships_of(user_id)) > 1:
        # Their account opens other organizations too, which are not this owner's.
        flash(f"{membership.user.name} {ELSEWHERE}", "error")
        return redirect(url_for("settings.users"))
    db.session.rollback()  # hashing is slow on purpose: hold no transaction meanwhile
    password = one_time_password()
    kept = hash_password(password)
    membership = queries.member(user_id) or abort(404, "There is no such user.")
    membership.user.password_hash = kept
    detail = {"email": membership.user.email}
    audit("password.replaced", f"user {user_id}", detail, user_id=caller_id(), now=utc_now())
    db.session.commit()
    return people_page(new_user=(membership.user, password), renewed=True)


@blueprint.post("/settings/users/<int:user_id>/role")
@role("owner")
def user_role(user_id: int):
    """Gives a member another role."""
    membership = queries.member(user_id) or abort(404, "There is no such user.")
    wanted = request.form.get("role", "")
    if wanted not in ROLES:
        abort(422, f"A role is one of {', '.join(ROLES)}.")
    try:
        change_role(membership, wanted, user_id=caller_id(), now=utc_now())
    except LastOwner:
        flash(LAST_OWNER, "error")
        return redirect(url_for("settings.users"))
    db.session.commit()
    flash(f"{membership.user.name} is now {wanted}.", "success")
    return redirect(url_for("settings.users"))


@blueprint.post("/settings/users/<int:user_id>/remove")
@role("owner")
def user_remove(user_id: int):
    """Ends a membership; what the user did stays in the audit log."""
    membership = queries.member(user_id) or abort(404, "There is no such user.")
    name = membership.user.name
    try:
        change_role(membership, None, user_id=caller_id(), now=utc_now())
    except LastOwner:
        flash(LAST_OWNER, "error")
        return redirect(url_for("settings.users"))
    db.session.commit()
    if current_user.is_authenticated and user_id == current_user.id:
        session.pop("organization_id", None)
        return redirect(url_for("admin.home"))
    flash(f"{name} no longer belongs to {g.organization.name}.", "success")
    return redirect(url_for("settings.users"))
