"""The collector's own door."""


class CollectorDoor:
    def __init__(self, app):
        self.app = app
        self.inner = app.wsgi_app

    def __call__(self, environ, start_response):
        return self.inner(environ, start_response)
