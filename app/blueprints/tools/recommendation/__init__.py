from flask import Blueprint

from app.hosting import enter_hosted_site

blueprint = Blueprint("recommendation", __name__, url_prefix="/enhanced-ai")
blueprint.before_request(enter_hosted_site)

from app.blueprints.tools.recommendation import routes, voice  # noqa: E402, F401
