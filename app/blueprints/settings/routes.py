from app.blueprints.settings import blueprint  # noqa: F401
