"""A hundred thousand leads and five million interactions on one machine.

A year made through the tracker in the order in which it happened, a lead's rows lying among
everybody's. Measured: the scores of all leads at once against lead by lead, each committed by
itself as it would be, with the same outcome; a lead's page against
the same page in a database of ten thousand interactions, and of a lead who did ten thousand things;
the credit of all customers by the six heuristic models at once against conversion by conversion
through the same code, with the same outcome; the pages about all leads, against reading every stay
of every lead once, by the processor's time.

LEADLIGHT_BENCH_LEADS and LEADLIGHT_BENCH_INTERACTIONS make it smaller; in a folder named by
LEADLIGHT_BENCH_FOLDER the databases are kept and found again.
"""

import os
import re
import statistics
import threading
import time
from collections import Counter
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from app.clock import utc_now
from app.domain.attribution.attribution import HEURISTIC, AttributionError
from app.extensions import db
from app.models import AttributionCredit, Lead, LeadAttribution, LeadScore, User
from app.operations.attribution.attribute_conversion import attribute_conversion
from app.operations.attribution.attribute_leads import attribute_leads
from app.operations.journeys.refresh_journeys import refresh_journeys
from app.operations.scoring.score_lead import score_lead
from app.operations.scoring.score_leads import changed_scores, keep_scores
from app.queries.attribution.conversions import conversions_of
from bench import overviews
from bench.scale_history import LONG_LIFE, Made, history

LEADS = int(os.environ.get("LEADLIGHT_BENCH_LEADS", 100_000))
INTERACTIONS = int(os.environ.get("LEADLIGHT_BENCH_INTERACTIONS", 5_000_000))
SMALL_LEADS, SMALL = 200, 10_000
ALONE = 300  # leads and conversions taken one by one
PAGES, TIMES = 60, 3  # leads, and how often each page is asked for: its best time counts
AT_ONCE, CREDIT_AT_ONCE = 500, 60  # leads, conversions a transaction, as the jobs take them
MEGABYTE = 1_000_000
CREDIT = ("lead_attribution", "attribution_credits")


def measure() -> dict:
    """Figures by name; seconds, unless the name says otherwise."""
    with _folder() as folder:
        with history(folder, SMALL_LEADS, SMALL) as small:
            _forget()
            _score(small)
            _attribute(small)
            found = {"small page": _page(small, _ordinary(small))}
        with history(folder, LEADS, INTERACTIONS) as whole:
            _forget()
            found |= {"leads": len(whole.leads), "interactions": whole.interactions}
            found |= _score(whole)
            found |= _attribute(whole)
            found["page"] = _page(whole, _ordinary(whole))
            found["long page"] = _page(whole, [whole.leads[0]] * 10)
            found["overviews"] = overviews.measure(whole)
    return found


@contextmanager
def _folder():
    kept = os.environ.get("LEADLIGHT_BENCH_FOLDER")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
    else:
        with TemporaryDirectory(prefix="leadlight-bench-") as folder:
            yield Path(folder)


def _forget():
    """What was stored before."""
    _empty("lead_scores", "lead_journeys", *CREDIT)


def _empty(*tables: str):
    for table in tables:
        db.session.execute(db.text(f"DELETE FROM {table}"))
    db.session.commit()
    db.session.expunge_all()


def _spread(made: Made, count: int) -> list[int]:
    """Some leads, from all over the year; not the one with the long life."""
    step = max(len(made.leads) // count, 1)
    return list(made.leads[1::step])[:count]


def _ordinary(made: Made) -> list[int]:
    """Customers with some history, the same kind whatever the size: their pages have most to say,
    and as many visits and engagements."""
    rows = db.session.execute(
        db.text(
            "SELECT l.id FROM leads l JOIN lead_attribution a ON a.lead_id = l.id "
            "AND a.model = 'linear' WHERE l.stage = 'customer' AND l.id > :first "
            "AND json_array_length(a.touchpoints) BETWEEN 8 AND 30 GROUP BY l.id ORDER BY l.id"
        ),
        {"first": made.leads[0]},
    )
    ids = [lead_id for (lead_id,) in rows]
    db.session.rollback()
    step = max(len(ids) // PAGES, 1)
    return ids[::step][:PAGES]


def _score(made: Made) -> dict:
    now, some = utc_now(), _spread(made, ALONE)
    begun, worked = time.perf_counter(), time.process_time()
    for lead_id in some:
        lead = db.session.scalars(select(Lead).where(Lead.id == lead_id)).one()
        score_lead(lead, reason="alone", now=now)
        db.session.commit()
    alone = (time.perf_counter() - begun) / len(some)
    worked_alone = (time.process_time() - worked) / len(some)
    one_by_one = _scores(some)
    _forget()
    with _memory() as memory:
        begun, worked = time.perf_counter(), time.process_time()
        scores, count = changed_scores(now), 0
        while part := [each for each in islice(scores, AT_ONCE) if each[1] is not None]:
            keep_scores(part, reason="together", now=now)
            db.session.commit()
            count += len(part)
        together = (time.perf_counter() - begun) / count
        worked_together = (time.process_time() - worked) / count
    _expect(count == len(made.leads), "every lead is scored")
    _expect(_scores(some) == one_by_one, "the same scores, one by one or all at once")
    db.session.rollback()
    return {
        "scored alone": alone,
        "scored together": together,
        "worked alone": worked_alone,
        "worked together": worked_together,
        "scoring memory, MB": memory["most"],
    }


def _scores(lead_ids: list[int]) -> list[tuple]:
    wanted = select(LeadScore.lead_id, LeadScore.total_score, LeadScore.contributions)
    rows = db.session.execute(wanted.where(LeadScore.lead_id.in_(lead_ids)))
    return sorted(map(tuple, rows), key=str)


@contextmanager
def _memory():
    """What the process holds at most inside, in MB."""
    found, over = {"most": 0}, threading.Event()

    def watch():
        while not over.wait(0.02):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            found["most"] = max(found["most"], pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def _attribute(made: Made) -> dict:
    """Credit for every customer. Those taken one by one are kept first and compared."""
    now, customers = utc_now(), ("customer",)
    some = [c for c in conversions_of(_spread(made, 30 * ALONE)) if c.type in customers][:ALONE]
    ids = [c.lead_id for c in some]
    begun = time.perf_counter()
    for each in some:
        values = {"at": each.at, "value": next(iter(each.values.values()))}
        lead = db.session.scalars(select(Lead).where(Lead.id == each.lead_id)).one()
        try:
            attribute_conversion(lead, each.type, now=now, models=HEURISTIC, **values)
        except AttributionError:
            continue
        db.session.commit()
    alone = (time.perf_counter() - begun) / len(some)
    one_by_one = _credited(ids)
    _empty(*CREDIT)
    begun, counts, after, longest = time.perf_counter(), Counter(), 0, 0.0
    while after is not None:
        step = time.perf_counter()
        part, after = attribute_leads(
            after, CREDIT_AT_ONCE, now=now, types=customers, models=HEURISTIC
        )
        db.session.commit()
        counts += part
        longest = max(longest, time.perf_counter() - step)
    took = time.perf_counter() - begun
    _expect(_credited(ids) == one_by_one and one_by_one[0], "the same credit, one by one or all")
    db.session.rollback()
    return {
        "conversions": counts["conversions"],
        "credited alone": alone,
        "credited together": took / counts["conversions"],
        "credited, all": took,
        "longest lock": longest,
    }


def _credited(lead_ids: list[int]) -> list[list[tuple]]:
    """All that is stored of these leads' credit, but for ids."""
    found = []
    for table in (LeadAttribution, AttributionCredit):
        columns = [c for c in table.__table__.columns if c.name != "id"]
        wanted = select(*columns).where(table.lead_id.in_(lead_ids))
        found.append(sorted(map(tuple, db.session.execute(wanted)), key=str))
    return found


def _page(made: Made, lead_ids: list[int]) -> dict:
    """The median time of leads' pages, each asked for by a signed-in user, and the most queries."""
    leads = db.session.scalars(select(Lead).where(Lead.id.in_(lead_ids))).all()
    refresh_journeys(leads, now=utc_now())
    db.session.commit()
    user_id = db.session.get(User, made.user_id).get_id()
    db.session.remove()
    client = made.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_id, True
    took, queries = [], []
    _ask(client, lead_ids[0])
    for lead_id in lead_ids:
        asked = [_ask(client, lead_id) for _ in range(TIMES)]
        took.append(min(seconds for seconds, _ in asked))
        queries += [count for _, count in asked]
    return {"seconds": statistics.median(took), "worst": max(took), "queries": max(queries)}


def _ask(client, lead_id: int) -> tuple[float, int]:
    asked = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    begun = time.perf_counter()
    try:
        answer = client.get(f"/admin/leads/{lead_id}")
    finally:
        took = time.perf_counter() - begun
        event.remove(Engine, "before_cursor_execute", note)
    _expect(answer.status_code == 200, f"lead {lead_id} has a page")
    return took, sum(not re.match(r"BEGIN|PRAGMA", statement) for statement in asked)


def _expect(is_so: bool, what: str):
    if not is_so:
        raise RuntimeError(f"not so: {what}")


def report(found: dict) -> str:
    """The figures as tables of Markdown."""
    alone, together = found["scored alone"], found["scored together"]
    one, all_ = found["credited alone"], found["credited together"]
    small = found["small page"]
    pages = [
        _page_line(f"{SMALL:,} interactions", small, small),
        _page_line(f"{found['interactions']:,} interactions", found["page"], small),
        _page_line(f"of them {LONG_LIFE:,} of this lead", found["long page"], small),
    ]
    return "\n".join(
        (
            f"{found['leads']:,} leads, {found['interactions']:,} interactions, "
            f"{found['conversions']:,} customers attributed.",
            "",
            "| scores | milliseconds a lead | of them the processor's |",
            "|---|---|---|",
            f"| lead by lead | {alone * 1000:.2f} | {found['worked alone'] * 1000:.2f} |",
            f"| all at once | {together * 1000:.3f} | {found['worked together'] * 1000:.3f} |",
            f"| **times as fast** | **{alone / together:.1f}** "
            f"| {found['worked alone'] / found['worked together']:.1f} |",
            f"| memory of the process at most | {found['scoring memory, MB']:.0f} MB | |",
            "",
            "| a lead's page | median ms | worst ms | ratio | queries |",
            "|---|---|---|---|---|",
            *pages,
            "",
            "| credit by six models | milliseconds a conversion |",
            "|---|---|",
            f"| conversion by conversion | {one * 1000:.2f} |",
            f"| all at once | {all_ * 1000:.3f} |",
            f"| **times as fast** | **{one / all_:.1f}** |",
            f"| all of them | {found['credited, all']:.1f} s, "
            f"the lock held for at most {found['longest lock'] * 1000:.0f} ms |",
            "",
            overviews.report(found["overviews"]),
        )
    )


def _page_line(name: str, page: dict, small: dict) -> str:
    ratio = page["seconds"] / small["seconds"]
    return (
        f"| {name} | {page['seconds'] * 1000:.1f} | {page['worst'] * 1000:.1f} | {ratio:.2f} "
        f"| {page['queries']} |"
    )


if __name__ == "__main__":
    print(report(measure()))
