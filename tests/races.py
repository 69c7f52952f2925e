"""Several who act at the same moment, each with a connection of their own to a real database."""

import json
import re
import threading
from uuid import uuid4

from app.clock import utc_now
from app.extensions import db, writing
from app.jobs import work
from app.tenancy import acting_for

OWNER = {"Authorization": "Bearer clinic-token"}
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0"


def all_at_once(app, acts) -> list[tuple]:
    """[(kind, act)] -> [(kind, what each act gave, or what broke)]: a barrier lets all threads go
    at once."""
    db.session.rollback()  # what a request before left open here
    start, found = threading.Barrier(len(acts)), []

    def one(kind, act):
        with app.app_context():
            start.wait(30)
            try:
                found.append((kind, act()))
            except Exception as broken:
                found.append((kind, repr(broken)[:300]))
            db.session.remove()

    threads = [threading.Thread(target=one, args=pair) for pair in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(acts)
    return found


def by_api(app, method, path, body):
    def act():
        client = app.test_client()
        return client.open(path, method=method, json=body, headers=OWNER).status_code

    return act


def by_board(client, lead_id, stage):
    page = client.get(f"/admin/leads/{lead_id}/move").get_data(as_text=True)
    token = TOKEN.search(page)[1]

    def act():
        told = {"stage": stage, "reason": "seen on the board", "csrf_token": token}
        return client.post(f"/admin/leads/{lead_id}/move", data=told).status_code

    return act


def by_browser(app, visitor, *types):
    """What a browser of the clinic's site sends to the collector."""

    def act():
        events = [{"id": str(uuid4()), "type": kind, "at": 0} for kind in types]
        body = {"v": 1, "site": "clinic-key", "visitor": str(visitor), "events": events}
        body["page"] = {"url": "https://clinic.example/laser"}
        told = {"data": json.dumps(body), "headers": {"User-Agent": BROWSER}}
        return app.test_client().post("/collect", **told).status_code

    return act


def in_turn(organization_id, change):
    """What a command or a job does: `change(now)` in one transaction."""

    def act():
        with writing(), acting_for(organization_id):
            change(utc_now())
            db.session.commit()
        return 200

    return act


def by_worker():
    """A worker does what jobs are waiting, in a process of its own; how many."""
    return work.run
