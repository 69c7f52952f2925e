"""What visitors send as files: held in memory only, and as much as a view says it takes.

Werkzeug would put a file of over 500 kB on the disk; a photo or a voice must never touch it.
"""

import base64
import binascii
import zlib
from io import BytesIO

from flask import Flask, Request, current_app
from werkzeug.exceptions import RequestEntityTooLarge

MB = 1024 * 1024


def takes(most: int, too_large: str | None = None):
    """The view takes a body of up to `most` bytes, in place of the setting for all others, and may
    answer a larger one in words of its own. Put it directly above @public."""

    def mark(view):
        view.room = (most, too_large)
        return view

    return mark


class MemoryRequest(Request):
    """A request whose files never leave the memory."""

    @property
    def max_content_length(self) -> int | None:
        room = self._room()
        return room[0] if room else super().max_content_length

    @property
    def max_form_memory_size(self) -> int | None:
        room = self._room()
        return room[0] if room else super().max_form_memory_size

    def get_data(self, *args, **kwargs):
        try:
            return super().get_data(*args, **kwargs)
        except RequestEntityTooLarge as error:
            room = self._room()
            if room and room[1]:
                error.description = room[1]
            raise

    def _room(self) -> tuple[int, str] | None:
        view = current_app.view_functions.get(self.endpoint)
        return getattr(view, "room", None)

    def _get_file_stream(self, *args, **kwargs) -> BytesIO:
        return BytesIO()


def packed(content: bytes) -> str:
    """A file as a form's field holds it, to travel through the browser between two steps."""
    return base64.b64encode(zlib.compress(content)).decode("ascii")


def unpacked(text: str, most: int) -> bytes:
    """The file that was packed; ValueError for anything else, and for more than `most` bytes."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.b64decode(text, validate=True), most + 1)
    except (binascii.Error, zlib.error):
        raise ValueError("This is no packed file.") from None
    if not unpacking.eof or not content or len(content) > most:
        raise ValueError("This is no packed file, or too much.")
    return content


def init_app(app: Flask):
    app.request_class = MemoryRequest
