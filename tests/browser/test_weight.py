"""What a first visit costs: everything a page loads, as it travels, with nothing kept before."""

import pytest

from tests.browser.conftest import DESKTOP, deaf_to_beacons
from tests.browser.pages import PUBLIC, SIGNED_IN

pytestmark = pytest.mark.browser

PUBLIC_KB, SIGNED_IN_KB = 60, 150


@pytest.fixture
def weigh(chromium, live):
    """weigh(place, storage) -> kB transferred until the network is quiet, headers included."""

    def bytes_of(place, storage=None) -> float:
        context = chromium.new_context(
            base_url=live.address, user_agent=DESKTOP, storage_state=storage
        )
        page = deaf_to_beacons(context).new_page()
        address = place
        if not isinstance(place, str):
            place(page)  # finds the address; a second browser opens it with nothing kept
            address, storage = page.url, context.storage_state()
            context.close()
            context = chromium.new_context(
                base_url=live.address, user_agent=DESKTOP, storage_state=storage
            )
            page = deaf_to_beacons(context).new_page()
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        sizes = []
        network.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        context.close()
        assert len(sizes) >= 3, "the page, its style and its script were seen"
        return sum(sizes) / 1000

    return bytes_of


@pytest.mark.parametrize("name", [name for name in PUBLIC if "." in name])
def test_a_page_for_visitors_is_light(weigh, name):
    assert weigh(PUBLIC[name]) <= PUBLIC_KB


@pytest.mark.parametrize("name", [name for name in SIGNED_IN if "." in name])
def test_a_page_for_staff_is_light(weigh, staff, name):
    assert weigh(SIGNED_IN[name], staff) <= SIGNED_IN_KB
