"""The demo business: its treatments, its search, its word on privacy."""

from flask import abort, g, render_template, request

from app.access import public
from app.blueprints.site import blueprint
from app.clock import utc_now
from app.extensions import limiter
from app.hosting import recording
from app.operations.contact.read_contact import clean_text
from app.operations.tracking.record_visit_act import record_visit_act
from app.queries.catalogue import catalogue
from app.queries.tools import recommendation

LONGEST_QUERY = 100
SUGGESTIONS = 8


@blueprint.route("/")
@public
def home():
    treatments = catalogue.treatments()
    return render_template(
        "site/home.html",
        treatments=treatments,
        clinics=catalogue.clinics(),
        concerns=concerns(treatments),
    )


@blueprint.route("/treatments")
@public
def treatments():
    return render_template("site/treatments.html", groups=groups(catalogue.treatments()))


@blueprint.route("/treatments/<slug>")
@public
def treatment(slug):
    found = catalogue.treatment(slug)
    if found is None:
        abort(404, "We do not offer this treatment, or no longer. See the list of all we do offer.")
    others = [t for t in catalogue.treatments() if t.slug != slug]
    others.sort(key=lambda other: other.category != found.category)
    return render_template(
        "site/treatment.html",
        treatment=found,
        others=others[:3],
        currency=g.organization.currency,
    )


@blueprint.route("/search")
@public
@limiter.limit("60/minute")
def search():
    """Treatments that fit the words asked for; each search is an interaction of its visitor."""
    query = clean_text(request.args.get("q", ""))[:LONGEST_QUERY]
    found = recommendation.search(query) if query else []
    page = render_template(
        "site/search.html",
        query=query,
        found=found,
        suggestions=concerns(catalogue.treatments()),
    )
    if query and request.method == "GET":
        _record_search(query, len(found))
    return page


def _record_search(query: str, results: int):
    with recording() as identity:
        if identity:
            record_visit_act(
                "search",
                site=g.site,
                identity=identity,
                data={"query": query, "results": results},
                label=query,
                url=request.base_url,
                now=utc_now(),
            )


@blueprint.route("/privacy")
@public
def privacy():
    return render_template("site/privacy.html", site=g.site)


def concerns(treatments) -> list[str]:
    """The first concern of each treatment: what people ask for, in the catalogue's order."""
    first = dict.fromkeys(treatment.concerns[0] for treatment in treatments if treatment.concerns)
    return list(first)[:SUGGESTIONS]


def groups(treatments) -> dict[str, list]:
    """Treatments by category, both in the catalogue's order."""
    by_category: dict[str, list] = {}
    for treatment in treatments:
        by_category.setdefault(treatment.category, []).append(treatment)
    return by_category
