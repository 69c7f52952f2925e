"""Commands: `flask --app run ...`."""


def init_app(app):
    pass
