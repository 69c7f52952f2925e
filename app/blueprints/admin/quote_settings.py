"""How the calculator prices and what quotes look like: changed here, tried on an example first."""

from base64 import b64encode

from flask import flash, g, make_response, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin import quote_settings_form as forms
from app.caller import caller_id
from app.clients.pdf import pdf, picture
from app.clients.pictures import BadPicture, logo
from app.clock import utc_now
from app.domain.tools.quote import prefix_of
from app.extensions import db, limiter
from app.operations.tools.print_quote import example_document
from app.operations.tools.set_calculator import set_calculator, set_logo
from app.queries.tools import calculator, quotes


@blueprint.get("/admin/quotes/settings")
@role("admin")
def quote_settings():
    return _page(forms.draft_of(calculator.settings()))


@blueprint.post("/admin/quotes/settings")
@role("admin")
@limiter.limit("30/minute")
def quote_settings_change():
    """Saves, or shows an example of a quote with what was typed and saves nothing."""
    draft = forms.read(request.form)
    settings = forms.settings_of(draft)
    if settings is None:
        return _page(draft, status=422)
    if request.form.get("do") == "preview":
        example = example_document(settings, utc_now())
        db.session.rollback()  # nobody waits for a picture
        return _page(draft, preview=b64encode(picture("quote", example)).decode())
    changed = set_calculator(settings, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash("Saved. It holds for estimates from now on." if changed else "Nothing has changed.")
    return redirect(url_for("admin.quote_settings"), 303)


@blueprint.post("/admin/quotes/logo")
@role("admin")
@limiter.limit("10/minute")
def quote_logo():
    """Puts a picture at the head of documents, or takes it away."""
    file = request.files.get("logo")
    try:
        given = None if request.form.get("remove") else logo(file.read() if file else b"")
    except BadPicture as problem:
        draft = forms.draft_of(calculator.settings())
        draft.errors["logo"] = str(problem)
        return _page(draft, status=422)
    set_logo(given, user_id=caller_id(), now=utc_now())
    db.session.commit()
    flash("The logo stands on quotes from now on." if given else "The logo is taken away.")
    return redirect(url_for("admin.quote_settings", _anchor="logo"), 303)


@blueprint.get("/admin/quotes/example.pdf")
@role("admin")
def quote_example():
    """A quote as the saved settings make it."""
    answer = make_response(pdf("quote", example_document(calculator.settings(), utc_now())))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = 'inline; filename="example.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(draft: forms.Draft, status: int = 200, preview: str | None = None):
    page = render_template(
        "admin/quotes/settings.html",
        draft=draft,
        labels=forms.LABELS,
        preview=preview,
        logo=quotes.logo(),
        usual_prefix=prefix_of(g.organization.name),
        currency=g.organization.currency,
    )
    return page, status
