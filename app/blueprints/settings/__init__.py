from flask import Blueprint

blueprint = Blueprint("settings", __name__)

from app.blueprints.settings import routes  # noqa: E402, F401
