from app.access import role
from app.blueprints.admin import blueprint


@blueprint.get("/admin/comprehensive/dashboard")
@role("analyst")
def dashboard():
    return "soon"
