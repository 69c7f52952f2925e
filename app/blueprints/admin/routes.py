from app.blueprints.admin import blueprint  # noqa: F401
