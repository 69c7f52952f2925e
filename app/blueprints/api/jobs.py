"""Work in the background, followed by programs."""

from app.access import role
from app.blueprints.api import blueprint
from app.blueprints.api.body import iso
from app.errors import ApiError
from app.queries import jobs


@blueprint.get("/api/jobs/<int:job_id>")
@role("agent")
def job_status(job_id):
    """How far a job is."""
    job = jobs.job(job_id)
    if job is None:
        raise ApiError(404, "There is no job with this id.")
    return {
        "success": True,
        "job": {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "progress": 100 if job.state == "done" else job.percent,
            "message": job.message,
            "result": job.result,
            "created_at": iso(job.created_at),
            "finished_at": iso(job.finished_at),
        },
    }
