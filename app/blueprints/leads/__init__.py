from flask import Blueprint

blueprint = Blueprint("leads", __name__)

from app.blueprints.leads import lead, log, notes, routes, tasks  # noqa: E402, F401
