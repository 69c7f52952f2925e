"""The organization's own settings, and its audit log."""

from flask import flash, g, redirect, render_template, request, url_for

from app.access import may, role
from app.addresses import row_number
from app.blueprints.settings import blueprint
from app.blueprints.settings.forms import OrganizationForm
from app.caller import caller_id
from app.clock import utc_now
from app.errors import ApiError
from app.extensions import db
from app.operations.audit import audit as audit_line
from app.operations.edit import edit
from app.operations.hold_organization import hold_organization
from app.queries import users as queries
from app.queries.cursor import Cursor

AT_ONCE = 50


@blueprint.route("/settings/organization", methods=["GET", "POST"])
@role("analyst")
def organization():
    """Name, time zone, currency and country."""
    settings = g.organization.settings or {}
    form = OrganizationForm(obj=g.organization, region=settings.get("region", "FR"))
    if request.method == "POST" and not may("admin"):
        raise ApiError(403, "Only an admin or an owner changes these settings.")
    if not form.validate_on_submit():
        return render_template("settings/organization.html", form=form), 422 if form.errors else 200
    values = {name: form[name].data for name in ("name", "timezone", "currency")}
    subject = f"organization {g.organization.id}"
    who = {"user_id": caller_id(), "now": utc_now()}
    hold_organization()
    edit(g.organization, values, "organization.edited", subject, **who)
    _move_to(form.region.data, subject, who)
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("settings.organization"))


def _move_to(region: str, subject: str, who: dict):
    """Notes the country, if it is another one."""
    settings = g.organization.settings or {}
    before = settings.get("region", "FR")
    if region != before:
        g.organization.settings = {**settings, "region": region}
        audit_line("organization.edited", subject, {"changed": {"region": [before, region]}}, **who)


@blueprint.get("/settings/audit")
@role("analyst")
def audit():
    """Who changed what, newest first."""
    action, user, after = (request.args.get(n, "") for n in ("action", "user", "after"))
    user_id = request.args.get("user", type=row_number)
    lines = queries.audit_lines(
        action=action, user_id=user_id, after=Cursor.read(after), limit=AT_ONCE + 1
    )
    last = lines[AT_ONCE - 1][0] if len(lines) > AT_ONCE else None
    return render_template(
        "settings/audit.html",
        lines=lines[:AT_ONCE],
        older=Cursor(last.at, last.id) if last else None,
        actions=queries.audit_actions(),
        members=queries.members(),
        action=action,
        user=user,
        after=after,
    )
