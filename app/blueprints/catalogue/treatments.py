"""Treatments: the list, and one of them to edit, preview, hide or delete."""

from flask import abort, flash, g, redirect, render_template, request, url_for

from app.access import may, role
from app.blueprints.catalogue import blueprint
from app.blueprints.catalogue.forms import Form, form_of, mark, record_of_form, sent_form
from app.blueprints.catalogue.saving import differences, last_edit, save, subject_of
from app.domain.catalogue.catalogue import TREATMENTS, Record
from app.domain.catalogue.catalogue_changes import Change, arranged, moved
from app.domain.catalogue.catalogue_fields import free_slug
from app.models import Treatment
from app.queries.catalogue import catalogue as queries
from app.queries.catalogue.catalogue_records import facts, record, record_of, records, slugs
from app.queries.catalogue.staff import is_in_log, uses_of_treatment
from app.queries.tracking.sites import sites

KIND = "treatments"
AT_ONCE = 100
STATES = {"": "All", "active": "Shown", "hidden": "Hidden"}
NOBODY_SEES = "Not saved: nobody but you sees this page."


@blueprint.get("/")
@role("agent")
def treatments():
    """What is offered, shown or hidden, in the order of the public pages."""
    state = request.args.get("state", "")
    wanted = queries.Wanted(
        q=request.args.get("q", "").strip()[:100],
        category=request.args.get("category", "")[:60],
        active={"active": True, "hidden": False}.get(state),
    )
    page = min(max(request.args.get("page", 1, type=int), 1), 1000)
    rows, count = queries.listed(wanted, (page - 1) * AT_ONCE, AT_ONCE)
    return render_template(
        "catalogue/treatments.html",
        rows=rows,
        count=count,
        page=page,
        pages=-(-count // AT_ONCE),
        wanted=wanted,
        state=state if state in STATES else "",
        states=STATES,
        categories=queries.categories(),
        may_order=may("admin") and not wanted and count > 1,
        moved=request.args.get("moved", ""),
    )


@blueprint.post("/treatments/order")
@role("admin")
def order_treatments():
    """Puts a treatment up or down ("up-SLUG"), or the ones of a page in the order they are sent."""
    what, _, slug = request.form.get("move", "").partition("-")
    current = records(KIND)
    if what in ("up", "down"):
        changes = moved(KIND, current, slug, -1 if what == "up" else 1)
    else:
        changes = arranged(KIND, current, request.form.getlist("order"))
    if not save(changes, "catalogue.treatments_ordered", "treatments", "The order is saved."):
        flash("Somebody changed the order meanwhile. Look again.", "warning")
    page = request.form.get("page", 1, type=int)
    target = url_for("catalogue.treatments", page=page if page > 1 else None, moved=slug or None)
    return redirect(target, 303)


@blueprint.get("/treatments/new")
@role("admin")
def new_treatment():
    """An empty form; `like` is the slug of one to begin with."""
    like = record(KIND, (request.args.get("like", ""),))
    form = form_of(TREATMENTS, like)
    form.seen = ""
    for name in ("slug", "name"):
        form.texts[name] = ""
    form.texts["active"] = "yes"
    return _page(form, None)


@blueprint.post("/treatments/new")
@role("admin")
def add_treatment():
    form = sent_form(TREATMENTS, request.form)
    known = slugs(Treatment)
    if not form.text("slug").strip():
        form.texts["slug"] = free_slug(form.text("name"), known, "treatment")
    typed = record_of_form(form, None, facts())
    if typed["slug"] in known:
        form.errors["slug"] = "Another treatment has this short name. Choose a different one."
    if form.errors:
        return _page(form, None), 422
    last = max((each["position"] for each in records(KIND).values()), default=0)
    typed["position"] = last + 1
    change = Change(KIND, (typed["slug"],), None, typed)
    said = f"{typed['name']} was added."
    if not save([change], "catalogue.treatment_added", subject_of(KIND, change.key), said):
        form.errors["slug"] = "Somebody just added a treatment with this short name."
        return _page(form, None), 409
    return redirect(url_for("catalogue.treatment", slug=typed["slug"]), 303)


@blueprint.get("/treatments/<slug>")
@role("agent")
def treatment(slug: str):
    """One treatment, as a form for those who may change it."""
    row = _row(slug)
    return _page(form_of(TREATMENTS, record_of(KIND, row)), row)


@blueprint.post("/treatments/<slug>")
@role("admin")
def edit_treatment(slug: str):
    row = _row(slug)
    stored = record_of(KIND, row)
    form = sent_form(TREATMENTS, request.form)
    form.texts["slug"] = slug
    typed = record_of_form(form, stored, facts())
    if form.seen != mark(stored):
        return _conflict(form, row, typed, stored)
    if form.errors:
        return _page(form, row), 422
    change = Change(KIND, (slug,), stored, typed)
    if not save([change], "catalogue.treatment_edited", subject_of(KIND, (slug,)), "Saved."):
        return _conflict(form, row, typed, record(KIND, (slug,)) or abort(404))
    return redirect(url_for("catalogue.treatment", slug=slug), 303)


def _conflict(form: Form, row: Treatment, typed: Record, stored: Record):
    """What was typed stays, beside what somebody else saved; saving again is then meant."""
    form.seen = mark(stored)
    by = last_edit(subject_of(KIND, (row.slug,)))
    conflict = {"by": by, "differs": differences(KIND, typed, stored)}
    return _page(form, row, conflict), 409


@blueprint.post("/treatments/<slug>/state")
@role("admin")
def treatment_state(slug: str):
    """Shows or hides a treatment."""
    stored = record_of(KIND, _row(slug))
    active = request.form.get("state") == "active"
    change = Change(KIND, (slug,), stored, stored | {"active": active})
    said = f"{stored['name']} is {'shown again' if active else 'hidden from visitors'}."
    action = f"catalogue.treatment_{'shown' if active else 'hidden'}"
    save([change], action, subject_of(KIND, (slug,)), said)
    return redirect(url_for("catalogue.treatments"), 303)


@blueprint.post("/treatments/<slug>/delete")
@role("admin")
def delete_treatment(slug: str):
    """Deletes a treatment that nothing speaks of; others can be hidden."""
    stored = record_of(KIND, _row(slug))
    uses = uses_of_treatment(slug)
    if not uses and is_in_log(slug):
        uses = ["visitors used it in a tool"]
    if uses:
        flash(f"{stored['name']} cannot be deleted: {'; '.join(uses)}. Hide it instead.", "error")
        return redirect(url_for("catalogue.treatment", slug=slug), 303)
    change = Change(KIND, (slug,), stored, None)
    said = f"{stored['name']} was deleted."
    save([change], "catalogue.treatment_deleted", subject_of(KIND, (slug,)), said)
    return redirect(url_for("catalogue.treatments"), 303)


@blueprint.post("/treatments/preview")
@role("admin")
def preview_treatment():
    """What was typed as visitors would see it; nothing is saved."""
    form = sent_form(TREATMENTS, request.form)
    if not form.text("slug"):
        form.texts["slug"] = free_slug(form.text("name"), (), "treatment")
    before = record(KIND, (form.text("slug"),))
    typed = record_of_form(form, before, facts())
    if form.errors:
        row = queries.any_treatment(form.text("slug"))
        return _page(form, row), 422
    shown = Treatment(**typed | {"position": 0})
    return render_template(
        "catalogue/preview.html", treatment=shown, currency=g.organization.currency
    )


def _row(slug: str) -> Treatment:
    return queries.any_treatment(slug) or abort(404, "There is no such treatment.")


def _page(form: Form, row: Treatment | None, conflict: dict | None = None):
    return render_template(
        "catalogue/treatment.html",
        form=form,
        row=row,
        conflict=conflict,
        also=queries.also_leading(row) if row else {},
        uses=uses_of_treatment(row.slug) if row and may("admin") else [],
        categories=queries.categories(),
        currency=g.organization.currency,
        hosted=any(site.hosted for site in sites()),
    )
