"""The collector: what it takes, what it answers, what it keeps."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import create_app
from app.domain.tracking.event import Event
from app.extensions import db
from app.models import Interaction, Rollup, Site, Visitor, VisitorSession
from app.models.types import to_millis
from app.operations.tracking.track import Hit, track
from app.queries.tracking.sites import facts_of
from app.tenancy import acting_for
from tests.conftest import NOW

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


def event(kind="page_viewed", at=0, **more):
    return {"id": str(uuid4()), "type": kind, "at": at, **more}


def batch(*events, site="clinic-key", url="https://clinic.example/laser", **page):
    return {"v": 1, "site": site, "page": {"url": url, **page}, "events": list(events)}


@pytest.fixture
def send(app, cast):
    client = app.test_client()

    def send(body, **headers):
        headers = {"User-Agent": CHROME, **{k.replace("_", "-"): v for k, v in headers.items()}}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post("/collect", data=data, headers=headers, content_type="text/plain")

    return send


def count(model, cast):
    db.session.rollback()
    with acting_for(cast.clinic):
        return db.session.scalar(select(func.count()).select_from(model))


def visit(cast):
    db.session.rollback()
    db.session.expire_all()
    with acting_for(cast.clinic):
        return db.session.scalars(select(VisitorSession)).one()


def test_a_batch_is_stored_before_it_is_acknowledged(send, cast):
    answer = send(batch(event(), event("click", label="Book")))
    assert answer.status_code == 202
    assert answer.json["accepted"] == 2
    assert answer.json["dropped"] == []
    assert count(Interaction, cast) == 2
    assert str(visit(cast).id) == answer.json["session"]


def test_a_batch_sent_twice_is_stored_once(send, cast):
    body = batch(event(), event("click"))
    first, second = send(body), send(body)
    assert (second.json["accepted"], second.json["duplicates"]) == (0, 2)
    assert second.json["session"] == first.json["session"]
    assert count(Interaction, cast) == 2
    assert visit(cast).interactions == 2


def test_an_event_twice_in_one_batch_is_stored_once(send, cast):
    one = event()
    assert send(batch(one, one)).json["duplicates"] == 1
    assert count(Interaction, cast) == 1


@pytest.mark.parametrize(
    ("seconds", "pages", "regular", "important", "points"),
    [(480, 4, 3, 1, 66), (720, 6, 5, 2, 90), (45, 1, 1, 0, 12)],
)
def test_the_check_values_of_the_session_score(
    send, cast, seconds, pages, regular, important, points
):
    start = -seconds * 1000
    events = [event(at=start + i) for i in range(pages)]
    events += [event("click", at=-500, label="Prices") for _ in range(regular)]
    events += [event("click", at=-400, label="  get a   DEMO ") for _ in range(important)]
    send(batch(*events, event("leave", engaged=41)))
    scored = visit(cast)
    assert scored.state == "ended"
    assert scored.lead_score == points
    assert scored.engaged_seconds == 41
    with acting_for(cast.clinic):
        assert db.session.scalars(select(Visitor)).one().lead_score == points


def test_a_resumed_visit_is_scored_again_not_doubled(send, cast):
    send(batch(event(at=-480_000), event("leave", at=-100_000, engaged=10)))
    assert visit(cast).lead_score == 40
    send(batch(event(), event("leave", engaged=5)))
    resumed = visit(cast)
    assert (resumed.page_views, resumed.lead_score) == (2, 45)
    assert resumed.engaged_seconds == 15
    with acting_for(cast.clinic):
        bands = db.session.scalars(
            select(Rollup).where(Rollup.measure == "score_band", Rollup.grain == "day")
        )
        assert {row.key: row.count for row in bands if row.count} == {"26-50": 1}


def test_silence_of_thirty_minutes_begins_another_visit(send, cast):
    send(batch(event(at=-40 * 60_000), event(at=0)))
    assert count(VisitorSession, cast) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"hello", 400, "not_json"),
        (b'{"v":1', 400, "not_json"),
        (b"\xff\xfe\x00", 400, "not_json"),
        (b"[]", 400, "not_a_batch"),
        (b'{"v":1,"site":"clinic-key"}', 400, "not_a_batch"),
        (b'{"v":2,"site":"clinic-key","events":[]}', 400, "version"),
        (b'{"v":1,"site":"nobody","events":[]}', 403, "unknown_key"),
        (b"x" * 1_000_000, 413, "too_large"),
    ],
)
def test_what_is_no_batch_gets_its_documented_answer(send, cast, body, status, code):
    answer = send(body)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert answer.json["success"] is False
    assert count(Interaction, cast) == 0


def test_ten_thousand_events_are_too_many(send, cast):
    body = b'{"v":1,"site":"clinic-key","events":[' + b",".join([b"1"] * 10_000) + b"]}"
    assert send(body).status_code == 413
    assert count(Interaction, cast) == 0


def test_another_sites_page_is_refused(send, cast):
    assert send(batch(event()), Origin="https://evil.example").status_code == 403
    assert send(batch(event()), Origin="https://www.clinic.example").status_code == 202
    assert send(batch(event()), Origin="https://clinic.example").status_code == 202


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"type": "teleported"}, "unknown_type"),
        ({"type": 7}, "invalid_event"),
        ({"id": "not-a-uuid"}, "invalid_id"),
        ({"id": 12}, "invalid_id"),
        ({"at": "yesterday"}, "invalid_event"),
        ({"engaged": -5}, "invalid_engaged"),
        ({"engaged": 1e300}, "invalid_engaged"),
        ({"data": {"a": "x" * 5000}}, "data_too_large"),
        ({"data": {"a": {"b": {"c": {"d": {}}}}}}, "data_too_deep"),
        ({"data": []}, "invalid_event"),
        ({"type": "event"}, "name_required"),
        ({"label": {"x": 1}}, "invalid_event"),
    ],
)
def test_the_good_event_beside_a_bad_one_is_kept(send, cast, bad, reason):
    wrong = {**event(), **bad}
    answer = send(batch(event(), wrong, event("click")))
    assert answer.status_code == 202
    assert answer.json["accepted"] == 2
    assert [dropped["reason"] for dropped in answer.json["dropped"]] == [reason]
    assert count(Interaction, cast) == 2
    with acting_for(cast.clinic):
        counted = db.session.scalars(
            select(Rollup).where(Rollup.measure == "dropped", Rollup.grain == "day")
        ).one()
        assert (counted.key, counted.count) == (reason, 1)


def test_a_clock_off_by_years_is_clamped_and_flagged(send, cast):
    send(batch(event(at=10**12), event("click", at=-(10**13))))
    with acting_for(cast.clinic):
        rows = db.session.scalars(select(Interaction)).all()
    assert all(row.context["clamped"] for row in rows)
    ages = sorted((row.received_at - row.occurred_at).total_seconds() for row in rows)
    assert ages == [0, 86_400]


def test_scripts_and_emoji_are_kept_as_text(send, cast):
    nasty = "<script>alert('🌹')</script>"
    body = batch(
        event(label=nasty, data={"q": nasty, "nul": "a\u0000b"}, target=nasty),
        url="https://clinic.example/" + nasty,
        title=nasty,
        referrer="javascript:" + nasty,
        language=nasty,
    )
    assert send(body).json["accepted"] == 1
    with acting_for(cast.clinic):
        row = db.session.scalars(select(Interaction)).one()
    assert row.label == nasty
    assert row.data == {"q": nasty, "nul": "ab"}
    assert row.context["title"] == nasty


@pytest.mark.parametrize("headers", [{"DNT": "1"}, {"Sec_GPC": "1"}])
def test_who_refuses_tracking_is_not_tracked_and_the_drop_is_counted(send, cast, headers):
    answer = send(batch(event()), **headers)
    assert answer.status_code == 202
    assert answer.json["accepted"] == 0
    assert answer.json["dropped"][0]["reason"] == "do_not_track"
    assert count(Interaction, cast) == 0


def test_bots_are_dropped(send, cast):
    answer = send(batch(event()), User_Agent="Googlebot/2.1 (+http://www.google.com/bot.html)")
    assert answer.json["dropped"][0]["reason"] == "bot"


def test_late_events_tell_the_visit_anew(send, cast):
    send(batch(event(at=-60_000), event("leave", at=0, engaged=50)))
    assert visit(cast).lead_score == 15 + 5
    send(batch(event(at=-120_000, page={"url": "https://clinic.example/first"})))
    told = visit(cast)
    assert (told.page_views, told.lead_score) == (2, 15 + 10)
    assert told.entry_url == "https://clinic.example/first"


def test_the_origin_of_a_visit_is_its_first_touch(send, cast):
    send(
        batch(
            event(),
            url="https://clinic.example/?utm_source=news&utm_medium=email&utm_campaign=May&t=secret",
        )
    )
    send(batch(event(), url="https://clinic.example/?utm_source=other"))
    first = visit(cast)
    assert (first.channel, first.source, first.campaign) == ("email", "news", "May")
    assert "secret" not in first.entry_url


def test_no_address_and_no_user_agent_is_stored(send, cast, app):
    send(batch(event()))
    connection = db.session.connection()
    for table in db.metadata.sorted_tables:
        for row in connection.execute(table.select()):
            assert "127.0.0" not in repr(tuple(row))
            assert "AppleWebKit" not in repr(tuple(row))


def test_two_organizations_may_use_the_same_event_id(send, cast):
    one = event()
    assert send(batch(one)).json["accepted"] == 1
    assert send(batch(one, site="other-key")).json["accepted"] == 1


def test_overload_is_said_never_acknowledged(app, send, cast):
    app.collector.most_waiting = 0
    answer = send(batch(event()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert count(Interaction, cast) == 0


def test_a_browser_may_ask_first(app, cast):
    answer = app.test_client().options("/collect", headers={"Origin": "https://clinic.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_get_is_refused(client, cast):
    assert client.get("/collect").status_code == 405


def test_a_page_view_without_scripts_comes_by_the_pixel(app, cast):
    client = app.test_client()
    answer = client.get(
        "/pixel.gif?site=clinic-key",
        headers={"User-Agent": CHROME, "Referer": "https://clinic.example/laser"},
    )
    assert (answer.status_code, answer.mimetype) == (200, "image/gif")
    assert answer.headers["Cache-Control"] == "no-store"
    assert visit(cast).entry_url == "https://clinic.example/laser"


@pytest.mark.parametrize("query", ["", "?site=nobody", "?site=clinic-key&url=javascript:alert(1)"])
def test_the_pixel_is_an_image_whatever_is_asked(app, cast, query):
    answer = app.test_client().get("/pixel.gif" + query, headers={"User-Agent": CHROME})
    assert (answer.status_code, answer.mimetype) == (200, "image/gif")


@pytest.mark.parametrize(("accepted", "used"), [("gzip, br", "br"), ("gzip", "gzip"), ("", None)])
def test_the_snippet_is_served_compressed(client, accepted, used):
    answer = client.get("/track.js", headers={"Accept-Encoding": accepted})
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.content_encoding == used
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_snippet_with_its_version_is_kept_for_good(client):
    tag = client.get("/track.js").headers["ETag"].strip('"')
    assert "immutable" in client.get(f"/track.js?v={tag}").headers["Cache-Control"]
    assert "immutable" not in client.get("/track.js?v=old").headers["Cache-Control"]
    again = client.get("/track.js", headers={"If-None-Match": f'"{tag}"'})
    assert again.status_code == 304


def test_a_flood_from_one_address_is_told_to_wait(app, cast):
    flooded = create_app({**app.config, "COLLECT_PER_MINUTE": 2})
    client = flooded.test_client()
    data = json.dumps(batch(event()))
    answers = [client.post("/collect", data=data, headers={"User-Agent": CHROME}) for _ in range(3)]
    flooded.collector.stop()
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


@pytest.mark.parametrize(("hops", "address"), [(0, "10.0.0.9"), (1, "203.0.113.7")])
def test_a_proxy_names_the_address_only_when_it_is_trusted(app, cast, hops, address):
    behind = create_app({**app.config, "TRUSTED_PROXIES": hops})
    seen = []
    behind.extensions["collector_door"].take = lambda batch, environ: (
        seen.append(environ["REMOTE_ADDR"]) or Hit(1, 0, [])
    )
    behind.test_client().post(
        "/collect",
        data=json.dumps(batch(event())),
        headers={"X-Forwarded-For": "203.0.113.7"},
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
    )
    assert seen == [address]


def test_a_foreign_page_is_counted_so_that_the_owner_sees_it(send, cast):
    send(batch(event()), Origin="https://evil.example")
    db.session.rollback()
    with acting_for(cast.clinic):
        dropped = db.session.scalars(
            select(Rollup).where(Rollup.measure == "dropped", Rollup.grain == "day")
        ).one()
    assert (dropped.key, dropped.count) == ("foreign_origin", 1)


def test_our_own_forms_sending_is_told_by_the_server_alone(send, cast):
    told = event("form_submitted", data={"form": "leadlight-contact-form"})
    answer = send(batch(told, event("form_submitted", data={"form": "newsletter"})))
    assert answer.json["accepted"] == 1
    assert answer.json["dropped"] == [{"id": told["id"], "reason": "told_by_server"}]


@pytest.mark.parametrize("kind", ["click", "link_clicked", "content_downloaded"])
def test_a_click_is_a_click_wherever_it_leads(send, cast, kind):
    send(batch(event(), event(kind, label="Prices"), event(kind, label="get a demo")))
    assert (visit(cast).regular_clicks, visit(cast).important_clicks) == (1, 1)


HALF_AN_EMOJI = '"Rose \\ud83c"'
BROKEN = {
    "half an emoji": HALF_AN_EMOJI.encode(),
    "broken UTF-8": b'"caf\xe9"',
    "both halves in the wrong order": b'"\\udf39\\ud83c"',
}


@pytest.mark.parametrize("label", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_text_is_mended_and_costs_the_others_nothing(send, cast, label):
    body = json.dumps(batch(event(), event("click", label="LABEL"))).encode()
    answer = send(body.replace(b'"LABEL"', label))
    assert (answer.status_code, answer.json["accepted"]) == (202, 2)
    with acting_for(cast.clinic):
        labels = db.session.scalars(select(Interaction.label).where(Interaction.type == "click"))
        assert "\ufffd" in labels.one()


def test_whole_emoji_beside_a_broken_one_stay_whole(send, cast):
    body = json.dumps(batch(event("click", label="🌹"), event("click", label="LABEL"))).encode()
    assert send(body.replace(b'"LABEL"', HALF_AN_EMOJI.encode())).json["accepted"] == 2
    with acting_for(cast.clinic):
        assert "🌹" in set(db.session.scalars(select(Interaction.label)))


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e400"])
def test_a_number_that_is_none_costs_its_own_event_alone(send, cast, number):
    body = json.dumps(batch(event(), event("leave", engaged=77777))).encode()
    answer = send(body.replace(b"77777", number))
    assert answer.status_code == 202
    kept = answer.json["accepted"], len(answer.json["dropped"])
    assert kept in ((1, 1), (2, 0))
    assert count(Interaction, cast) == kept[0]


@pytest.mark.parametrize(
    "body",
    [
        b'{"v":"x", garbage',
        b"[" * 30_000,
        b'{"v":1e400,"site":"clinic-key","events":[]}',
        b'{"v":1.5,"a":' + b"[" * 30_000,
        b'{"v":null,"site":"clinic-key","events":[]}',
    ],
)
def test_nonsense_is_the_senders_fault_and_never_asked_for_again(send, cast, body):
    assert send(body).status_code == 400


@pytest.mark.parametrize("origin", ["http://[::1", "null", "https://", "http://clinic.example:x"])
def test_an_origin_that_cannot_be_read_is_a_foreign_one(send, cast, origin):
    expected = 202 if "clinic" in origin else 403
    assert send(batch(event()), Origin=origin).status_code == expected


def test_only_the_site_we_serve_ourselves_takes_the_host_it_is_asked_by(send, cast):
    own = {"Origin": "http://[::1]:5000", "Host": "[::1]:5000"}
    assert send(batch(event()), **own).status_code == 202
    assert send(batch(event(), site="other-key"), **own).status_code == 403


@pytest.mark.parametrize("page", [5, "x", {"url": 5}, {"screen": "big"}, None])
def test_a_page_that_cannot_be_read_is_not_told_and_the_events_are_kept(send, cast, page):
    answer = send({**batch(event()), "page": page})
    assert answer.json["accepted"] == 1


@pytest.mark.parametrize("visitor", ["", "abc-123", "é" * 40])
def test_a_visitor_id_that_is_none_is_not_looked_at_without_cookies(send, cast, visitor):
    assert send({**batch(event()), "visitor": visitor}).json["accepted"] == 1


def test_in_cookie_mode_a_visitor_without_an_id_is_dropped_and_said(app, send, cast):
    with acting_for(cast.clinic):
        db.session.get(type(cast.site), cast.site.id).identity_mode = "cookie"
        db.session.commit()
    answer = send({**batch(event()), "visitor": "abc-123"})
    assert answer.json["dropped"][0]["reason"] == "no_visitor"


def test_the_same_event_in_two_requests_at_once_is_told_the_same_visit(app, cast):
    site = facts_of(cast.site)
    hits = [
        Hit(
            cast.clinic.id,
            to_millis(NOW),
            [Event(b"e" * 16, "page_viewed", to_millis(NOW))],
            site=site,
            visitor_id=b"v" * 16,
        )
        for _ in range(2)
    ]
    track(hits, now=NOW)
    assert [(hit.accepted, hit.duplicates) for hit in hits] == [(1, 0), (0, 1)]
    assert hits[0].stored_as == hits[1].stored_as != (None, None)


def test_a_visit_belongs_to_one_site(app, cast):
    with acting_for(cast.clinic):
        second = Site(key="second", name="s", domain="second.example", created_at=NOW)
        db.session.add(second)
        db.session.commit()
        for place, site in enumerate((cast.site, second)):
            event_of_it = Event(bytes([place]) * 16, "page_viewed", to_millis(NOW))
            hit = Hit(cast.clinic.id, to_millis(NOW), [event_of_it], site=facts_of(site))
            hit.visitor_id = b"v" * 16
            track([hit], now=NOW)
        sites = set(db.session.scalars(select(VisitorSession.site_id)))
        assert sites == {cast.site.id, second.id}


def test_a_database_that_fails_once_fails_one_request_and_no_other(app, send, cast, monkeypatch):
    connect = db.engine.connect
    broken = iter([OSError("gone")])

    def connect_or_break():
        if error := next(broken, None):
            raise error
        return connect()

    monkeypatch.setattr(type(db.engine), "connect", lambda self: connect_or_break())
    with app.app_context():
        assert send(batch(event())).status_code == 503
        monkeypatch.undo()
    assert send(batch(event())).status_code == 202
    assert app.collector.is_alive


def test_nothing_is_accepted_after_the_end(app, send, cast):
    assert send(batch(event())).status_code == 202
    app.collector.stop()
    assert send(batch(event())).status_code == 503


def test_a_method_that_is_refused_is_told_which_are_not(client, cast):
    assert client.get("/collect").headers["Allow"] == "POST, OPTIONS"
