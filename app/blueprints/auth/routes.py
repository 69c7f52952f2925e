from app.blueprints.auth import blueprint  # noqa: F401
