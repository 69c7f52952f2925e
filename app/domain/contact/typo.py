"""Domains of e-mail addresses that were probably meant otherwise."""

# Where most private people have their mail. Short names are left out: too much lies beside them.
COMMON = (
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "hotmail.com",
    "hotmail.fr",
    "outlook.com",
    "outlook.fr",
    "icloud.com",
    "orange.fr",
    "wanadoo.fr",
    "laposte.net",
    "protonmail.com",
    "btinternet.com",
)
# Real ones that lie beside a common one.
REAL = frozenset(("ymail.com", "email.com", "mail.com", "rmail.com", "hotmail.it", "hotmail.be"))


def meant_address(address: str) -> str | None:
    """The address with the domain that was probably meant: ana@gmial.com -> ana@gmail.com. None
    when there is nothing to ask: the domain is a common one, or is more than one slip away (a
    letter added, left out, changed, or two swapped)."""
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    if domain in COMMON or domain in REAL:
        return None
    meant = next((one for one in COMMON if _is_one_slip(domain, one)), None)
    return f"{local}@{meant}" if meant else None


def _is_one_slip(typed: str, meant: str) -> bool:
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = _common(typed, meant)
    a, b = typed[start:], meant[start:]
    end = _common(a[::-1], b[::-1])
    a, b = a[: len(a) - end], b[: len(b) - end]
    return max(len(a), len(b)) == 1 or (len(a) == 2 and a == b[::-1])


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
