"""A small form as it came in: what was typed, and what is wrong with it."""

from collections.abc import Mapping


class Typed:
    """Texts and errors by field; `labels` is how the page calls the fields."""

    def __init__(
        self,
        labels: Mapping[str, str],
        texts: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ):
        self.labels, self.texts, self.errors = labels, texts or {}, errors or {}

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def label(self, name: str) -> str:
        return self.labels.get(name, name)
