"""Practitioners, each with what they offer and when they work where."""

from flask import abort, flash, redirect, render_template, request, url_for

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
from app.domain.catalogue.catalogue import PRACTITIONERS, WORKING_HOURS, Record
from app.domain.catalogue.catalogue_changes import Change, moved
from app.domain.catalogue.catalogue_fields import LONGEST_SLUG, free_slug, items
from app.domain.catalogue.week import DAYS, outside, write_day
from app.extensions import db
from app.models import Clinic, Practitioner
from app.queries.catalogue import catalogue, staff
from app.queries.catalogue.catalogue_records import facts, record, record_of, records, slugs

KIND, HOURS = "practitioners", "working_hours"
MOST_OFFERED = 5000
read_items = items(LONGEST_SLUG, MOST_OFFERED)
Weeks = dict[str, Record | None]


@blueprint.get("/practitioners")
@role("agent")
def practitioners():
    """Who treats, with what and where."""
    return render_template(
        "catalogue/practitioners.html",
        rows=staff.practitioners(),
        places=staff.places_of_work(),
        names={row.slug: row.name for row in catalogue.listed(catalogue.Wanted(), 0, 5000)[0]},
        moved=request.args.get("moved", ""),
    )


@blueprint.post("/practitioners/order")
@role("admin")
def order_practitioners():
    what, _, slug = request.form.get("move", "").partition("-")
    changes = moved(KIND, records(KIND), slug, -1 if what == "up" else 1)
    save(changes, "catalogue.practitioners_ordered", "practitioners", "The order is saved.")
    return redirect(url_for("catalogue.practitioners", moved=slug or None), 303)


@blueprint.get("/practitioners/new")
@role("admin")
def new_practitioner():
    form = form_of(PRACTITIONERS, None, {_name(clinic): None for clinic in catalogue.clinics()})
    form.texts["active"] = "yes"
    return _page(form, None)


@blueprint.post("/practitioners/new")
@role("admin")
def add_practitioner():
    clinics = catalogue.clinics()
    form = sent_form(PRACTITIONERS, request.form, tuple(map(_name, clinics)))
    if _copied(form):
        return _page(form, None)
    known = slugs(Practitioner)
    if not form.text("slug").strip():
        form.texts["slug"] = free_slug(form.text("name"), known, "practitioner")
    typed, weeks = _read(form, None, clinics)
    if typed["slug"] in known:
        form.errors["slug"] = "Somebody else has this short name. Choose a different one."
    if form.errors:
        return _page(form, None), 422
    last = max((each["position"] for each in records(KIND).values()), default=0)
    typed["position"] = last + 1
    slug = typed["slug"]
    changes = [Change(KIND, (slug,), None, typed), *_hours(slug, {}, weeks)]
    said = " ".join([f"{typed['name']} was added.", *_warnings(weeks, clinics)])
    if not save(changes, "catalogue.practitioner_added", subject_of(KIND, (slug,)), said):
        form.errors["slug"] = "Somebody just added a practitioner with this short name."
        return _page(form, None), 409
    return redirect(url_for("catalogue.practitioners"), 303)


@blueprint.get("/practitioners/<slug>")
@role("agent")
def practitioner(slug: str):
    row, clinics = _row(slug), catalogue.clinics()
    return _page(form_of(PRACTITIONERS, record_of(KIND, row), _named(_weeks(slug, clinics))), row)


@blueprint.post("/practitioners/<slug>")
@role("admin")
def edit_practitioner(slug: str):
    row, clinics = _row(slug), catalogue.clinics()
    stored, before = record_of(KIND, row), _weeks(slug, clinics)
    form = sent_form(PRACTITIONERS, request.form, tuple(map(_name, clinics)))
    form.texts["slug"] = slug
    if _copied(form):
        return _page(form, row)
    typed, weeks = _read(form, stored, clinics)
    if form.seen != mark(stored, _named(before)):
        return _conflict(form, row, typed, weeks, clinics)
    if form.errors:
        return _page(form, row), 422
    changes = [Change(KIND, (slug,), stored, typed), *_hours(slug, before, weeks)]
    affected = staff.left_out(changes, utc_now())
    if affected and request.form.get("do") != "anyway":
        return _page(form, row, affected=affected), 409
    said = " ".join(["Saved.", *_warnings(weeks, clinics)])
    if not save(changes, "catalogue.practitioner_edited", subject_of(KIND, (slug,)), said):
        return _conflict(form, row, typed, weeks, clinics)
    return redirect(url_for("catalogue.practitioner", slug=slug), 303)


def _name(clinic: Clinic) -> str:
    """The name of the fields with somebody's hours at a clinic."""
    return f"at-{clinic.slug}"


def _weeks(slug: str, clinics: list[Clinic]) -> Weeks:
    """Somebody's weeks, by the slug of the clinic."""
    found = records(HOURS, [(slug, clinic.slug) for clinic in clinics])
    return {clinic.slug: found.get((slug, clinic.slug)) for clinic in clinics}


def _named(weeks: Weeks) -> Weeks:
    return {f"at-{clinic}": week for clinic, week in weeks.items()}


def _copied(form: Form) -> bool:
    what, _, name = request.form.get("do", "").partition("-")
    if what != "copy" or name not in form.weeks:
        return False
    copy_monday(form.weeks[name])
    return True


def _read(form: Form, stored: Record | None, clinics: list[Clinic]) -> tuple[Record, Weeks]:
    typed = record_of_form(form, stored, facts())
    weeks = {}
    for clinic in clinics:
        names = {"practitioner": form.text("slug"), "clinic": clinic.slug}
        week = names | record_of_week(form, _name(clinic))
        weeks[clinic.slug] = WORKING_HOURS.settled(week)
    return typed, weeks


def _hours(slug: str, before: Weeks, after: Weeks) -> list[Change]:
    return [
        Change(HOURS, (slug, clinic), before.get(clinic), week) for clinic, week in after.items()
    ]


def _warnings(weeks: Weeks, clinics: list[Clinic]) -> list[str]:
    """What is odd in somebody's hours, and yet may be meant."""
    told, opening, taken = [], records("opening_hours"), {}
    for clinic in clinics:
        open_ = opening.get((clinic.slug,), {})
        for day in DAYS:
            hours = (weeks.get(clinic.slug) or {}).get(day, [])
            if closed := outside(hours, open_.get(day, [])):
                told.append(f"{day.capitalize()} {write_day(closed)}: {clinic.name} is closed.")
            for other, theirs in taken.get(day, []):
                if any(a[0] < b[1] and b[0] < a[1] for a in hours for b in theirs):
                    told.append(f"{day.capitalize()}: at {other} and {clinic.name} at once.")
            taken.setdefault(day, []).append((clinic.name, hours))
    return told


def _conflict(form, row: Practitioner, typed: Record, weeks: Weeks, clinics: list[Clinic]):
    db.session.expire_all()
    stored, now_kept = record_of(KIND, row), _weeks(row.slug, clinics)
    form.seen = mark(stored, _named(now_kept))
    differs = differences(KIND, typed, stored)
    for clinic in clinics:
        kept = now_kept[clinic.slug] or {}
        for label, told in differences(HOURS, weeks[clinic.slug] or {}, kept):
            differs.append((f"{label} at {clinic.name}", told))
    by = last_edit(subject_of(KIND, (row.slug,)))
    return _page(form, row, conflict={"by": by, "differs": differs}), 409


@blueprint.post("/practitioners/<slug>/delete")
@role("admin")
def delete_practitioner(slug: str):
    """Deletes somebody for whom nothing was ever booked, with their hours and leaves."""
    row = _row(slug)
    if uses := staff.uses_of_practitioner(row.id):
        said = f"{row.name} cannot be deleted: {'; '.join(uses)}. Untick “Takes appointments”."
        flash(said, "error")
        return redirect(url_for("catalogue.practitioner", slug=slug), 303)
    changes = [
        Change(kind, key, kept, None)
        for kind in ("closures", HOURS)
        for key, kept in records(kind).items()
        if kept["practitioner"] == slug
    ]
    changes.append(Change(KIND, (slug,), record(KIND, (slug,)), None))
    subject = subject_of(KIND, (slug,))
    save(changes, "catalogue.practitioner_deleted", subject, f"{row.name} was deleted.")
    return redirect(url_for("catalogue.practitioners"), 303)


def _row(slug: str) -> Practitioner:
    return staff.practitioner(slug) or abort(404, "There is no such practitioner.")


def _page(form: Form, row: Practitioner | None, conflict: dict | None = None, affected=()):
    clinics = catalogue.clinics()
    weeks = _weeks(row.slug, clinics) if row else {}
    return render_template(
        "catalogue/practitioner.html",
        form=form,
        row=row,
        conflict=conflict,
        affected=affected,
        days=DAYS,
        clinics=[(clinic, _name(clinic)) for clinic in clinics],
        opening=records("opening_hours"),
        offered=read_items(form.text("treatments")),
        treatments=catalogue.listed(catalogue.Wanted(), 0, 5000)[0],
        warnings=_warnings(weeks, clinics) if row else [],
        uses=staff.uses_of_practitioner(row.id) if row and may("admin") else [],
    )
