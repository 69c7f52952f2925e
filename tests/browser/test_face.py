"""The face analysis in a real browser: its camera is a film of the portrait."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import portrait as of
from tests.browser.conftest import CHROMIUM, DESKTOP, Watch, eventually
from tests.browser.pages import photo

pytestmark = pytest.mark.browser

PAGE = "/enhanced-face/"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film in which somebody looks into the camera, as Motion JPEG."""
    frame = Image.new("RGB", (1280, 960), (188, 180, 178))
    face = of.scaled(of.portrait(), 1.25)
    frame.paste(face, ((1280 - face.width) // 2, (960 - face.height) // 2))
    path = tmp_path_factory.mktemp("film") / "face.mjpeg"
    path.write_bytes(of.jpeg(frame, 92) * 30)
    return path


@pytest.fixture
def with_camera(playwright, live, film):
    """A browser that has a camera and may use it."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    watch = Watch(live)
    context = browser.new_context(base_url=live.address, user_agent=DESKTOP, permissions=["camera"])
    yield watch.over(context)
    browser.close()
    assert watch.complaints == []


def playing(page) -> bool:
    return page.evaluate("document.querySelector('[data-live]').videoWidth") >= 640


def test_a_photo_taken_with_the_camera_is_measured_and_the_form_asks_in_place(with_camera):
    page = with_camera.new_page()
    page.goto(PAGE)
    expect(page.get_by_label("Or take one now, on a phone")).to_be_hidden()
    page.get_by_role("button", name="Use the camera").click()
    eventually(lambda: playing(page), "the camera's picture is shown")
    page.get_by_role("button", name="Take the photo").click()
    expect(page.get_by_text("This is the photo that will be sent")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-live]').srcObject") is None

    page.get_by_role("button", name="Take it again").click()
    eventually(lambda: playing(page), "the camera's picture is shown again")
    page.get_by_role("button", name="Take the photo").click()
    expect(page.get_by_role("button", name="Take it again")).to_be_focused()

    for name in ("budget", "urgency"):
        page.locator(f"[name={name}]").first.focus()
    page.locator("[name=budget][value=high]").check()
    page.locator("[name=urgency][value=immediate]").check()
    page.get_by_label("Measure my skin in this one photo").check()
    page.get_by_role("button", name="Measure my skin").click()
    page.wait_for_url("**/result/*")
    expect(page.get_by_role("heading", name="Redness of the cheeks")).to_be_visible()
    expect(page.locator("polygon.halo")).to_have_count(6)
    drawn = page.locator(".face img")
    assert drawn.evaluate("image => image.complete && image.naturalWidth > 0")
    expect(page.locator("#leadlight-contact-form")).to_be_visible()


def test_a_photo_is_made_small_before_it_is_sent(browse):
    page = browse().new_page()
    page.goto(PAGE)
    huge = of.jpeg(of.scaled(of.portrait(), 5), 95)
    page.set_input_files(
        "#photo-file", {"name": "huge.jpg", "mimeType": "image/jpeg", "buffer": huge}
    )
    expect(page.get_by_text("This photo will be sent.")).to_be_visible()
    size = page.evaluate("document.querySelector('#photo-file').files[0].size")
    assert size < len(huge) / 3
    still = page.evaluate("[...document.querySelectorAll('canvas')].map(c => [c.width, c.height])")
    assert max(still[0]) == 2048


def test_the_browser_asks_for_the_box_before_anything_is_sent(browse):
    page = browse().new_page()
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.goto(PAGE)
    page.set_input_files("#photo-file", photo())
    page.get_by_role("button", name="Measure my skin").click()
    expect(page.get_by_label("Measure my skin in this one photo")).to_be_focused()
    assert not [request for request in sent if request.url.endswith(PAGE)]


def test_without_a_camera_the_file_fields_remain(browse, watch):
    context = browse()
    context.add_init_script(
        "if (navigator.mediaDevices)"
        " navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no'))"
    )
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_text("The camera could not be opened")).to_be_visible()
    expect(page.get_by_label("Or take one now, on a phone")).to_be_visible()


def test_it_works_by_keyboard_alone_and_without_scripts(browse):
    page = browse(java_script_enabled=False).new_page()
    page.goto(PAGE)
    page.set_input_files("#photo-file", photo())
    page.get_by_label("Measure my skin in this one photo").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Measure my skin").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/result/*")
    expect(page.get_by_role("heading", name="What we measured")).to_be_visible()


def test_the_recommendation_leads_to_the_same_analysis(browse):
    page = browse().new_page()
    page.goto("/enhanced-ai/")
    link = page.locator(f"main a[href^='{PAGE}']").first
    assert link.get_attribute("href") == f"{PAGE}?from=ai"
    link.click()
    expect(page.get_by_role("heading", name="What does your skin show?")).to_be_visible()
