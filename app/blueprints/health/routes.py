from app.blueprints.health import blueprint  # noqa: F401
