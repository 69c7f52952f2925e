from flask import Blueprint

from app.hosting import enter_hosted_site

blueprint = Blueprint("cost", __name__, url_prefix="/enhanced-cost")
blueprint.before_request(enter_hosted_site)

from app.blueprints.tools.cost import routes  # noqa: E402, F401
