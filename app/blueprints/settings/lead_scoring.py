"""Lead score and automatic moves: drafted, previewed on today's leads, then published.

A draft lives in the job that previews it: nothing can be published that nobody has seen.
"""

from flask import abort, flash, redirect, render_template, request, url_for

from app.access import role
from app.addresses import row_number
from app.blueprints.settings import blueprint
from app.blueprints.settings import lead_scoring_fields as fields
from app.blueprints.settings import lead_scoring_form as forms
from app.blueprints.settings.lead_scoring_shown import NAMES, summary_of, tables_of, who_moves
from app.caller import caller_id
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.domain.leads.lifecycle import LABELS, STAGES
from app.domain.scoring.decay import MODES
from app.domain.scoring.lead_score import COMPONENTS, PROFILE_FIELDS
from app.domain.scoring.lead_scoring import LeadScoring
from app.domain.tracking.event import ENGAGEMENT_TYPES
from app.domain.wording import type_in_words
from app.extensions import db
from app.jobs import score_leads
from app.jobs.preview_lead_scoring import KIND
from app.models import Job
from app.operations.scoring.publish_lead_scoring import ScoringConflict, publish_lead_scoring
from app.operations.start_job import start_job
from app.operations.work_on_job import cancel_job
from app.queries import jobs
from app.queries.scoring import lead_scoring as queries

ADDRESS = "/settings/lead-scoring"
NO_SUCH = "There is no such preview."


@blueprint.get(ADDRESS)
@role("analyst")
def lead_scoring():
    """What is in force; `draft` a previewed draft to go on with, `from=defaults` the defaults."""
    in_force = queries.in_force()
    shown, draft = in_force, request.args.get("draft", type=row_number)
    if draft is not None:
        shown = LeadScoring.from_json(_preview(draft).arguments["draft"])
    elif request.args.get("from") == "defaults":
        shown = LeadScoring()
    return _page(in_force, forms.Typed(forms.texts_of(shown)), changes=_changes(in_force, shown))


@blueprint.post(ADDRESS)
@role("admin")
def lead_scoring_draft():
    """Previews what was typed; nothing is in force by that."""
    in_force = queries.in_force()
    form = forms.sent(request.form, forms.texts_of(in_force))
    draft = forms.read(form, in_force)
    if draft is None:
        return _page(in_force, form), 422
    if draft.to_json() == in_force.to_json():
        flash("Nothing differs from what is in force, so there is nothing to preview.", "info")
        return redirect(url_for("settings.lead_scoring"), 303)
    return _start(in_force, draft, request.form.get("note", ""))


@blueprint.get(f"{ADDRESS}/previews/<int:job_id>")
@role("analyst")
def lead_scoring_preview(job_id):
    """How far the preview is, then what came of it; `format=csv` one of its tables."""
    job = _preview(job_id)
    before, after = (LeadScoring.from_json(job.arguments[side]) for side in ("in_force", "draft"))
    tables = tables_of(job.result) if job.state == "done" else {}
    if request.args.get("format") == "csv":
        table = tables.get(request.args.get("table")) or abort(404, "There is no such table.")
        cells = [[label for label, _ in table.columns], *(row.cells for row in table.rows)]
        return csv_answer(f"lead-scoring-{job_id}-{request.args['table']}", csv_lines(cells))
    return render_template(
        "settings/lead_scoring_preview.html",
        job=job,
        changes=_changes(before, after),
        is_current=before.to_json() == queries.in_force().to_json(),
        tables=tables,
        names=NAMES,
        summary=summary_of(job.result) if tables else [],
        moves=who_moves(job.result, before, after) if tables else [],
        note=job.arguments["note"],
    )


@blueprint.post(f"{ADDRESS}/publish")
@role("admin")
def lead_scoring_publish():
    """Puts a draft in force whose preview is done."""
    job = _preview(request.form.get("job", type=row_number))
    there = redirect(url_for("settings.lead_scoring_preview", job_id=job.id), 303)
    if job.state != "done":
        flash("Wait until the preview is done: nothing goes live unseen.", "warning")
        return there
    try:
        published = publish_lead_scoring(
            LeadScoring.from_json(job.arguments["draft"]),
            previewed_against=LeadScoring.from_json(job.arguments["in_force"]),
            note=request.form.get("note", "") or job.arguments["note"],
            shown_at=url_for("settings.lead_scoring"),
            user_id=caller_id(),
            now=utc_now(),
        )
    except ScoringConflict:
        db.session.rollback()
        flash(
            "Something else was published since this preview. Preview the draft again.", "warning"
        )
        return there
    db.session.commit()
    flash(f"In force: version {published.rules.version} of the lead score.", "success")
    return redirect(url_for("settings.lead_scoring"), 303)


@blueprint.post(f"{ADDRESS}/previews")
@role("admin")
def lead_scoring_again():
    """Previews again: a draft (`job`) as it was, or what was in force before a publication
    (`line`)."""
    if line_id := request.form.get("line", type=row_number):
        line = queries.publication(line_id) or abort(404, "There is no such publication.")
        old, note = line.detail["before"], f"Back to before version {line.detail['version']}"
    else:
        job = _preview(request.form.get("job", type=row_number))
        old, note = job.arguments["draft"], job.arguments["note"]
    in_force, draft = queries.in_force(), LeadScoring.from_json(old)
    if draft.to_json() == in_force.to_json():
        flash("That is what is in force.", "info")
        return redirect(url_for("settings.lead_scoring"), 303)
    return _start(in_force, draft, note)


def _start(in_force: LeadScoring, draft: LeadScoring, note: str):
    earlier, now = jobs.newest(KIND), utc_now()
    if earlier and not earlier.is_over:
        cancel_job(earlier, now=now)
    arguments = {
        "in_force": in_force.to_json(),
        "draft": draft.to_json(),
        "note": note.strip()[:300],
    }
    job = start_job(KIND, arguments, user_id=caller_id(), now=now)
    shown_at = url_for("settings.lead_scoring_preview", job_id=job.id)
    job.arguments = {**arguments, "shown_at": shown_at}
    db.session.commit()
    return redirect(shown_at, 303)


def _preview(job_id: int | None) -> Job:
    job = jobs.job(job_id) if job_id is not None else None
    return job if job and job.kind == KIND else abort(404, NO_SUCH)


def _page(in_force: LeadScoring, form: forms.Typed, changes: list[str] | None = None):
    job = jobs.newest(score_leads.KIND)
    typed = forms.differing(forms.texts_of(in_force), form.texts)
    return render_template(
        "settings/lead_scoring.html",
        form=form,
        changes=changes or [],
        opened={"weights"} | forms.parts_of([*form.errors, *typed]),
        scored_by=in_force.rules.version,
        grades=[grade.name for grade in in_force.rules.grades],
        temperatures=[each.name for each in in_force.rules.temperatures],
        components=COMPONENTS,
        profile=PROFILE_FIELDS,
        types={name: type_in_words(name) for name in ENGAGEMENT_TYPES},
        stages={name: LABELS[name] for name in STAGES},
        modes={name: fields.MODE_WORDS[name] for name in MODES},
        moves=fields.MOVE_WORDS,
        tiers=fields.TIERS,
        history=_history(),
        job=job if job and not job.is_over else None,
    )


def _history() -> list[dict]:
    """The last publications, each with what it changed, in words."""
    told = []
    for line, by in queries.published():
        sides = (LeadScoring.from_json(line.detail[side]) for side in ("before", "after"))
        told.append({"line": line, "by": by, "changes": _changes(*sides)})
    return told


def _changes(before: LeadScoring, after: LeadScoring) -> list[str]:
    return forms.changes(before, after)
