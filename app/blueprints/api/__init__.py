from flask import Blueprint

blueprint = Blueprint("api", __name__)

from app.blueprints.api import routes  # noqa: E402, F401
