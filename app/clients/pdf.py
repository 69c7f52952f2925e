"""Sets documents as PDF, by typst; its fonts come with it, the system's help out.

A document is a template of app/documents. What it says goes in as JSON, never as markup.
"""

import json
from functools import cache
from pathlib import Path

import structlog
import typst

DOCUMENTS = Path(__file__).resolve().parent.parent / "documents"
ACCESSIBLE = "ua-1"

log = structlog.get_logger()


@cache
def _fonts() -> typst.Fonts:
    # Without a letter in its own fonts typst looks in the system's: an emoji, a name in Chinese.
    return typst.Fonts(include_system_fonts=True)


def pdf(document: str, data: dict) -> bytes:
    """The document as a tagged PDF, by the standard of accessibility PDF/UA-1.

    That standard forbids letters that no font here has. Such a text is set all the same, with gaps,
    and the log says so: a quote with a gap in a name is better than none.
    """
    try:
        return _set(document, data, pdf_standards=ACCESSIBLE)
    except typst.TypstError as problem:
        if "could not be displayed" not in str(problem):
            raise
        log.warning("pdf.letters_missing", document=document, error=str(problem))
        return _set(document, data)


def picture(document: str, data: dict) -> bytes:
    """The document's first page as a PNG."""
    pages = _set(document, data, format="png", ppi=110)
    return pages[0] if isinstance(pages, list) else pages


def _set(document: str, data: dict, **how):
    return typst.compile(
        str(DOCUMENTS / f"{document}.typ"),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data)},
        **how,
    )
