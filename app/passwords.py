"""Passwords: hashed by argon2, slowly on purpose, so never while a transaction is open."""

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST = 10
LONGEST = 200
_hasher = PasswordHasher()  # RFC 9106, low memory
# Without the letters and digits that look like another.
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(password)


def is_password(kept: str | None, given: str) -> bool:
    """Whether `given` is the password of this hash; as slow without a hash as with one."""
    try:
        return _hasher.verify(kept or _nobodys(), given) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def one_time_password() -> str:
    """A random password to hand over once: sixteen signs, 92 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())
