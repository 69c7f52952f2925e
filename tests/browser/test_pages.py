"""Every page in a real browser: sound, readable and reachable, at any width and in any light."""

import pytest

from tests.browser.conftest import DESKTOP, PASSWORD, ROOT, Watch, deaf_to_beacons, signed_in
from tests.browser.pages import EMPTY, MISTAKEN, PUBLIC, SIGNED_IN, too_late

pytestmark = pytest.mark.browser

# GET routes that are not pages for people.
NOT_PAGES = {
    "appointments.calendar",
    "admin.home",  # sends on to the dashboard
    "admin.panel",
    "admin.spend_template",
    "admin.quote_example",
    "admin.quote_pdf",
    "api.lead",
    "api.openapi",
    "api.lifecycle_history",
    "api.lead_score",
    "api.lead_quality",
    "api.lead_journey",
    "api.lead_attribution",
    "api.journey_overview",
    "api.job_status",
    "api.funnel",
    "api.engagement_summary",
    "api.engagement_history",
    "api.current_stage",
    "api.cohort",
    "api.attribution_summary",
    "api.list_leads",
    "api.session_analytics",
    "catalogue.export",
    "catalogue.template",
    "collect.pixel",
    "collect.script",
    "cost.quote_pdf",
    "health.health",
    "health.prometheus",
    "leads.export",
    "leads.view",  # sends on to the list
    "settings.check",
}
LOOKS = [(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]
LOOK_AT_IT = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const ids = all('[id]').map(one => one.id);
  const told = one => one.labels?.length || one.ariaLabel || one.getAttribute('aria-labelledby');
  const wide = document.documentElement.scrollWidth - innerWidth;
  const culprits = all('body *').filter(one => one.getBoundingClientRect().right > innerWidth + 1);
  return {
    'headings of the first level': all('h1').length,
    'language': document.documentElement.lang,
    'ids twice': ids.filter((id, i) => ids.indexOf(id) !== i),
    'controls without a label': all('input:not([type=hidden]),select,textarea')
      .filter(one => !told(one)).map(one => one.outerHTML),
    'wider than the screen': wide > 0
      ? [wide, ...culprits.slice(0, 3).map(one => one.outerHTML.slice(0, 200))] : [],
    'inline scripts': all('script:not([src])').length,
  };
}"""
SOUND = {
    "headings of the first level": 1,
    "language": "en",
    "ids twice": [],
    "controls without a label": [],
    "wider than the screen": [],
    "inline scripts": 0,
}
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); await frame(); await frame();
  await Promise.all(document.getAnimations().map(one => one.finished.catch(() => {})));
  await frame();
}"""
AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  const grave = violations.filter(one => ['serious', 'critical'].includes(one.impact));
  const told = node => `${node.html} ${node.any.map(each => each.message)}`;
  return grave.map(one => `${one.id}: ${one.nodes.slice(0, 4).map(told).join('; ')}`);
}"""


@pytest.fixture(scope="module")
def axe():
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def opened(chromium, live):
    """opened(storage) -> a browser for that person, kept for the whole module."""
    contexts = {}

    def of(storage=None):
        if id(storage) not in contexts:
            context = chromium.new_context(
                base_url=live.address,
                user_agent=DESKTOP,
                storage_state=storage,
                reduced_motion="reduce",
            )
            contexts[id(storage)] = deaf_to_beacons(context)
        return contexts[id(storage)]

    yield of
    for context in contexts.values():
        context.close()


@pytest.fixture
def examine(opened, live, axe, titles):
    """examine(name, place, storage) opens a place, looks at it in every size and light, and
    complains of what is not sound. `status` is what it must answer."""

    def examine_all(name: str, place, storage=None, status: int = 200):
        watch = Watch(live)
        page = opened(storage).new_page()
        watch.over(page)
        look_as(page, *LOOKS[0])
        answer = page.goto(place) if isinstance(place, str) else place(page)
        problems = [f"status {answer.status}"] if answer and answer.status != status else []
        page.wait_for_load_state("networkidle")
        titles.setdefault(page.title(), set()).add(name)
        page.evaluate(axe)
        for look in LOOKS:
            look_as(page, *look)
            found = page.evaluate(LOOK_AT_IT)
            wrong = [
                f"{what}: {found[what]}" for what, good in SOUND.items() if found[what] != good
            ]
            problems += [f"{look}: {one}" for one in wrong + page.evaluate(AXE)]
        page.close()
        if storage:  # some places forget who is there
            page.context.clear_cookies()
            page.context.add_cookies(storage["cookies"])
        problems += [one for one in watch.complaints if f"{status} (" not in one]
        assert not problems, "\n".join(problems)

    return examine_all


def look_as(page, width: int, scheme: str):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.evaluate(SETTLED)


@pytest.fixture(scope="module")
def titles():
    """The pages that bear a title, by the title."""
    return {}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_page_for_visitors_is_sound(examine, name):
    examine(name, PUBLIC[name])


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_page_for_staff_is_sound(examine, staff, name):
    examine(name, SIGNED_IN[name], staff)


@pytest.mark.parametrize("name", MISTAKEN)
def test_a_page_that_names_a_mistake_is_sound(examine, staff, name):
    examine(name, MISTAKEN[name], staff, status=422)


def test_a_page_that_says_that_a_time_is_gone_is_sound(examine):
    examine("a time that is gone", too_late, status=409)


@pytest.mark.parametrize("name", EMPTY)
def test_a_page_of_an_organization_with_nothing_yet_is_sound(examine, nobody_yet, name):
    examine(name, SIGNED_IN[name], nobody_yet)


@pytest.fixture(scope="module")
def nobody_yet(chromium, live):
    """The storage of the owner of an organization that has nothing but its owner."""
    slug = live.flask("organization", "create", "Donaudampfschifffahrtsgesellschaft mbH & Co. KG")
    email = "owner@example.com"
    words = ("--organization", slug, "--email", email, "--role", "owner", "--password", PASSWORD)
    live.flask("user", "create", *words)
    return signed_in(chromium, live, email)


@pytest.mark.parametrize("address", ["/nothing-here", "/admin/leads/999999"])
def test_a_page_that_is_not_there_is_sound(examine, staff, address):
    examine("not there", address, staff, status=404)


def test_no_two_pages_bear_the_same_title(titles):
    """Runs after the others: pages are told apart in tabs and in history by their titles."""
    seen = {name for names in titles.values() for name in names}
    if not seen >= PUBLIC.keys() | SIGNED_IN.keys():
        pytest.skip("only some pages were looked at")
    for title, names in titles.items():
        pages = {name for name in names if "." in name}
        assert len(pages) < 2, f"{title!r} is the title of {sorted(pages)}"


def test_every_page_is_looked_at(app):
    """A new page is added to the tables above, or said not to be one."""
    routes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint != "static"
    }
    known = {name for name in PUBLIC.keys() | SIGNED_IN.keys() if "." in name}
    assert routes - NOT_PAGES == known


PAINTED = """() => {
  const canvas = document.querySelector('canvas[data-chart]');
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--chart-1)';
  const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let fits = 0, black = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 255) continue;
    if (wanted.every((part, n) => Math.abs(part - data[i + n]) < 3)) fits += 1;
    if (data[i] + data[i + 1] + data[i + 2] === 0) black += 1;
  }
  return { wanted: wanted.join(), fits, black };
}"""


def test_charts_are_painted_in_the_colours_of_the_page(opened, staff):
    page = opened(staff).new_page()
    page.goto(SIGNED_IN["admin.dashboard"])
    page.wait_for_load_state("networkidle")
    colours = set()
    for scheme in ("light", "dark"):
        look_as(page, 1280, scheme)
        painted = page.evaluate(PAINTED)
        assert painted["fits"] > 500
        assert painted["black"] == 0
        colours.add(painted["wanted"])
    page.close()
    assert len(colours) == 2, "light and dark have colours of their own"
