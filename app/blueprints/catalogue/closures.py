"""Closures: days on which nobody is treated, everywhere, at a clinic or by somebody."""

from datetime import date
from zoneinfo import ZoneInfo

from flask import abort, flash, g, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.catalogue import blueprint
from app.blueprints.catalogue.forms import Form, record_of_form, sent_form
from app.blueprints.catalogue.saving import save, subject_of
from app.clients.public_holidays import countries, public_holidays
from app.clock import utc_now
from app.domain.catalogue.catalogue import CLOSURES
from app.domain.catalogue.catalogue_changes import Change
from app.queries.catalogue import catalogue, staff
from app.queries.catalogue.catalogue_records import facts, record, records

KIND = "closures"
YEARS = 3


@blueprint.get("/closures")
@role("agent")
def closures():
    """What is closed from today on; the past on demand."""
    return _page(_empty())


@blueprint.post("/closures")
@role("admin")
def add_closure():
    form = sent_form(CLOSURES, request.form)
    if not form.text("to").strip():
        form.texts["to"] = form.text("from")
    typed = record_of_form(form, None, facts())
    if form.errors:
        return _page(form), 422
    key = CLOSURES.key_of(typed)
    if record(KIND, key):
        form.errors["from"] = "This closure is there already."
        return _page(form), 422
    change = Change(KIND, key, None, typed)
    affected = staff.left_out([change], utc_now())
    if affected and request.form.get("do") != "anyway":
        return _page(form, affected=affected), 409
    if not save([change], "catalogue.closure_added", subject_of(KIND, _told(key)), "Closed."):
        form.errors["from"] = "Somebody just added this closure."
        return _page(form), 409
    return redirect(url_for("catalogue.closures"), 303)


@blueprint.post("/closures/delete")
@role("admin")
def delete_closure():
    key = tuple(request.form.get(name, "") for name in CLOSURES.key)
    stored = record(KIND, key) or abort(404, "There is no such closure, or no longer.")
    change = Change(KIND, key, stored, None)
    subject = subject_of(KIND, _told(key))
    save([change], "catalogue.closure_deleted", subject, "Open again on these days.")
    return redirect(url_for("catalogue.closures"), 303)


@blueprint.post("/closures/holidays")
@role("admin")
def add_holidays():
    """Adds the public holidays of a country and a year, but for those that are there already."""
    asked = {name: request.form.get(name, "").strip() for name in ("country", "region", "year")}
    code = "-".join(filter(None, (asked["country"], asked["region"].upper())))
    try:
        found = _holidays(code, asked["year"])
    except ValueError as problem:
        return _page(_empty(), holidays=asked | {"error": str(problem)}), 422
    if not found:
        flash("All public holidays of that year that are still to come are there.", "info")
        return redirect(url_for("catalogue.closures"), 303)
    affected = staff.left_out(found, utc_now())
    if affected and request.form.get("do") != "anyway":
        return _page(_empty(), holidays=asked, affected=affected), 409
    said = f"{len(found)} public holidays were added."
    save(found, "catalogue.holidays_added", f"holidays {code} {asked['year']}", said)
    return redirect(url_for("catalogue.closures"), 303)


def _holidays(code: str, year: str) -> list[Change]:
    """The public holidays to come that are no closures yet. Raises ValueError."""
    today, known = _today(), records(KIND)
    if year not in map(str, range(today.year, today.year + YEARS)):
        raise ValueError(f"Choose a year from {today.year} to {today.year + YEARS - 1}.")
    first, last = max(today, date(int(year), 1, 1)), date(int(year), 12, 31)
    changes = []
    for day, name in public_holidays(code, first, last):
        days = {"from": day.isoformat(), "to": day.isoformat()}
        closure = {"clinic": "", "practitioner": "", **days, "reason": name[:120]}
        if (key := CLOSURES.key_of(closure)) not in known:
            changes.append(Change(KIND, key, None, closure))
    return changes


def _told(key) -> tuple[str, ...]:
    clinic, practitioner, first, last = key
    days = first if first == last else f"{first} to {last}"
    return (" ".join(filter(None, (days, clinic, practitioner))),)


def _today() -> date:
    return utc_now().astimezone(ZoneInfo(g.organization.timezone)).date()


def _empty() -> Form:
    return Form(CLOSURES, {})


def _page(form: Form, *, affected=(), holidays: dict | None = None):
    """The list beside its two forms; `affected` are appointments that what was sent falls upon."""
    today = _today()
    everything = request.args.get("past") == "1"
    shown = staff.closures(None if everything else today)
    coming = staff.booked(utc_now())
    return render_template(
        "catalogue/closures.html",
        form=form,
        affected=affected,
        rows=[(shut, len(staff.upon(shut, coming))) for shut in shown],
        everything=everything,
        past=0 if everything else staff.past_closures(today),
        clinics=catalogue.clinics(),
        people=staff.practitioners(),
        today=today,
        years=[str(today.year + more) for more in range(YEARS)],
        countries=countries(),
        holidays=holidays or {"country": _home(), "region": "", "year": str(today.year + 1)},
        asked_holidays=holidays is not None,
    )


def _home() -> str:
    return (g.organization.settings or {}).get("region", "FR")
