"""A website of somebody's with the snippet on it, and the browsers of its visitors."""

import pytest

from tests.browser.snippet.website import SnippetSite


@pytest.fixture
def site(built):
    site = SnippetSite()  # one for each test: what a closing page still sends stays with its own
    yield site
    site.close()


@pytest.fixture
def browser_of(chromium, site):
    """Opens a visitor's own browser; complains of every console error but expected network ones."""
    contexts, complaints = [], []

    def open_one(**options):
        context = chromium.new_context(base_url=site.address, **options)
        contexts.append(context)

        def watch(page):
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda said: (
                    said.type == "error"
                    and "Failed to load resource" not in said.text
                    and "ERR_" not in said.text
                    and complaints.append(said.text)
                ),
            )

        context.on("page", watch)
        return context

    open_one.complaints = complaints
    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(browser_of):
    return browser_of().new_page()
