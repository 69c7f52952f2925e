from app.access import role
from app.blueprints.settings import blueprint


@blueprint.route("/settings/account", methods=["GET", "POST"])
@role("agent")
def account():
    return "soon"
