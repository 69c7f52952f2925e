from app.blueprints.collect import blueprint  # noqa: F401
