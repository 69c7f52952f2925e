"""Keys by which programs call the API."""

from flask import abort, flash, redirect, url_for

from app.access import role
from app.blueprints.settings import blueprint
from app.blueprints.settings.forms import TokenForm
from app.blueprints.settings.users import people_page
from app.caller import caller_id
from app.clock import utc_now
from app.extensions import db
from app.operations.audit import audit
from app.operations.issue_token import issue_token
from app.queries import access as queries


@blueprint.post("/settings/tokens")
@role("owner")
def token_new():
    """Makes a token and shows it, this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return people_page(token_form=form), 422
    secret = issue_token(form.name.data, form.role.data, user_id=caller_id(), now=utc_now())
    db.session.commit()
    return people_page(new_token=(form.name.data, secret))


@blueprint.post("/settings/tokens/<int:token_id>/revoke")
@role("owner")
def token_revoke(token_id: int):
    """Ends a token for good; revoking twice changes nothing."""
    token = queries.token(token_id) or abort(404, "There is no such token.")
    if token.revoked_at is None:
        now = utc_now()
        token.revoked_at = now
        detail = {"name": token.name}
        audit("token.revoked", f"token {token.id}", detail, user_id=caller_id(), now=now)
        db.session.commit()
    flash(f"The token “{token.name}” no longer opens anything.", "success")
    return redirect(url_for("settings.users"))
