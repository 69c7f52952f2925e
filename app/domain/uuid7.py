"""UUID version 7 (RFC 9562): the first 48 bits are the time, so ids sort and index by it."""

import hashlib


def uuid7(at: int, seed: bytes) -> bytes:
    """The 16 bytes of an id of `at` (milliseconds since 1970), its other bits a hash of `seed`
    and `at`.

    Pure: the same moment and seed give the same id.
    """
    time = (at & (1 << 48) - 1).to_bytes(6, "big")
    rest = bytearray(hashlib.sha256(seed + time).digest()[:10])
    rest[0] = rest[0] & 0x0F | 0x70
    rest[2] = rest[2] & 0x3F | 0x80
    return time + bytes(rest)
