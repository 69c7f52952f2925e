"""`make lighthouse`: audits the public pages and writes docs/lighthouse.md.

Lighthouse's own phone (slow 4G and a fourth of this machine's processor, simulated) opens each page
of tests/browser/pages.py that visitors see, with demo data, as `python run.py` serves it.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, Live
from tests.browser.pages import PUBLIC

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "lighthouse.md"
PORT = 9333
CATEGORIES = ("performance", "accessibility", "best-practices")
AT_LEAST = {"performance": 95, "accessibility": 95}
TEXT = """# Lighthouse

Made by `make lighthouse` (Lighthouse {version}, its phone: slow 4G and a quarter of the processor,
simulated). Asked for: 95 in performance and accessibility on every public page.

| page | performance | accessibility | best practices | largest paint | layout shift |
|---|---|---|---|---|---|
{rows}
"""


def address_of(page, place) -> str:
    if callable(place):
        place(page)
    else:
        page.goto(place)
    return page.url


def audited(address: str) -> dict:
    command = [
        str(HERE / "node_modules" / ".bin" / "lighthouse"),
        address,
        f"--port={PORT}",
        "--output=json",
        "--quiet",
        "--disable-storage-reset",
        f"--only-categories={','.join(CATEGORIES)}",
    ]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if told.returncode:
        raise SystemExit(f"{address} could not be audited: {told.stderr}")
    return json.loads(told.stdout)


def points(report: dict, category: str) -> int:
    return round(100 * (report["categories"][category]["score"] or 0))


def failures(report: dict, category: str) -> list[str]:
    """What cost points, in Lighthouse's words."""
    weighed = [ref["id"] for ref in report["categories"][category]["auditRefs"] if ref["weight"]]
    audits = [report["audits"][name] for name in weighed]
    return [a["title"] for a in audits if a["score"] is not None and a["score"] < 0.9]


def row(name: str, report: dict) -> str:
    scores = [str(points(report, category)) for category in CATEGORIES]
    shown = ("largest-contentful-paint", "cumulative-layout-shift")
    more = [report["audits"][audit].get("displayValue", "") for audit in shown]
    return "| " + " | ".join([name, *scores, *more]) + " |"


def main() -> int:
    rows, short, version = [], [], ""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        live = Live(Path(folder))
        live.flask("db", "upgrade")
        live.flask("demo", "--visitors", "60", "--days", "7", "--seed", "3")
        live.start()
        browser = playwright.chromium.launch_persistent_context(
            Path(folder) / "browser",
            executable_path=CHROMIUM,
            args=["--no-sandbox", f"--remote-debugging-port={PORT}"],
            base_url=live.address,
        )
        page = browser.new_page()
        for name, place in PUBLIC.items():
            report = audited(address_of(page, place))
            version = report["lighthouseVersion"]
            rows.append(row(name, report))
            print(rows[-1], flush=True)
            for category, least in AT_LEAST.items():
                if points(report, category) < least:
                    short.append(f"{name}: {category}: {'; '.join(failures(report, category))}")
        browser.close()
        live.stop()
    PAGE.write_text(TEXT.format(version=version, rows="\n".join(rows)))
    print("\n".join(short) or "Every page has what is asked for.")
    return bool(short)


if __name__ == "__main__":
    sys.exit(main())
