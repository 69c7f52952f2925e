"""The recorder in a real browser, whose microphone is a file read by a synthetic voice."""

import re

import pytest
from playwright.sync_api import expect

from tests import voices
from tests.browser.conftest import CHROMIUM, DESKTOP, Watch

pytestmark = pytest.mark.browser
TOOL = "/enhanced-ai/"


@pytest.fixture
def speaker(playwright, live, tmp_path):
    """speaker(samples) -> a page in a browser whose microphone hears them."""
    opened = []

    def speak(samples, **options):
        microphone = tmp_path / "microphone.wav"
        microphone.write_bytes(voices.encoded(samples))
        fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", *fake, f"--use-file-for-fake-audio-capture={microphone}%noloop"],
        )
        watch = Watch(live)
        context = browser.new_context(base_url=live.address, user_agent=DESKTOP, **options)
        opened.append((browser, watch))
        page = watch.over(context).new_page()
        page.watch = watch
        page.goto(TOOL)
        page.get_by_text("Say it instead of typing").click()
        return page

    yield speak
    for browser, watch in opened:
        browser.close()
        assert watch.complaints == []


def record(page, milliseconds: int):
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.wait_for_timeout(milliseconds)
    page.get_by_role("button", name="Stop").click()


def send(page):
    button = page.get_by_role("button", name="Turn it into words")
    expect(button).to_be_focused()
    button.click()
    expect(page.locator("#heard > *")).to_be_visible(timeout=60_000)


def test_what_is_recorded_is_shown_corrected_and_answered(speaker):
    page = speaker(voices.spoken("I would like to get rid of the dark spots on my cheeks"))
    record(page, 5000)
    expect(page.locator("[data-playback]")).to_have_attribute("src", re.compile("^blob:"))
    send(page)
    expect(page.locator("#heard")).to_contain_text("Is this what you said?")
    box = page.get_by_label("In your own words")
    expect(box).to_have_value("I would like to get rid of the dark spots on my cheeks")
    box.fill("I would like to get rid of the dark spots on my hands")
    page.get_by_role("button", name="See what fits").click()
    page.wait_for_url("**/enhanced-ai/result/*")
    expect(page.locator(".told")).to_contain_text("dark spots on my hands")
    expect(page.locator(".match").first).to_be_visible()


def test_by_keyboard_alone(speaker):
    page = speaker(voices.spoken("my lips are thin and uneven"))
    page.get_by_role("button", name="Record", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    page.wait_for_timeout(3500)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Turn it into words")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#heard [data-focus]")).to_be_focused(timeout=60_000)
    expect(page.get_by_label("In your own words")).to_have_value("My lips are thin and uneven")


def test_noise_is_refused_and_can_be_recorded_again(speaker):
    page = speaker(voices.hiss(8, 4000))
    page.get_by_label("In your own words").fill("Since last summer.")
    record(page, 3000)
    send(page)
    expect(page.locator("#heard [role=alert]")).to_contain_text("noise")
    expect(page.get_by_role("button", name="Record again")).to_be_visible()
    expect(page.get_by_label("In your own words")).to_have_value("Since last summer.")
    page.watch.forgive("422")


def test_another_language_is_refused(speaker):
    page = speaker(voices.spoken("ich möchte etwas gegen die Falten auf meiner Stirn tun"))
    record(page, 5000)
    send(page)
    expect(page.locator("#heard [role=alert]")).to_contain_text("We could not make that out.")
    page.watch.forgive("422")


def test_a_recording_can_be_chosen_instead(speaker, tmp_path):
    said = tmp_path / "note.m4a"
    said.write_bytes(voices.encoded(voices.spoken("how much is a chemical peel"), "m4a"))
    page = speaker(voices.silence(1))
    page.get_by_label("Or choose a recording").set_input_files(said)
    page.get_by_role("button", name="Turn it into words").click()
    expect(page.get_by_label("In your own words")).to_have_value(
        "How much is a chemical peel", timeout=60_000
    )


def test_without_scripts_a_recording_is_sent_as_a_file(speaker, tmp_path):
    said = tmp_path / "note.ogg"
    said.write_bytes(voices.encoded(voices.spoken("how much is a chemical peel"), "ogg"))
    page = speaker(voices.silence(1), java_script_enabled=False)
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_hidden()
    page.get_by_label("Or choose a recording").set_input_files(said)
    page.get_by_role("button", name="Turn it into words").click(timeout=60_000)
    expect(page.get_by_label("In your own words")).to_have_value("How much is a chemical peel")
    page.get_by_role("button", name="See what fits").click()
    page.wait_for_url("**/enhanced-ai/result/*")


REFUSE = """name => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', name); };
}"""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("NotAllowedError", "is not allowed here"),
        ("NotFoundError", "We found no microphone"),
        ("NotReadableError", "Another program is using"),
        ("AbortError", "The recording could not be made"),
    ],
)
def test_why_nothing_can_be_recorded_is_said(speaker, error, said):
    page = speaker(voices.silence(1))
    page.evaluate(REFUSE, error)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("[data-said]")).to_contain_text(said)
    expect(page.get_by_label("Or choose a recording")).to_be_visible()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("delete window.MediaRecorder", "This browser cannot record."),
        (
            "Object.defineProperty(window, 'isSecureContext', { value: false })",
            "only over a secure connection",
        ),
    ],
)
def test_a_browser_that_cannot_record_says_so_at_once(speaker, script, said):
    page = speaker(voices.silence(1))
    page.add_init_script(script)
    page.reload()
    page.get_by_text("Say it instead of typing").click()
    expect(page.locator("[data-said]")).to_contain_text(said)
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_hidden()


def test_what_cannot_be_sent_is_not_lost(speaker):
    page = speaker(voices.spoken("my lips are thin and uneven"))
    record(page, 3000)
    page.route("**/voice", lambda route: route.abort())
    page.get_by_role("button", name="Turn it into words").click()
    expect(page.locator("[data-said]")).to_contain_text("It could not be sent")
    page.unroute("**/voice")
    page.get_by_role("button", name="Turn it into words").click()
    expect(page.locator("#heard")).to_contain_text("Is this what you said?", timeout=60_000)
    page.watch.forgive("ERR_FAILED")
