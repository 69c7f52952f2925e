from flask import Blueprint

blueprint = Blueprint("leads", __name__)

from app.blueprints.leads import adding, board, bulk, lead, log, notes, routes, tasks, views  # noqa: E402, F401
