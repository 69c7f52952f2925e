from flask import Blueprint

blueprint = Blueprint("todo", __name__)

from app.blueprints.todo import routes  # noqa: E402, F401
