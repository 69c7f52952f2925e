from app.blueprints.leads import blueprint  # noqa: F401
