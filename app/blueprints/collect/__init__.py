from flask import Blueprint

blueprint = Blueprint("collect", __name__)

from app.blueprints.collect import routes  # noqa: E402, F401
