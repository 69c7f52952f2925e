from app.blueprints.api import blueprint  # noqa: F401
