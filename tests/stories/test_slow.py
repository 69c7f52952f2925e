"""A slow sender holds up nobody else."""

import json
import socket
import urllib.error
import urllib.request

from tests.stories.test_kill import AGENT, server  # noqa: F401


def test_a_body_that_never_ends_keeps_nobody_from_being_stored(server, cast):  # noqa: F811
    _, port = server()
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(
            b"POST /api/leads HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer clinic-token\r\nContent-Length: 1000\r\n\r\n{"
        )
        event = {"id": "018f6c1e-0000-7000-8000-000000000001", "type": "page_viewed", "at": 0}
        page = {"url": "https://clinic.example/"}
        body = {"v": 1, "site": "clinic-key", "page": page, "events": [event]}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/collect",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "text/plain", "User-Agent": AGENT},
        )
        with urllib.request.urlopen(request, timeout=8) as answer:
            assert json.load(answer)["accepted"] == 1
