"""How far work in the background is; and its cancel button."""

from flask import abort, jsonify, redirect, render_template, request, url_for

from app.access import may, role
from app.blueprints.jobs import blueprint
from app.caller import caller_id
from app.clock import utc_now
from app.errors import wants_json
from app.extensions import db
from app.models import Job
from app.operations.work_on_job import cancel_job
from app.queries import jobs


@blueprint.get("/jobs/<int:job_id>")
@role("agent")
def show(job_id):
    """The job's progress: a page, the part that the page asks for each second, or JSON."""
    job = _job(job_id)
    if wants_json():
        return jsonify(_told(job))
    if request.headers.get("X-Requested-With") == "fetch":
        return render_template("jobs/_progress.html", job=job)
    return render_template("jobs/show.html", job=job, back=_place_of(job))


@blueprint.post("/jobs/<int:job_id>/cancel")
@role("agent")
def cancel(job_id):
    job = _job(job_id)
    if not (may("admin") or (job.user_id and job.user_id == caller_id())):
        abort(403, "Only an admin, or whoever started this, may cancel it.")
    cancel_job(job, now=utc_now())
    db.session.commit()
    return redirect(_place_of(job) or url_for("jobs.show", job_id=job_id), 303)


def _job(job_id: int) -> Job:
    return jobs.job(job_id) or abort(404, "There is no such job.")


def _place_of(job: Job) -> str | None:
    """The page on which the job's result is shown."""
    return job.arguments.get("shown_at")


def _told(job: Job) -> dict:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "done": job.done_steps,
        "all": job.all_steps,
        "percent": 100 if job.state == "done" else job.percent,
        "message": job.message,
        "waiting_for_worker": job.is_forsaken(utc_now()),
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at and job.finished_at.isoformat(),
    }
