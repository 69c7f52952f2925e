"""Spend from a file, in two steps with nothing written before."""

from pathlib import PurePath

from flask import flash, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin.spend import ADDRESS, LABELS, flash_with_undo, list_page
from app.caller import caller_id
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.attribution.spend import COLUMNS, Plan, plan
from app.domain.sheet import Sheet, SheetError, read_sheet
from app.extensions import db
from app.operations.attribution.change_spend import Change, change_spend
from app.queries.attribution import spend as queries
from app.typed import Typed
from app.uploads import MB, packed, takes, unpacked

MOST_BYTES = MB
MOST_ROWS = 5000
TOO_LARGE = "A file of spend may have 1 MB. Split it and import the parts one by one."
SHOWN = 100
EXAMPLE = ("paid search", "google", "2026-03-01", "2026-03-31", "1250.00", "Invoice 4711")


@blueprint.get(f"{ADDRESS}/template.csv")
@role("analyst")
def spend_template():
    """The columns with an entry to show how they are filled."""
    return csv_answer("spend-template", csv_lines([COLUMNS, EXAMPLE]))


@blueprint.post(f"{ADDRESS}/preview")
@takes(MOST_BYTES + MB, TOO_LARGE)
@role("admin")
def spend_preview():
    """What a file would add; nothing is written."""
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    name = PurePath(upload.filename or "file.csv").name[:100] if upload else ""
    if not content:
        return _refused("Choose a file that is not empty."), 422
    if len(content) > MOST_BYTES:
        return _refused(TOO_LARGE), 413
    try:
        return _preview(content, name, *_read(content))
    except SheetError as problem:
        return _refused(f"{name}: {problem}"), 422


@blueprint.post(f"{ADDRESS}/import")
@takes(2 * MOST_BYTES, TOO_LARGE)
@role("admin")
def spend_import():
    """Adds what the preview showed; when that is something else by now, shows it anew."""
    name = request.form.get("name", "")[:100]
    try:
        content = unpacked(request.form.get("content", ""), MOST_BYTES)
        sheet, made = _read(content)
    except ValueError:
        return _refused("The file got lost on the way. Choose it again."), 422
    if made.problems or str(len(made.added)) != request.form.get("added"):
        return _preview(content, name, sheet, made, changed=True)
    line = change_spend(
        [Change(None, entry) for entry in made.added],
        "spend.imported",
        f"spend: {len(made.added)} entries of {name}",
        user_id=caller_id(),
        now=utc_now(),
    )
    db.session.commit()
    many = "1 entry" if len(made.added) == 1 else f"{len(made.added):,} entries"
    known = f" What was there already ({made.known:,}) stayed as it was." if made.known else ""
    flash_with_undo(f"{many} imported.{known}", line)
    if made.overlapping:
        flash(f"{len(made.overlapping):,} of them share days with others.", "warning")
    return redirect(url_for("admin.spend"), 303)


def _read(content: bytes) -> tuple[Sheet, Plan]:
    """The file as read and what it would add. Raises SheetError."""
    db.session.rollback()  # reading takes its time: nobody is held up meanwhile
    sheet = read_sheet(content, COLUMNS)
    if len(sheet.rows) > MOST_ROWS:
        raise SheetError(f"A file may have {MOST_ROWS:,} rows; this one has {len(sheet.rows):,}.")
    return sheet, plan(sheet, queries.entries())


def _preview(content: bytes, name: str, sheet: Sheet, made: Plan, *, changed=False):
    page = render_template(
        "admin/attribution/spend_preview.html",
        name=name,
        sheet=sheet,
        plan=made,
        content=packed(content) if made.added and not made.problems else "",
        changed=changed,
        shown=SHOWN,
        columns=COLUMNS,
    )
    return page, 422 if made.problems else 409 if changed else 200


def _refused(error: str):
    return list_page(queries.Wanted(), {}, Typed(LABELS), file_error=error)
