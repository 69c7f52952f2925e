"""Extensions, made here and bound to the app in create_app."""

from contextlib import contextmanager
from contextvars import ContextVar

from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


_connection: ContextVar[Connection | None] = ContextVar("connection", default=None)


class JoiningSession(Session):
    """A session that works on the connection of `joined`, while there is one."""

    def get_bind(self, *args, **named):
        return _connection.get() or super().get_bind(*args, **named)


db = SQLAlchemy(
    model_class=Base,
    # An open SQLite connection never hears of the sizes that another saw since (app.jobs.sizes).
    engine_options={"pool_pre_ping": False, "pool_recycle": 3600},
    session_options={"class_": JoiningSession, "join_transaction_mode": "rollback_only"},
)
migrate = Migrate(compare_type=True, render_as_batch=True)
login = LoginManager()
csrf = CSRFProtect()
compress = Compress()
limiter = Limiter(get_remote_address, default_limits=[])

_writes: ContextVar[bool] = ContextVar("writes", default=False)


@contextmanager
def writing():
    """Inside, SQLite transactions take the write lock when they begin.

    Whoever reads first and writes later needs it (a POST, a command, a job, the log's writer):
    SQLite refuses such a write when somebody else committed in between.
    """
    token = _writes.set(True)
    try:
        yield
    finally:
        _writes.reset(token)


@contextmanager
def joined(connection: Connection):
    """Inside, db.session works in the transaction that this connection is in, and that whoever
    began it commits, or rolls back when an error is raised."""
    token = _connection.set(connection)
    try:
        yield
        db.session.flush()
    finally:
        db.session.remove()
        _connection.reset(token)


def _configure_sqlite(connection, _record):
    connection.isolation_level = None  # BEGIN is ours, below
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # acknowledged means on disk, also after a power cut
        "foreign_keys=ON",
        "busy_timeout=15000",
        "cache_size=-65536",
        "wal_autocheckpoint=10000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection):
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes.get() else "BEGIN")


@event.listens_for(Engine, "connect")
def _on_connect(connection, record):
    if type(connection).__module__.startswith("sqlite3"):
        _configure_sqlite(connection, record)


@event.listens_for(Engine, "begin")
def _on_begin(connection):
    if connection.dialect.name == "sqlite":
        _begin_sqlite(connection)
