"""Clinics, each with its opening hours."""

from flask import abort, flash, g, redirect, render_template, request, url_for

from app.access import may, role
from app.blueprints.catalogue import blueprint
from app.blueprints.catalogue.forms import (
    Form,
    copy_monday,
    form_of,
    mark,
    record_of_form,
    record_of_week,
    sent_form,
)
from app.blueprints.catalogue.saving import differences, last_edit, save, subject_of
from app.clock import utc_now
from app.domain.catalogue.catalogue import CLINICS, OPENING_HOURS, Record
from app.domain.catalogue.catalogue_changes import Change, moved
from app.domain.catalogue.catalogue_fields import free_slug
from app.domain.catalogue.week import DAYS
from app.extensions import db
from app.models import Clinic
from app.queries.catalogue import catalogue, staff
from app.queries.catalogue.catalogue_records import (
    facts,
    known_timezones,
    record,
    record_of,
    records,
    slugs,
)

KIND, HOURS, WEEK = "clinics", "opening_hours", "hours"


@blueprint.get("/clinics")
@role("agent")
def clinics():
    """The places, each with its hours at a glance."""
    return render_template(
        "catalogue/clinics.html",
        rows=catalogue.clinics(),
        weeks=records(HOURS),
        days=DAYS,
        moved=request.args.get("moved", ""),
    )


@blueprint.post("/clinics/order")
@role("admin")
def order_clinics():
    what, _, slug = request.form.get("move", "").partition("-")
    changes = moved(KIND, records(KIND), slug, -1 if what == "up" else 1)
    save(changes, "catalogue.clinics_ordered", "clinics", "The order is saved.")
    return redirect(url_for("catalogue.clinics", moved=slug or None), 303)


@blueprint.get("/clinics/new")
@role("admin")
def new_clinic():
    form = form_of(CLINICS, None, {WEEK: None})
    form.texts["price_percent"] = "100"
    return _page(form, None)


@blueprint.post("/clinics/new")
@role("admin")
def add_clinic():
    form = sent_form(CLINICS, request.form, (WEEK,))
    if request.form.get("do") == "copy":
        copy_monday(form.weeks[WEEK])
        return _page(form, None)
    known = slugs(Clinic)
    if not form.text("slug").strip():
        form.texts["slug"] = free_slug(form.text("name"), known, "clinic")
    typed, week = _read(form, None)
    if typed["slug"] in known:
        form.errors["slug"] = "Another clinic has this short name. Choose a different one."
    if form.errors:
        return _page(form, None), 422
    last = max((each["position"] for each in records(KIND).values()), default=0)
    typed["position"] = last + 1
    slug = typed["slug"]
    changes = [
        Change(KIND, (slug,), None, typed),
        Change(HOURS, (slug,), None, week),
    ]
    said = f"{typed['name']} was added."
    if not save(changes, "catalogue.clinic_added", subject_of(KIND, (slug,)), said):
        form.errors["slug"] = "Somebody just added a clinic with this short name."
        return _page(form, None), 409
    return redirect(url_for("catalogue.clinics"), 303)


@blueprint.get("/clinics/<slug>")
@role("agent")
def clinic(slug: str):
    row = _row(slug)
    return _page(form_of(CLINICS, record_of(KIND, row), {WEEK: record(HOURS, (slug,))}), row)


@blueprint.post("/clinics/<slug>")
@role("admin")
def edit_clinic(slug: str):
    row = _row(slug)
    stored, hours = record_of(KIND, row), record(HOURS, (slug,))
    form = sent_form(CLINICS, request.form, (WEEK,))
    form.texts["slug"] = slug
    if request.form.get("do") == "copy":
        copy_monday(form.weeks[WEEK])
        return _page(form, row)
    typed, week = _read(form, stored)
    if form.seen != mark(stored, {WEEK: hours}):
        return _conflict(form, row, typed, week)
    if form.errors:
        return _page(form, row), 422
    changes = [Change(KIND, (slug,), stored, typed), Change(HOURS, (slug,), hours, week)]
    affected = staff.left_out(changes, utc_now())
    if affected and request.form.get("do") != "anyway":
        return _page(form, row, affected=affected), 409
    if not save(changes, "catalogue.clinic_edited", subject_of(KIND, (slug,)), "Saved."):
        return _conflict(form, row, typed, week)
    return redirect(url_for("catalogue.clinic", slug=slug), 303)


def _read(form: Form, stored: Record | None) -> tuple[Record, Record | None]:
    """The clinic and its week as typed; what is wrong is noted in the form."""
    typed = record_of_form(form, stored, facts())
    week = {"clinic": form.text("slug"), **record_of_week(form, WEEK)}
    return typed, OPENING_HOURS.settled(week)


def _conflict(form: Form, row: Clinic, typed: Record, week: Record | None):
    db.session.expire_all()
    stored, hours = record_of(KIND, row), record(HOURS, (row.slug,))
    form.seen = mark(stored, {WEEK: hours})
    differs = differences(KIND, typed, stored) + differences(HOURS, week or {}, hours or {})
    by = last_edit(subject_of(KIND, (row.slug,)))
    return _page(form, row, conflict={"by": by, "differs": differs}), 409


@blueprint.post("/clinics/<slug>/delete")
@role("admin")
def delete_clinic(slug: str):
    """Deletes a clinic at which nobody works and nothing was booked, with its hours."""
    row = _row(slug)
    if uses := staff.uses_of_clinic(row.id):
        flash(f"{row.name} cannot be deleted: {'; '.join(uses)}.", "error")
        return redirect(url_for("catalogue.clinic", slug=slug), 303)
    closed = [
        Change("closures", key, kept, None)
        for key, kept in records("closures").items()
        if kept["clinic"] == slug
    ]
    changes = [
        *closed,
        Change(HOURS, (slug,), record(HOURS, (slug,)), None),
        Change(KIND, (slug,), record_of(KIND, row), None),
    ]
    subject = subject_of(KIND, (slug,))
    save(changes, "catalogue.clinic_deleted", subject, f"{row.name} was deleted.")
    return redirect(url_for("catalogue.clinics"), 303)


def _row(slug: str) -> Clinic:
    return staff.clinic(slug) or abort(404, "There is no such clinic.")


def _page(form: Form, row: Clinic | None, conflict: dict | None = None, affected=()):
    return render_template(
        "catalogue/clinic.html",
        form=form,
        row=row,
        conflict=conflict,
        affected=affected,
        days=DAYS,
        timezones=sorted(known_timezones()),
        home=g.organization.timezone,
        uses=staff.uses_of_clinic(row.id) if row and may("admin") else [],
    )
