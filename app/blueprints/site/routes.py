from app.blueprints.site import blueprint  # noqa: F401
