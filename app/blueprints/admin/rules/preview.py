"""Preview a draft on history: begin it, follow it, see what came of it."""

from flask import abort, flash, redirect, render_template, request

from app.access import role
from app.blueprints.admin import blueprint
from app.blueprints.admin.rules.draft import Typed
from app.blueprints.admin.rules.kinds import Rules, rules_of
from app.blueprints.admin.rules.page import ADDRESS, NORMAL_RANGE, OF_VISITS, RANGES, rules_page
from app.blueprints.admin.rules.shown import shown_of, summary_of, verdicts_of, who_changed
from app.caller import caller_id
from app.clock import utc_now
from app.csv_files import csv_answer, csv_lines
from app.extensions import db
from app.models import Job
from app.operations.start_job import start_job
from app.operations.work_on_job import cancel_job
from app.queries import jobs
from app.queries.tracking.sites import sites


def start_preview(of: Rules, form: Typed):
    """Begins the preview of the kept draft, and shows how far it is."""
    rules = of.form.rules_of(form)
    if rules is None:
        return rules_page(of, form), 422
    earlier = latest_preview(of)
    if earlier and not earlier.is_over:
        cancel_job(earlier, now=utc_now())
    asked = request.form.get("range", NORMAL_RANGE)
    arguments = {
        "site_id": of.site_id,
        "in_force": of.version(),
        "draft": of.to_json(rules),
        "range": asked if asked in RANGES else NORMAL_RANGE,
    }
    job = start_job(of.preview_job, arguments, user_id=caller_id(), now=utc_now())
    shown_at = of.address("admin.rules_preview", job_id=job.id)
    job.arguments = {**arguments, "shown_at": shown_at}
    db.session.commit()
    return redirect(shown_at, 303)


@blueprint.post(f"{ADDRESS}/previews")
@blueprint.post(f"{OF_VISITS}/previews")
@role("admin")
def rules_preview_again(site_id=None):
    """The preview of the draft as it stands now, over another range say."""
    of = rules_of(site_id)
    if of.stored is None:
        flash("There is no draft to preview. Change something first.", "info")
        return redirect(of.address(), 303)
    return start_preview(of, of.draft())


@blueprint.get(f"{ADDRESS}/previews/<int:job_id>")
@blueprint.get(f"{OF_VISITS}/previews/<int:job_id>")
@role("analyst")
def rules_preview(job_id, site_id=None):
    """How far the preview is, then what came of it; `format=csv` one of its tables."""
    of, job = rules_of(site_id), jobs.job(job_id)
    if job is None or job.kind != of.preview_job or job.arguments["site_id"] != site_id:
        abort(404, "There is no such preview.")
    before = of.of_version(job.arguments["in_force"])
    after = of.read(job.arguments["draft"])
    tables = shown_of(of, job, before, after) if job.state == "done" else {}
    if request.args.get("format") == "csv":
        table = tables.get(request.args.get("table")) or abort(404, "There is no such table.")
        cells = [[label for label, _ in table.columns], *(row.cells for row in table.rows)]
        return csv_answer(f"preview-{job_id}-{request.args['table']}", csv_lines(cells))
    stored = of.stored
    return render_template(
        "admin/rules/preview.html",
        of=of,
        job=job,
        version=of.version(),
        draft=stored,
        form=of.draft(),
        is_current=is_of_draft(of, job),
        changes=list(of.changes(before, after)),
        tables=tables,
        summary=summary_of(of, job.result) if tables else [],
        verdicts=verdicts_of(of, job.result) if tables else [],
        named=who_changed(job.result) if tables else [],
        sites=sites(),
        ranges=RANGES,
        range=job.arguments["range"],
    )


def latest_preview(of: Rules) -> Job | None:
    """The preview that was begun last."""
    asked = {} if of.site_id is None else {"site_id": of.site_id}
    return jobs.newest(of.preview_job, **asked)


def preview_of(of: Rules, rules) -> Job | None:
    """The finished preview of exactly these rules against those in force."""
    job = latest_preview(of)
    wanted = (of.version(), of.to_json(rules))
    if job and job.state == "done":
        return job if (job.arguments["in_force"], job.arguments["draft"]) == wanted else None
    return None


def is_of_draft(of: Rules, job: Job) -> bool:
    """Whether what was previewed is still what publishing the draft would put in force."""
    rules = of.form.rules_of(of.draft()) if of.stored else None
    told = (job.arguments["in_force"], job.arguments["draft"])
    return rules is not None and told == (of.version(), of.to_json(rules))
