"""How many events a second the collector stores durably, against the same server doing nothing.

All of the pipeline, visits and roll-ups included, SQLite with synchronous=FULL, 32 connections.
Baselines in the same run: a no-op Flask route, and bare sqlite3 inserting the very rows.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from uuid import UUID

from bench.load import Outcome, request, run

ROOT = Path(__file__).resolve().parent.parent
PORT = 5099
CONNECTIONS = 32
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
VISITORS = 3000
MOST_PER_SECOND = 60_000  # a bound on how many requests a phase can need, five units of work each
AGENT = (
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36\r\n"
)
chance = random.Random(1)


@contextmanager
def server():
    """The product on a new database, with a site in cookie mode; gives the site's key."""
    with tempfile.TemporaryDirectory(prefix="leadlight-bench-") as folder:
        env = os.environ | {
            "LEADLIGHT_DATA": folder,
            "PORT": str(PORT),
            "LEADLIGHT_COLLECT_PER_MINUTE": "0",
            "LEADLIGHT_LOG_LEVEL": "WARNING",
        }
        env.pop("DATABASE_URL", None)
        key = _prepare(env)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.server"], cwd=ROOT, env=env, start_new_session=True
        )
        try:
            _wait_until_up()
            yield key, Path(folder) / "leadlight.db"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _prepare(env: dict) -> str:
    flask = [sys.executable, "-m", "flask", "--app", "run"]
    subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=env, check=True, capture_output=True)
    make = """
from datetime import datetime, UTC
from app import create_app
from app.extensions import db
from app.models import Organization, Site
now = datetime.now(UTC)
with create_app().app_context():
    bench = Organization(slug="bench", name="Bench", created_at=now)
    db.session.add(bench)
    db.session.flush()
    db.session.add(Site(organization_id=bench.id, key="bench-key", name="b", domain="127.0.0.1",
                        identity_mode="cookie", created_at=now))
    db.session.commit()
"""
    subprocess.run([sys.executable, "-c", make], cwd=ROOT, env=env, check=True)
    return "bench-key"


def _wait_until_up():
    for _ in range(200):
        try:
            urllib.request.urlopen(
                urllib.request.Request(
                    f"http://127.0.0.1:{PORT}/bench/no-op", data=b"", method="POST"
                )
            )
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not come up")


def event_id() -> str:
    """A UUID of version 7, as the snippet makes them."""
    value = (time.time_ns() // 1_000_000) << 80 | chance.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


TYPES = ("page_viewed", "click", "click", "engaged", "leave")


def batches(key: str, events: int):
    """The requests of a phase, of visitors who come again and again: made before it begins, so
    that making them takes nothing from the server."""
    requests = []
    visitors = cycle([str(UUID(int=chance.getrandbits(128), version=4)) for _ in range(VISITORS)])
    one = cycle(("page_viewed", "click", "scrolled", "leave"))
    for _ in range(int(MOST_PER_SECOND / (4 + events) * (SECONDS + 1))):
        kinds = TYPES if events == 5 else [next(one) for _ in range(events)]
        body = {
            "v": 1,
            "site": key,
            "visitor": next(visitors),
            "page": {
                "url": f"http://127.0.0.1/treatments/{chance.randrange(40)}?utm_source=news",
                "title": "Laser hair removal",
                "referrer": "https://www.google.com/",
                "language": "en",
                "screen": [390, 844],
            },
            "events": [_event(kind, 10 * (place - len(kinds))) for place, kind in enumerate(kinds)],
        }
        requests.append(request("/collect", json.dumps(body).encode(), PORT, AGENT))
    return iter(requests)


def _event(kind: str, at: int) -> dict:
    event = {"id": event_id(), "type": kind, "at": at}
    if kind == "click":
        event |= {"label": "Book a consultation", "target": "/appointments/"}
    elif kind in ("leave", "engaged"):
        event["engaged"] = 12
    elif kind == "scrolled":
        event["data"] = {"depth": 75}
    return event


def bare_sqlite(database: Path, rows: int = 60_000) -> float:
    """Rows a second of sqlite3 alone: the same rows into the same table, 100 a transaction."""
    with tempfile.TemporaryDirectory(prefix="leadlight-bare-") as folder:
        source = sqlite3.connect(database)
        schema = [
            sql
            for (sql,) in source.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = 'interactions' AND sql IS NOT NULL"
            )
        ]
        names = [row[1] for row in source.execute("PRAGMA table_info(interactions)")]
        columns = ", ".join(name for name in names if name != "id")
        stored = source.execute(
            f"SELECT {columns} FROM interactions ORDER BY id LIMIT {rows}"
        ).fetchall()
        source.close()
        bare = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "cache_size=-65536",
            "wal_autocheckpoint=10000",
        ):
            bare.execute(f"PRAGMA {pragma}")
        for sql in schema:
            bare.execute(sql)
        marks = ", ".join("?" * (len(names) - 1))
        insert = f"INSERT INTO interactions ({columns}) VALUES ({marks})"
        started = time.perf_counter()
        for start in range(0, len(stored), 100):
            bare.execute("BEGIN IMMEDIATE")
            bare.executemany(insert, stored[start : start + 100])
            bare.execute("COMMIT")
        return len(stored) / (time.perf_counter() - started)


def measure() -> dict:
    """Every figure of one run."""
    nothing = cycle([request("/bench/no-op", b"", PORT, AGENT)])
    with server() as (key, database):
        run(PORT, nothing, CONNECTIONS, 1)
        run(PORT, batches(key, 5), CONNECTIONS, 1)
        no_op = run(PORT, nothing, CONNECTIONS, SECONDS)
        single = run(PORT, batches(key, 1), CONNECTIONS, SECONDS)
        five = run(PORT, batches(key, 5), CONNECTIONS, SECONDS)
        hundred = run(PORT, batches(key, 100), CONNECTIONS, SECONDS)
        again = run(PORT, nothing, CONNECTIONS, SECONDS)
        for outcome in (single, five, hundred):
            if set(outcome.statuses) != {202}:
                raise RuntimeError(f"not all was accepted: {outcome.statuses}")
        bare = bare_sqlite(database)
    baseline = (no_op.per_second + again.per_second) / 2
    return {
        "no_op": no_op,
        "single": single,
        "five": five,
        "hundred": hundred,
        "baseline": baseline,
        "bare": bare,
        "single_ratio": single.per_second / baseline,
        "five_ratio": 5 * five.per_second / baseline,
        "bare_ratio": 100 * hundred.per_second / bare,
        "bare_ratio_of_five": 5 * five.per_second / bare,
    }


def report(figures: dict) -> str:
    """The figures as a table of Markdown."""

    def row(name, events: float, outcome: Outcome, ratio: str) -> str:
        p50, p99 = (1000 * outcome.percentile(share) for share in (0.5, 0.99))
        rates = f"{outcome.per_second:,.0f} | {events:,.0f}"
        return f"| {name} | {rates} | {p50:.1f} | {p99:.1f} | {ratio} |"

    single, five, hundred = figures["single"], figures["five"], figures["hundred"]
    return "\n".join(
        (
            "| 32 connections | requests/s | events/s | p50 ms | p99 ms | ratio |",
            "|---|---|---|---|---|---|",
            row("no-op Flask route", 0, figures["no_op"], "1 (baseline)"),
            row(
                "one event a request",
                single.per_second,
                single,
                f"{figures['single_ratio']:.2f} of its requests",
            ),
            row(
                "five events a request",
                5 * five.per_second,
                five,
                f"{figures['five_ratio']:.2f} events to its request",
            ),
            row(
                "a hundred events a request",
                100 * hundred.per_second,
                hundred,
                f"{figures['bare_ratio']:.2f} of bare sqlite3",
            ),
            f"| bare sqlite3, batches of 100 | | {figures['bare']:,.0f} | | | "
            f"1 (baseline); five a request reach {figures['bare_ratio_of_five']:.2f} |",
        )
    )


if __name__ == "__main__":
    print(report(measure()))
