"""UUID version 7 (RFC 9562): the first 48 bits are the time, so ids sort and index by it."""

import hashlib
from uuid import UUID


def uuid7(at: int, seed: UUID | bytes) -> UUID:
    """The id of `at` (milliseconds since 1970) whose other bits are a hash of `seed` and `at`.

    Pure: the same moment and seed give the same id.
    """
    seed = seed.bytes if isinstance(seed, UUID) else seed
    time = (at & (1 << 48) - 1).to_bytes(6, "big")
    value = int.from_bytes(time + hashlib.sha256(seed + time).digest()[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
