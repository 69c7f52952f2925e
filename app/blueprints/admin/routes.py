"""Where the signed-in product begins."""

from flask import redirect, url_for

from app.access import may, role
from app.blueprints.admin import blueprint, dashboard, interactions  # noqa: F401


@blueprint.get("/admin")
@role("agent")
def home():
    """Sends on to the first page the caller may open."""
    return redirect(url_for("admin.dashboard" if may("analyst") else "leads.index"))
