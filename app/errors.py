"""One shape of error for programs, one page for people."""

from flask import jsonify, render_template, request
from werkzeug.exceptions import HTTPException

TITLES = {
    400: "That request could not be read",
    401: "Please sign in",
    403: "This is not yours to open",
    404: "Nothing here",
    405: "This page cannot be asked that way",
    409: "That has changed in the meantime",
    413: "That is too large",
    422: "Something needs another look",
    429: "One moment, please",
    500: "Something broke on our side",
    503: "Back in a moment",
}
# In place of the framework's own sentences; what a view says itself is kept.
PLAINLY = {
    404: "There is nothing at this address. It may have moved, or the link was cut short.",
    500: "It is noted in the log. Please try again in a minute.",
}
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}


class ApiError(Exception):
    """Ends a request with `{"success": false, "error": {...}}` (api.md, first section)."""

    def __init__(self, status: int, message: str, code: str | None = None, fields=None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or CODES[status]
        self.fields = fields

    @property
    def body(self) -> dict:
        error = {"code": self.code, "message": self.message}
        if self.fields:
            error["fields"] = self.fields
        return {"success": False, "error": error}


def invalid(fields: dict[str, str], message: str = "Some fields need another look.") -> ApiError:
    """422, naming each field."""
    return ApiError(422, message, fields=fields)


def wants_json() -> bool:
    """Programs get JSON: every address below /api, /crm and /collect, and whoever asks for it."""
    if request.path.startswith(("/api/", "/crm/", "/collect")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def init_app(app):
    @app.errorhandler(ApiError)
    def api_error(error):
        if wants_json():
            return jsonify(error.body), error.status
        return _page(error.status, error.message)

    @app.errorhandler(HTTPException)
    def http_error(error):
        if error.response is not None:
            return error.response
        status = error.code or 500
        if status < 400:
            return error
        if wants_json():
            body = ApiError(status, _message(error), CODES.get(status, "error")).body
            response = jsonify(body)
        else:
            response = app.make_response(_page(status, _message(error)))
        response.status_code = status
        for name, value in error.get_headers():
            if name.lower() in ("retry-after", "allow"):
                response.headers[name] = value
        return response


def _message(error: HTTPException) -> str:
    if error.code == 429:
        return "Too many requests. Wait a minute and try again."
    if error.code in PLAINLY and error.description == type(error).description:
        return PLAINLY[error.code]
    return error.description or TITLES.get(error.code, "Something went wrong.")


def _page(status: int, message: str):
    page = render_template(
        "error.html",
        status=status,
        title=TITLES.get(status, "Something went wrong"),
        message=message,
    )
    return page, status
