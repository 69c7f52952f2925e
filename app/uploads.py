"""What visitors send as files: held in memory only, and as much as a view says it takes.

Werkzeug would put a file of over 500 kB on the disk; a photo or a voice must never touch it.
"""

from io import BytesIO

from flask import Flask, Request, current_app

MB = 1024 * 1024


def takes(most: int):
    """The view takes a body of up to `most` bytes, in place of the setting for all others; put it
    directly above @public."""

    def mark(view):
        view.most_bytes = most
        return view

    return mark


class MemoryRequest(Request):
    """A request whose files never leave the memory."""

    @property
    def max_content_length(self) -> int | None:
        view = current_app.view_functions.get(self.endpoint)
        return getattr(view, "most_bytes", super().max_content_length)

    def _get_file_stream(self, *args, **kwargs) -> BytesIO:
        return BytesIO()


def init_app(app: Flask):
    app.request_class = MemoryRequest
