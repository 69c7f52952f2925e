"""The door of the public pages: whose site this is, and who is looking.

A blueprint of public pages calls `enter_hosted_site` before each of its requests.

It stands at the top of app/ because several blueprints share it (site, tools, contact) and no
blueprint imports another; it lives on the request (host, identity, `g`), so it is no query.
"""

from contextlib import contextmanager

from flask import abort, g, render_template, request, url_for

from app.clock import utc_now
from app.extensions import db, writing
from app.identity import Identity, identity_of_request
from app.models import Organization, Site
from app.queries.tracking.sites import facts_of, hosted_site
from app.tenancy import acting_for

SAFE = ("GET", "HEAD", "OPTIONS")
NO_SITE = "No website is served here yet."
# What an organization that has written no texts of its own shows (settings: "site").
TEXTS = {
    "tagline": "",
    "hero_title": "Good to see you.",
    "hero_text": "What we offer, what it costs, and how to reach us.",
    "phone": "",
    "email": "",
    "hours": "",
    "trust": [],
}


def enter_hosted_site():
    """Acts for the organization of the site that this host shows, as `g.site`."""
    site = hosted_site(request.host)
    if site is None:
        return _no_site()
    g.doors.enter_context(acting_for(site.organization_id))
    g.site = site
    g.identity = _identity(site) if request.method not in SAFE else None
    g.organization = db.session.get(Organization, site.organization_id)
    g.texts = TEXTS | (g.organization.settings or {}).get("site", {})
    return None


def _identity(site: Site) -> Identity | None:
    facts = facts_of(site)
    # A new day's salt is committed by a session of its own: not while we hold the lock.
    db.session.rollback()
    return identity_of_request(facts, utc_now())


def _no_site():
    if request.path == url_for("site.home"):
        return render_template("site/setup.html")
    return abort(404, NO_SITE)


@contextmanager
def recording():
    """Inside a GET request that must write: ends the reading transaction, begins a writing one.

    Commits at the end. Gives the visitor's identity, None when they are not tracked.
    """
    identity = _identity(g.site)
    with writing():
        yield identity
        db.session.commit()


def wants_part() -> bool:
    """Whether a script asks for the part of a page that changed, not for a whole page."""
    return request.headers.get("X-Requested-With") == "fetch"
