from flask import Blueprint

blueprint = Blueprint("auth", __name__)

from app.blueprints.auth import routes  # noqa: E402, F401
