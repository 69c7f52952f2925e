from flask import Blueprint

from app.hosting import enter_hosted_site

blueprint = Blueprint("face", __name__, url_prefix="/enhanced-face")
blueprint.before_request(enter_hosted_site)

from app.blueprints.tools.face import routes  # noqa: E402, F401
