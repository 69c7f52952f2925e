from flask import Blueprint

blueprint = Blueprint("leads", __name__)

from app.blueprints.leads import lead, routes  # noqa: E402, F401
