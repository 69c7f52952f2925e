from flask import Blueprint

blueprint = Blueprint("site", __name__)

from app.blueprints.site import routes  # noqa: E402, F401
