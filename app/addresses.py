"""What an address may hold, whichever page it is of: ids that fit a row, and no NUL."""

from flask import abort, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter, ValidationError

MOST = 2**31 - 1  # the largest id a row can have


class RowNumber(IntegerConverter):
    """`<int:...>` in an address: a number no row can have is not found (404)."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map, *args, **given):
        given.setdefault("max", MOST)
        super().__init__(url_map, *args, **given)

    def to_python(self, value):
        try:
            return super().to_python(value)
        except ValidationError:  # the router would go on and say 405 of another method's rule
            raise NotFound from None


def row_number(text: str) -> int:
    """The id that a parameter of an address names. Raises ValueError: none that a row can have."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MOST):
        raise ValueError(f"{text[:20]!r} is no row's number")
    return int(text)


def init_app(app):
    """Before the first route is registered and the first guard asks the database."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(_refuse_nul)


def _refuse_nul():
    """PostgreSQL cannot hold a NUL, and nobody types one."""
    request.get_data()  # a program's JSON may call itself a form: it is read again later
    told = (request.path, *_values(request.args), *_values(request.form))
    if any("\0" in value for value in told):
        abort(400, "There is a NUL character in what was sent.")


def _values(given):
    return (value for values in given.listvalues() for value in values)
