"""Spend on channels: entered, changed, removed with a way back."""

from flask import abort, flash, g, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.admin import blueprint
from app.caller import caller_id
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.attribution.spend import CHANNELS, COLUMNS, Entry, read_entry
from app.domain.money import money
from app.domain.period import read_day
from app.domain.validation import Invalid
from app.extensions import db
from app.models import AuditLog
from app.operations.attribution.change_spend import Change, SpendConflict, change_spend, undo_spend
from app.queries.attribution import spend as queries
from app.queries.users import audit_line
from app.typed import Typed

ADDRESS = "/admin/attribution/spend"
AT_ONCE = 50
LABELS = {
    "channel": "Channel",
    "source": "Source",
    "from": "First day",
    "to": "Last day",
    "amount": "Amount",
    "note": "Note",
}
NO_SUCH = "There is no such entry. It may have been removed."


@blueprint.get(ADDRESS)
@role("analyst")
def spend():
    """The entries, the latest first, and the form for another; `format=csv` all that is wanted."""
    wanted, problems = _wanted()
    if request.args.get("format") == "csv":
        texts = [queries.entry_of(row).texts() for row in queries.rows(wanted)]
        rows = [COLUMNS, *([each[name] for name in COLUMNS] for each in texts)]
        return csv_answer(f"spend-{utc_now():%Y-%m-%d}", csv_lines(rows))
    return list_page(wanted, problems, Typed(LABELS)), 422 if problems else 200


def _wanted() -> tuple[queries.Wanted, dict[str, str]]:
    problems: dict[str, str] = {}
    days = {
        name: read_day(request.args[name], name, problems) if request.args.get(name) else None
        for name in ("from", "to")
    }
    channel = request.args.get("channel")
    known = channel if channel in CHANNELS else None
    if problems:
        return queries.Wanted(known), problems
    return queries.Wanted(known, days["from"], days["to"]), {}


def list_page(wanted: queries.Wanted, problems: dict[str, str], form: Typed, file_error=None):
    """The list with this form in hand."""
    after = request.args.get("after", "")
    place = queries.read_place(after)
    if after and place is None:
        abort(400, "This page of the list is not known. Begin at its first page.")
    rows = queries.page(wanted, place, AT_ONCE + 1)
    last = rows[AT_ONCE - 1][0] if len(rows) > AT_ONCE else None
    count, amount = queries.total(wanted)
    return render_template(
        "admin/attribution/spend.html",
        rows=rows[:AT_ONCE],
        following=queries.place_of(last) if last else None,
        after=after,
        count=count,
        amount=amount,
        wanted=wanted,
        filtered=wanted != queries.Wanted(),
        problems=problems,
        form=form,
        file_error=file_error,
        channels=CHANNELS,
        sources=queries.sources(),
    )


@blueprint.post(ADDRESS)
@role("admin")
def spend_add():
    """Another entry."""
    texts = _sent()
    try:
        entry = read_entry(texts)
    except Invalid as problem:
        return list_page(queries.Wanted(), {}, Typed(LABELS, texts, problem.fields)), 422
    crossing = queries.crossing(entry)
    return _saved([Change(None, entry)], "spend.entered", entry, "Entered.", len(crossing))


@blueprint.get(f"{ADDRESS}/<int:spend_id>")
@role("analyst")
def spend_entry(spend_id):
    """One entry, to change it."""
    row = queries.row(spend_id) or abort(404, NO_SUCH)
    return _entry_page(row, Typed(LABELS, queries.entry_of(row).texts()))


@blueprint.post(f"{ADDRESS}/<int:spend_id>")
@role("admin")
def spend_save(spend_id):
    """The entry as it was typed."""
    row, texts = queries.row(spend_id) or abort(404, NO_SUCH), _sent()
    before = queries.entry_of(row)
    try:
        entry = read_entry(texts)
    except Invalid as problem:
        return _entry_page(row, Typed(LABELS, texts, problem.fields)), 422
    if entry == before:
        flash("Nothing was changed, so nothing was saved.", "info")
        return redirect(url_for("admin.spend"), 303)
    crossing = queries.crossing(entry, besides=spend_id)
    changes = [Change(before, entry, spend_id)]
    return _saved(changes, "spend.changed", entry, "Saved.", len(crossing))


@blueprint.post(f"{ADDRESS}/<int:spend_id>/remove")
@role("admin")
def spend_remove(spend_id):
    row = queries.row(spend_id) or abort(404, NO_SUCH)
    entry = queries.entry_of(row)
    told = f"Removed: {_subject(entry)}."
    return _saved([Change(entry, None, spend_id)], "spend.removed", entry, told)


@blueprint.post(f"{ADDRESS}/undo/<int:line_id>")
@role("admin")
def spend_undo(line_id):
    """Takes back what a line of the audit log says, unless it was changed again since."""
    line = audit_line(line_id)
    if line is None or not line.action.startswith("spend."):
        abort(404, "There is nothing to undo here.")
    try:
        undone = undo_spend(line, user_id=caller_id(), now=utc_now())
    except SpendConflict:
        db.session.rollback()
        flash("This was changed again since, so it cannot be undone.", "error")
        return redirect(url_for("admin.spend"), 303)
    db.session.commit()
    flash_with_undo("Undone. All is as it was before.", undone)
    return redirect(url_for("admin.spend"), 303)


def _entry_page(row, form: Typed):
    return render_template(
        "admin/attribution/spend_entry.html",
        row=row,
        form=form,
        channels=CHANNELS,
        sources=queries.sources(),
    )


def _sent() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in COLUMNS}


def _saved(changes: list[Change], action: str, entry: Entry, said: str, crossing: int = 0):
    try:
        line = change_spend(changes, action, _subject(entry), user_id=caller_id(), now=utc_now())
    except SpendConflict:
        db.session.rollback()
        flash("Somebody changed this entry a moment ago. Look at it again.", "warning")
        return redirect(url_for("admin.spend"), 303)
    db.session.commit()
    flash_with_undo(said, line)
    if crossing:
        others = "another entry" if crossing == 1 else f"{crossing} other entries"
        flash(
            f"It shares days with {others} of this channel, and all of them count. Look whether "
            "the same money is there twice.",
            "warning",
        )
    return redirect(url_for("admin.spend"), 303)


def _subject(entry: Entry) -> str:
    """How the audit log names an entry."""
    named = " · ".join(filter(None, (entry.channel, entry.source)))
    days = f"{entry.starts_on} to {entry.ends_on}"
    return f"spend: {named}, {days}, {money(entry.amount, g.organization.currency)}"


def flash_with_undo(said: str, line: AuditLog) -> None:
    flash({"text": said, "undo": url_for("admin.spend_undo", line_id=line.id)}, "success")
