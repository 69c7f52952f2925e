from flask import Blueprint

from app.hosting import enter_hosted_site

blueprint = Blueprint("appointments", __name__, url_prefix="/appointments")
blueprint.before_request(enter_hosted_site)

from app.blueprints.tools.appointments import manage, routes  # noqa: E402, F401
