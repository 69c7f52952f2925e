"""Websites, their snippet, and whether it works."""

from flask import abort, flash, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.settings import blueprint
from app.blueprints.settings.forms import IDENTITY_MODES, SiteForm
from app.caller import caller_id
from app.clock import utc_now
from app.domain.wording import reason_in_words
from app.extensions import db
from app.models import Site
from app.operations.edit import edit
from app.operations.tracking.create_site import create_site
from app.queries.tracking import sites as queries
from app.queries.tracking.installation import installation

FRESH_SECONDS = 300
ADVICE = {
    "do_not_track": "Their browsers ask not to be tracked, and this site honours it.",
    "bot": "Nothing to do: machines are not visitors.",
    "prerender": "Nothing to do: nobody has seen these pages yet.",
    "site_inactive": "Tick “Take events from this website” in the site's settings.",
    "no_visitor": "Call leadlight('consent', {analytics: true}) when your banner is accepted.",
    "foreign_origin": "Add the other website under “Further domains”.",
}


def _site(site_id: int) -> Site:
    return queries.site(site_id) or abort(404, "There is no such site.")


@blueprint.get("/settings/sites")
@role("analyst")
def sites():
    """All websites of the organization."""
    now = utc_now()
    rows = [(site, installation(site.id, now).latest) for site in queries.sites()]
    return render_template("settings/sites.html", rows=rows, modes=IDENTITY_MODES)


@blueprint.route("/settings/sites/new", methods=["GET", "POST"])
@role("admin")
def new_site():
    """Adds a website; its snippet comes next."""
    form = SiteForm()
    if not form.validate_on_submit():
        return _form_page(form, None)
    site = create_site(form.values(), user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash(f"{site.name} is ready. Put the snippet on its pages.", "success")
    return redirect(url_for("settings.site", site_id=site.id))


@blueprint.get("/settings/sites/<int:site_id>")
@role("analyst")
def site(site_id: int):
    """A site's snippet and what arrives by it."""
    found = _site(site_id)
    told = {"site": found, "snippet": snippet(found), "modes": IDENTITY_MODES}
    return render_template("settings/site.html", **told, **_check(found))


@blueprint.get("/settings/sites/<int:site_id>/check")
@role("analyst")
def check(site_id: int):
    """What arrives from a site right now: a part of its page that refreshes itself."""
    found = _site(site_id)
    return render_template("settings/_check.html", site=found, **_check(found))


def _check(site: Site) -> dict:
    now = utc_now()
    found = installation(site.id, now)
    age = (now - found.latest.received_at).total_seconds() if found.latest else None
    return {
        "latest": found.latest,
        "receiving": age is not None and age < FRESH_SECONDS,
        "dropped": [
            (reason_in_words(reason), amount, ADVICE.get(reason, ""))
            for reason, amount in found.dropped.items()
        ],
    }


def snippet(site: Site) -> str:
    """The line to paste; strict HTML, so that it can be copied as it stands."""
    mode = "" if site.identity_mode == "cookieless" else f' data-mode="{site.identity_mode}"'
    source = f"{request.url_root}track.js"
    return f'<script defer src="{source}" data-site="{site.key}"{mode}></script>'


@blueprint.route("/settings/sites/<int:site_id>/edit", methods=["GET", "POST"])
@role("admin")
def edit_site(site_id: int):
    """Changes a website's settings; they hold for the next event."""
    found = _site(site_id)
    form = SiteForm(obj=found, allowed_origins="\n".join(found.allowed_origins))
    if request.method == "GET":
        form.allowed_origins.data = "\n".join(found.allowed_origins)
    if not form.validate_on_submit():
        return _form_page(form, found)
    subject = f"site {found.id}"
    edit(found, form.values(), "site.edited", subject, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash("Saved. Events are judged by the new settings within seconds.", "success")
    return redirect(url_for("settings.site", site_id=found.id))


def _form_page(form: SiteForm, site: Site | None):
    page = render_template("settings/site_form.html", form=form, site=site, modes=IDENTITY_MODES)
    return page, 422 if form.errors else 200
