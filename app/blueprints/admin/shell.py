"""What layout/admin.html needs on every page: the navigation, where the user may switch to."""

from typing import NamedTuple

from flask import current_app, g, request
from flask_login import current_user

import app as product
from app.access import may
from app.blueprints.admin import blueprint
from app.domain.wording import type_in_words
from app.queries.access import memberships_of
from app.queries.tracking.sites import sites


class Entry(NamedTuple):
    """A line of the navigation; `endpoints` are the pages on which it is marked as the current."""

    label: str
    endpoint: str
    icon: str
    least: str = "analyst"
    endpoints: tuple[str, ...] = ()


APPOINTMENTS = ("admin.appointment", "admin.new_appointment", "admin.book", "admin.bookings")
ATTRIBUTION = ("admin.attribution", "admin.spend")
SETTINGS = ("settings.lead_scoring", "settings.engagement_type")
NAVIGATION = (
    Entry("Dashboard", "admin.dashboard", "dashboard"),
    Entry("Interactions", "admin.interactions", "interactions", endpoints=("admin.visitor",)),
    Entry("Leads", "leads.index", "leads", "agent", ("leads.",)),
    Entry("To do", "todo.index", "todo", "agent"),
    Entry("Appointments", "admin.appointments", "calendar", "agent", APPOINTMENTS),
    Entry("Attribution", "admin.attribution", "attribution", endpoints=ATTRIBUTION),
    Entry("Journeys", "admin.journeys", "journeys"),
    Entry("Catalogue", "catalogue.treatments", "catalogue", "agent", ("catalogue.",)),
    Entry("Quotes", "admin.quotes", "quotes", "agent", ("admin.quote",)),
    Entry("Scoring rules", "admin.rules", "rules", endpoints=("admin.rules", "admin.rule")),
    Entry("Contact form", "admin.contact_form", "form", "admin", ("admin.contact_form",)),
    Entry("Sites & snippet", "settings.sites", "sites", endpoints=("settings.site",)),
    Entry("Users & tokens", "settings.users", "users", endpoints=("settings.user",)),
    Entry("Settings", "settings.organization", "settings", endpoints=SETTINGS),
    Entry("Outgoing mail", "admin.outgoing", "mail", "admin", ("admin.outgoing",)),
    Entry("Audit log", "settings.audit", "audit"),
)


def navigation() -> list[tuple[Entry, bool]]:
    """The entries the caller may open, each with whether it is the current one."""
    known = current_app.view_functions
    here = request.endpoint or ""
    return [
        (entry, here == entry.endpoint or here.startswith(entry.endpoints))
        for entry in NAVIGATION
        if entry.endpoint in known and may(entry.least)
    ]


def other_organizations() -> list:
    """Where the signed-in user belongs, by name; nothing to a program's token."""
    if not current_user.is_authenticated:
        return []
    memberships = g.memberships if "memberships" in g else memberships_of(current_user.id)
    belongs = (membership.organization for membership in memberships)
    return sorted(belongs, key=lambda organization: organization.name)


@blueprint.app_template_filter("type_words")
def type_words(type: str) -> str:
    """An interaction's type as people say it."""
    return type_in_words(type)


@blueprint.app_context_processor
def shell():
    return {
        "navigation": navigation,
        "my_organizations": other_organizations,
        "all_sites": sites,
        "version": product.__version__,
    }
