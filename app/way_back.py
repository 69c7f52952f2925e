"""Where a form leads when it was sent: to where it stood, never to another host."""

from urllib.parse import urlsplit

from flask import request


def way_back(otherwise: str) -> str:
    """The address that the form or the link names as `next`, when it is one of ours."""
    wanted = request.values.get("next", "")
    return wanted if is_local(wanted) else otherwise


def is_local(address: str) -> bool:
    """Whether a redirect to this address stays on this host, however a browser reads it."""
    if not address.startswith("/") or address.startswith("//"):
        return False
    if "\\" in address or any(ord(sign) < 33 for sign in address):
        return False
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc
