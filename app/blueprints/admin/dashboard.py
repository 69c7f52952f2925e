"""The main dashboard: panels that stand alone, each with an address of its own."""

import structlog
from flask import abort, g, render_template, request

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin.filters import chosen_site
from app.blueprints.admin.panels import PANELS, Panel
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.period import RANGES, last_days, read_period
from app.domain.validation import Invalid
from app.errors import invalid
from app.extensions import db
from app.queries.tracking.dashboard import Figures
from app.queries.tracking.sites import sites

log = structlog.get_logger()


@blueprint.get("/admin/comprehensive/dashboard")
@role("analyst")
def dashboard():
    """Every panel for the range and site in the address."""
    today = utc_now().date()
    problems = {}
    try:
        period = read_period(request.args, today)
    except Invalid as error:
        problems, period = error.fields, last_days(30, today)
    figures = Figures(period, chosen_site())
    page = render_template(
        "admin/dashboard.html",
        panels={name: _render(name, panel, figures) for name, panel in PANELS.items()},
        widths={name: panel.width for name, panel in PANELS.items()},
        figures=figures,
        period=period,
        problems=problems,
        ranges=RANGES,
        sites=sites(),
    )
    return page, 422 if problems else 200


@blueprint.get("/admin/comprehensive/dashboard/panel/<name>")
@role("analyst")
def panel(name: str):
    """One panel, as it stands in the page; with `format=csv` its table."""
    wanted = PANELS.get(name) or abort(404)
    try:
        period = read_period(request.args, utc_now().date())
    except Invalid as error:
        raise invalid(error.fields) from None
    figures = Figures(period, chosen_site())
    if request.args.get("format") == "csv":
        shown = wanted.show(figures)
        table = [[label for label, _ in shown.columns], *(row.cells for row in shown.rows)]
        return csv_answer(f"{name}-{period.first}-{period.last}", csv_lines(table))
    return _render(name, wanted, figures)


def _render(name: str, panel: Panel, figures: Figures) -> str:
    """A panel's card; one that breaks says so in its place and leaves the others alone."""
    try:
        shown = panel.show(figures)
        return render_template(
            f"admin/panels/{panel.partial}.html",
            name=name,
            panel=panel,
            shown=shown,
            figures=figures,
        )
    except Exception:
        db.session.rollback()
        log.exception("dashboard.panel_failed", panel=name, organization_id=g.organization.id)
        return render_template("admin/panels/_broken.html", name=name, panel=panel)
