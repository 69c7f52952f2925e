"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Integer, LargeBinary, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_millis(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, exact (no floating point)."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def from_millis(millis: int) -> datetime:
    """The UTC datetime of milliseconds since 1970."""
    seconds, rest = divmod(millis, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)


class Instant(TypeDecorator):
    """A moment, stored as whole milliseconds since 1970 UTC; an aware datetime in Python.

    One integer sorts, compares and buckets alike on both databases.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return to_millis(value) if isinstance(value, datetime) else value

    def process_result_value(self, value, dialect):
        return None if value is None else from_millis(value)


class Identifier(TypeDecorator):
    """A UUID: 16 bytes on SQLite, uuid on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=True))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value, dialect):
        if value is None or dialect.name == "postgresql":
            return value
        return value.bytes if isinstance(value, UUID) else value

    def process_result_value(self, value, dialect):
        if value is None or isinstance(value, UUID):
            return value
        return UUID(bytes=bytes(value))


Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

# SQLite counts up by itself only for INTEGER.
SerialKey = BigInteger().with_variant(Integer, "sqlite")
