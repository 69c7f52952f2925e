"""A website's host, as people write it."""

from urllib.parse import urlsplit


def host_of(text: str) -> str:
    """The host, with its port if it names one, of a domain or an address; IDNA as in DNS.

    Raises ValueError, in words for who typed it.
    """
    text = text.strip().lower()
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port
        plain = host.encode("idna").decode()
    except ValueError:
        plain, port = "", None
    names = plain.split(".")
    if not plain or not all(n and n.replace("-", "").replace("_", "").isalnum() for n in names):
        raise ValueError(f"“{text[:80]}” is not a domain. Write it as clinic.example.")
    return f"{plain}:{port}" if port else plain
