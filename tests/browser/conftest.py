"""A real Chromium, and the real application served from a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
DIST = ROOT / "static" / "dist"
CHROMIUM = "/usr/bin/chromium"
ADMIN, PASSWORD = "demo@leadlight.example", "leadlight-demo"
DESKTOP = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{version}.0.0.0 Mobile Safari/537.36"
)


def need(found, what: str):
    """Skips where something is missing; fails there in CI."""
    if found:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must run the browser tests")
    pytest.skip(f"{what} is missing")


def eventually(question, what: str, seconds: float = 15):
    """The first true answer to `question`, asked again until it comes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := question():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"still not after {seconds} s: {what}")


@pytest.fixture(scope="session")
def built():
    need(shutil.which("node") and (ROOT / "node_modules").exists(), "node or node_modules")
    subprocess.run(["node", "scripts/build_assets.mjs"], cwd=ROOT, check=True, timeout=120)
    return DIST


@pytest.fixture(scope="session")
def playwright():
    need(Path(CHROMIUM).exists(), CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


class Live:
    """The application as `python run.py` serves it, with the demo clinic in it."""

    def __init__(self, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.folder = folder
        self._env = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder / 'leadlight.db'}",
            "LEADLIGHT_DATA": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LEADLIGHT_LOG_LEVEL": "WARNING",
        }
        self._process = self._worker = None

    def flask(self, *words: str) -> str:
        """What a command of the application prints."""
        command = [sys.executable, "-m", "flask", "--app", "run", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self._env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self):
        self._process = self._run("server", "run.py")
        self._worker = self._run("worker", "-m", "app.jobs")
        eventually(self._answers, "the server answers", 60)

    def _run(self, name: str, *words: str) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=self._env,
                start_new_session=True,
                stdout=log,
                stderr=log,
            )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=5) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    def stop(self):
        """Ends both, by force where asking does not help: nothing may outlive the tests."""
        running = [one for one in (self._process, self._worker) if one and one.poll() is None]
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


@pytest.fixture(scope="module")
def live(built, tmp_path_factory):
    """The demo clinic, served for one module of tests."""
    live = Live(tmp_path_factory.mktemp("live"))
    live.flask("db", "upgrade")
    live.flask("demo", "--visitors", "120", "--days", "7", "--seed", "3")
    live.start()
    yield live
    live.stop()


class Watch:
    """What a browser complained of, and whom it asked besides the application."""

    def __init__(self, live: Live):
        self.host = urlsplit(live.address).netloc
        self.complaints: list[str] = []

    def over(self, context):
        context.on("page", self._page)
        context.on("request", self._request)
        return context

    def _page(self, page):
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._console(page, said))

    def _console(self, page, said):
        if said.type in ("error", "warning"):
            self.complaints.append(f"{page.url}: {said.text}")

    def _request(self, request):
        parts = urlsplit(request.url)
        if parts.scheme.startswith("http") and parts.netloc != self.host:
            self.complaints.append(f"asked another host: {request.url}")

    def forgive(self, words: str):
        """Takes away the complaints that a test provoked."""
        kept = [one for one in self.complaints if words not in one]
        assert len(kept) < len(self.complaints), f"nobody complained of {words!r}"
        self.complaints[:] = kept


@pytest.fixture
def watch(live):
    watch = Watch(live)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def browse(chromium, live, watch):
    """browse(**options) -> a browser of its own; its console must stay clean to the end."""
    contexts = []

    def open_one(**options):
        options = {"base_url": live.address, "user_agent": DESKTOP} | options
        contexts.append(watch.over(chromium.new_context(**options)))
        return contexts[-1]

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def staff(chromium, live):
    """The storage of a browser in which the clinic's owner is signed in."""
    return signed_in(chromium, live, ADMIN)


def deaf_to_beacons(context):
    """Answers for the collector at once: a beacon on its way keeps the browser from ever calling
    the network idle."""
    context.route("**/collect", lambda route: route.fulfill(status=202))
    return context


def signed_in(chromium, live: Live, email: str, password: str = PASSWORD) -> dict:
    """The storage of a browser after signing in by the form."""
    context = chromium.new_context(base_url=live.address, user_agent=DESKTOP)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/**")
    storage = context.storage_state()
    context.close()
    return storage
