"""The whole story in a real browser: a visitor becomes a lead, and the clinic sees why."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, eventually
from tests.browser.pages import follow

pytestmark = pytest.mark.browser

CHOSEN = ("Botulinum wrinkle treatment", "HydraFacial")


def phone(browse, version: int, **options):
    """A phone. Without cookies, visitors are told apart by their browser's version."""
    return browse(
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        user_agent=PHONE.format(version=version),
        **options,
    )


@pytest.fixture
def office(browse, staff):
    """The signed-in owner at a desk."""
    return browse(storage_state=staff, viewport={"width": 1280, "height": 800}).new_page()


def figures(office) -> dict[str, float]:
    """The dashboard's numbers by their labels."""
    office.goto("/admin/comprehensive/dashboard")
    return {
        label: float(value.rstrip("%").replace(",", "").replace("–", "0"))
        for label, value in zip(
            office.locator(".stat-label").all_inner_texts(),
            office.locator(".stat-value").all_inner_texts(),
            strict=True,
        )
    }


def choose(page):
    """Two treatments and a high budget, by touch."""
    for name in CHOSEN:
        page.locator(".choice-head", has_text=name).tap()
    page.locator("#budget .pill", has_text="2,000 and more").tap()


def give_email(page, email: str):
    """The contact form's first step, at the pace of people."""
    page.get_by_label("E-mail", exact=True).press_sequentially(email, delay=2500 / len(email))
    page.locator("#leadlight-contact-form").get_by_role("button", name="Send").tap()


def answer_the_rest(page, name: str, total: int = 4):
    """The steps after the first."""
    expect(page.locator("#contact")).to_contain_text("Step 2 of")
    page.get_by_label("First name").fill(name)
    page.get_by_role("button", name="Continue").tap()
    expect(page.locator("#contact")).to_contain_text("Step 3 of")
    page.locator("#contact .pill", has_text="Afternoon").tap()
    page.get_by_role("button", name="Continue").tap()
    expect(page.locator("#contact")).to_contain_text("Step 4 of")
    page.get_by_label("Notes").fill("I have a wedding in June 💍")
    page.locator("#leadlight-contact-form").get_by_role("button", name="Send").tap()
    expect(page.locator("#contact")).to_contain_text(f"Thank you, {name}.")


def is_itemised(page):
    """The result names both treatments, and its heading the total."""
    expect(page.locator(".quote-line th[scope=rowgroup]")).to_have_text(CHOSEN)
    total = page.locator(".quote tfoot .amount").inner_text()
    whole = re.findall(r"€[\d,]+", total)
    assert len(whole) == 2
    heading = page.get_by_role("heading", level=1).inner_text()
    assert re.findall(r"€[\d,]+", heading) == whole


def is_the_warmest(office, email: str, name: str):
    """The lead is in the list; their page adds the interaction score up, and says where it ends."""
    office.goto("/admin/leads?sort=newest")
    follow(office, office.get_by_role("link", name=name, exact=True))
    expect(office.get_by_role("heading", level=1)).to_have_text(re.compile(name))
    expect(office.locator("#content")).to_contain_text(email)
    what = office.locator("details", has=office.locator("#sum"))
    expect(what.locator("#sum")).to_be_hidden()
    what.get_by_text("interaction score 100").click()
    expect(what.locator("#sum")).to_be_visible()
    expect(what.locator("#sum")).to_have_text(
        re.compile(
            r"Cost calculator used 70\s+\+ More than one procedure 15\s+"
            r"\+ High budget range 20\s+− .*cap.* 5\s+= 100",
            re.IGNORECASE,
        )
    )
    expect(what.locator(".waterfall-points")).to_have_text(["+70", "+15", "+20", "-5"])


def test_a_visitor_on_a_phone_becomes_a_lead_and_the_clinic_sees_why(browse, office):
    before = figures(office)
    context = phone(browse, 130)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=CHOSEN[0]).first.tap()
    page.wait_for_url("**/treatments/*")
    page.get_by_role("main").get_by_role("link", name=re.compile("cost", re.I)).first.tap()
    page.wait_for_url("**/enhanced-cost/**")
    for name in CHOSEN:
        box = page.locator(".choice-head", has_text=name)
        if not box.get_by_role("checkbox").is_checked():
            box.tap()
    page.locator("#budget .pill", has_text="2,000 and more").tap()
    expect(page.locator("#estimate .total")).to_contain_text("€")
    page.get_by_role("button", name="Calculate").tap()
    page.wait_for_url("**/result/*")
    is_itemised(page)
    result = page.url
    give_email(page, "zoe.story@example.com")
    answer_the_rest(page, "Zélie")
    assert page.url == result, "the form is answered in place"
    page.close()

    is_the_warmest(office, "zoe.story@example.com", "Zélie")
    office.goto("/admin/comprehensive/interactions?type=cost_calculator")
    row = office.locator("tbody tr").first
    expect(row).to_contain_text("Zélie")
    expect(row.locator("[data-label=Score]")).to_contain_text("100")
    follow(office, row.get_by_role("link", name=re.compile("^Path of")))
    is_scored(office)
    after = figures(office)
    assert after["Visitors"] == before["Visitors"] + 1
    assert after["Leads"] == before["Leads"] + 1
    assert after["Interactions"] >= before["Interactions"] + 10


def is_scored(office):
    """The visit is over and its score taken apart, on the page of its visitor."""
    visit = office.locator("details.card").first
    told = visit.locator("summary").first

    def ended():
        office.reload()
        return "so far" not in told.inner_text()

    eventually(ended, "the visit is ended and scored")
    total = int(re.search(r"(\d+) points", told.inner_text())[1])
    parts = visit.locator(".card-body .row > div strong").all_inner_texts()
    names = visit.locator(".card-body .row > div > div > span:first-child").all_inner_texts()
    assert names[:3] == ["Duration", "Pages", "Clicks"]
    assert sum(int(re.match(r"-?\d+", part)[0]) for part in parts) == total > 0
    expect(visit.locator("tbody")).to_contain_text("Became a lead")


def test_the_same_story_without_javascript(browse, office):
    context = phone(browse, 131, java_script_enabled=False)
    page = context.new_page()
    page.goto("/enhanced-cost/")
    choose(page)
    page.get_by_role("button", name="Calculate").tap()
    page.wait_for_url("**/result/*")
    is_itemised(page)
    give_email(page, "nora.story@example.com")
    page.wait_for_url("**/contact/*")
    answer_the_rest(page, "Nora")
    is_the_warmest(office, "nora.story@example.com", "Nora")


def test_a_visitor_with_global_privacy_control_is_not_tracked_but_can_become_a_lead(browse, office):
    before = figures(office)
    context = phone(browse, 132, extra_http_headers={"Sec-GPC": "1"})
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    sent = []
    context.on("request", lambda request: sent.append(request.url))
    page = context.new_page()
    page.goto("/")
    page.goto("/enhanced-cost/")
    choose(page)
    page.get_by_role("button", name="Calculate").tap()
    page.wait_for_url("**/result/*")
    is_itemised(page)
    give_email(page, "gil.story@example.com")
    answer_the_rest(page, "Gil")
    assert page.evaluate("localStorage.length") == 0
    page.close()
    assert [url for url in sent if "/collect" in url or "vitals" in url] == []
    assert {cookie["name"] for cookie in context.cookies()} <= {"leadlight"}

    is_the_warmest(office, "gil.story@example.com", "Gil")
    after = figures(office)
    assert after["Visitors"] == before["Visitors"]
    assert after["Leads"] == before["Leads"] + 1
    office.goto("/admin/comprehensive/interactions?type=cost_calculator")
    row = office.locator("tbody tr").first
    expect(row.locator("[data-label=Score]")).to_contain_text("100")
    expect(row.get_by_role("link", name=re.compile("^Path of"))).to_have_count(0)


def tab_to(page, selector: str, most: int = 80):
    """Presses Tab until the focus is there; it must be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            assert page.evaluate(SHOWS_FOCUS), f"nothing shows the focus of {selector}"
            return
    raise AssertionError(f"Tab never reaches {selector}")


SHOWS_FOCUS = """() => {
  const shows = one => {
    const style = one && getComputedStyle(one);
    const outlined = style && style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
    return outlined || style && style.boxShadow !== 'none';
  };
  const focused = document.activeElement;
  return shows(focused) || shows(focused.nextElementSibling);
}"""


def test_the_keyboard_alone_is_enough(browse, office):
    page = browse(user_agent=PHONE.format(version=133)).new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    tab_to(page, "a[href='/enhanced-cost/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/enhanced-cost/")
    for number in (0, 2):
        value = page.locator("[name=procedures]").nth(number).get_attribute("value")
        tab_to(page, f"[name=procedures][value={value}]")
        page.keyboard.press("Space")
    tab_to(page, "[name=budget]:checked")
    page.keyboard.press("ArrowUp")  # the way through radio buttons
    expect(page.locator("[name=budget]:checked")).to_have_value("high")
    tab_to(page, "button[form=cost-form]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/result/*")
    is_itemised(page)
    tab_to(page, "#contact-email")
    page.keyboard.type("kay.story@example.com", delay=120)
    tab_to(page, "#leadlight-contact-form button")
    page.keyboard.press("Space")
    expect(page.locator("#contact")).to_contain_text("Step 2 of")
    tab_to(page, "#contact-first_name", most=3)  # the focus is at the new step
    page.keyboard.type("Kay")
    page.keyboard.press("Enter")
    expect(page.locator("#contact")).to_contain_text("Step 3 of")
    tab_to(page, "#contact .link")
    page.keyboard.press("Enter")
    expect(page.locator("#contact")).to_contain_text("Thank you, Kay.")
    assert page.evaluate("document.activeElement.closest('#contact') !== null")
    is_the_warmest(office, "kay.story@example.com", "Kay")


class Elsewhere:
    """Somebody's website on another host: each of its pages is `page`."""

    def __init__(self):
        site = self
        self.page = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.domain = f"localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def elsewhere():
    elsewhere = Elsewhere()
    yield elsewhere
    elsewhere.close()


def test_the_installation_check_turns_green_by_itself(chromium, office, elsewhere):
    office.goto("/settings/sites/new")
    office.get_by_label("Name").fill("Blog")
    office.get_by_label("Domain", exact=True).fill(elsewhere.domain)
    follow(office, office.get_by_role("main").get_by_role("button"))
    expect(office.get_by_text("Waiting for the first event")).to_be_visible()
    snippet = office.locator("#snippet").inner_text()
    elsewhere.page = (
        f"<!doctype html><title>Blog</title><link rel=icon href=data:,>{snippet}<h1>Blog</h1>"
    )
    context = chromium.new_context(user_agent=PHONE.format(version=134))
    problems = []
    context.on("console", lambda said: said.type == "error" and problems.append(said.text))
    page = context.new_page()
    page.goto(f"http://{elsewhere.domain}/a-post")
    expect(office.get_by_text("Receiving events")).to_be_visible(timeout=15_000)
    expect(office.get_by_text(f"http://{elsewhere.domain}/a-post")).to_be_visible()
    context.close()
    assert problems == []


def test_the_theme_is_chosen_remembered_and_given_back_to_the_system(office):
    office.goto("/admin/leads")
    office.emulate_media(color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    theme = "document.documentElement.dataset.bsTheme"
    light = office.evaluate(paper)
    office.get_by_role("button", name="Dark").click()
    assert office.evaluate(theme) == "dark"
    dark = office.evaluate(paper)
    assert dark != light
    office.goto("/admin/comprehensive/dashboard")
    assert (office.evaluate(theme), office.evaluate(paper)) == ("dark", dark)
    expect(office.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    office.get_by_role("button", name="Auto").click()
    assert office.evaluate(paper) == light
    office.emulate_media(color_scheme="dark")
    eventually(lambda: office.evaluate(theme) == "dark", "the system's dark is followed")
    assert office.evaluate(paper) == dark
