"""The catalogue as files: export, templates, import in two steps with nothing written before.

Between the two steps the file travels through the browser and is read and judged anew when it
comes back: what a browser could make of it, it could as well have uploaded.
"""

from pathlib import PurePath

from flask import abort, redirect, render_template, request, url_for

from app.access import role
from app.blueprints.catalogue import blueprint
from app.blueprints.catalogue.saving import flash_with_undo, in_words
from app.caller import caller_id
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.catalogue.catalogue import KINDS, Kind, write_record
from app.domain.catalogue.catalogue_changes import Plan, plan
from app.domain.sheet import Sheet, SheetError, read_sheet
from app.extensions import db
from app.operations.catalogue.change_catalogue import CatalogueConflict, change_catalogue
from app.queries.catalogue import staff
from app.queries.catalogue.catalogue_records import facts, records
from app.queries.users import audit_lines
from app.uploads import MB, packed, takes, unpacked

MOST_BYTES = 8 * MB
TOO_LARGE = "A file of the catalogue may have 8 MB. Split it and import the parts one by one."
IMPORTED = "catalogue.imported"
SHOWN = 100
ANY_KIND = f"<any({', '.join(KINDS)}):kind>"
EXAMPLES = {
    "treatments": {
        "slug": "lip-filler",
        "name": "Lip filler",
        "category": "Injectables",
        "summary": "Fuller lips, still yours.",
        "description": "A first paragraph.\n\nA second one.",
        "concerns": "thin lips | dry lips",
        "synonyms": "hyaluronic lips",
        "questions": "How long does it last?",
        "price_low": "290",
        "price_high": "420.50",
        "downtime": "Swelling for a day",
        "minutes": "45",
        "sessions": "1",
        "areas": "contour: Contour = 0.8 | volume: Volume = 1",
        "options": "numbing: Dental numbing = 40-40 once",
        "active": "yes",
        "position": "1",
    },
    "clinics": {
        "slug": "paris",
        "name": "Our Paris clinic",
        "city": "Paris 8e",
        "address": "1 rue Exemple, 75008 Paris",
        "timezone": "Europe/Paris",
        "price_percent": "100",
        "position": "1",
    },
    "practitioners": {
        "slug": "camille-renaud",
        "name": "Dr. Camille Renaud",
        "title": "Dermatologist",
        "about": "Some sentences.",
        "treatments": "lip-filler | hydrafacial",
        "active": "yes",
        "position": "1",
    },
    "opening_hours": {"clinic": "paris", "monday": "09:00-13:00, 14:00-19:00"},
    "working_hours": {
        "practitioner": "camille-renaud",
        "clinic": "paris",
        "monday": "09:00-13:00",
    },
    "closures": {
        "clinic": "paris",
        "practitioner": "",
        "from": "2027-05-01",
        "to": "2027-05-01",
        "reason": "Labor Day",
    },
}


@blueprint.get("/files")
@role("agent")
def files():
    """Everything to take out and bring in, and what was brought in lately."""
    return _page()


@blueprint.get(f"/files/{ANY_KIND}.csv")
@role("agent")
def export(kind: str):
    """All entries of a kind; imported again as they are, they change nothing."""
    chosen = KINDS[kind]
    texts = [write_record(chosen, record) for record in records(kind).values()]
    rows = [[each[name] for name in chosen.by_name] for each in texts]
    return csv_answer(f"{kind}-{utc_now():%Y-%m-%d}", csv_lines([list(chosen.by_name), *rows]))


@blueprint.get(f"/files/{ANY_KIND}-template.csv")
@role("agent")
def template(kind: str):
    """The columns of a kind with an entry to show how they are filled."""
    names, example = list(KINDS[kind].by_name), EXAMPLES[kind]
    rows = [names, [example.get(name, "") for name in names]]
    return csv_answer(f"{kind}-template", csv_lines(rows))


@blueprint.post("/files/preview")
@takes(MOST_BYTES + MB, TOO_LARGE)
@role("admin")
def preview_import():
    """What a file would change; nothing is written."""
    kind, upload = _kind(), request.files.get("file")
    content = upload.read() if upload else b""
    if not content:
        return _page(kind.name, "Choose a file that is not empty."), 422
    if len(content) > MOST_BYTES:
        return _page(kind.name, TOO_LARGE), 413
    name = PurePath(upload.filename or "file.csv").name[:100]
    try:
        return _preview(kind, content, name, *_read(kind, content))
    except SheetError as problem:
        return _page(kind.name, str(problem), name), 422


@blueprint.post("/files/import")
@takes(2 * MOST_BYTES, TOO_LARGE)
@role("admin")
def import_file():
    """Does what the preview showed; when the catalogue changed meanwhile, shows it anew."""
    kind, name = _kind(), request.form.get("name", "")[:100]
    try:
        content = unpacked(request.form.get("content", ""), MOST_BYTES)
        sheet, made = _read(kind, content)
    except ValueError:
        return _page(kind.name, "The file got lost on the way. Choose it again."), 422
    if made.problems or made.fingerprint != request.form.get("plan"):
        return _preview(kind, content, name, sheet, made, changed=True)
    try:
        line = change_catalogue(
            made.changes,
            IMPORTED,
            f"{kind.title.lower()}, {name}",
            user_id=caller_id(),
            now=utc_now(),
            added=len(made.added),
            edited=len(made.changed),
        )
    except CatalogueConflict:
        db.session.rollback()
        return _preview(kind, content, name, *_read(kind, content), changed=True)
    db.session.commit()
    if line:
        flash_with_undo(_said(kind, made), line)
    return redirect(url_for("catalogue.files"), 303)


def _said(kind: Kind, made: Plan) -> str:
    told = f"{kind.title}: {len(made.added)} added, {len(made.changed)} changed"
    return f"{told}, {made.unchanged} as they were."


def _kind() -> Kind:
    return KINDS.get(request.form.get("kind", "")) or abort(422, "Say what the file holds.")


def _read(kind: Kind, content: bytes) -> tuple[Sheet, Plan]:
    """The file as read and what it would do. Raises SheetError."""
    db.session.rollback()  # reading takes its time: nobody is held up meanwhile
    sheet = read_sheet(content, kind.by_name)
    return sheet, plan(kind, sheet, records(kind.name), facts())


def _preview(kind: Kind, content: bytes, name: str, sheet: Sheet, made: Plan, *, changed=False):
    page = render_template(
        "catalogue/preview_import.html",
        kind=kind,
        name=name,
        sheet=sheet,
        plan=made,
        content=packed(content) if made.changes and not made.problems else "",
        changed=changed,
        affected=staff.left_out(made.changes, utc_now()),
        shown=SHOWN,
        words=in_words,
    )
    return page, 422 if made.problems else 409 if changed else 200


def _page(kind: str = "treatments", error: str = "", name: str = ""):
    return render_template(
        "catalogue/files.html",
        kinds=KINDS.values(),
        kind=kind,
        error=error,
        name=name,
        imports=audit_lines(action=IMPORTED, limit=10),
        most=MOST_BYTES // MB,
    )
