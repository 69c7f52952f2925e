"""Settings that cannot be used are named before anything runs on them."""

import pytest

from app.config import settings_from_environment


def of(tmp_path, **environ):
    return settings_from_environment({"LEADLIGHT_DATA": str(tmp_path), **environ})


def test_without_a_mail_server_nothing_has_to_be_said(tmp_path):
    assert of(tmp_path)["MAIL"] is None
    assert of(tmp_path, PORT="8000")["PUBLIC_URL"] == "http://127.0.0.1:8000"


def test_a_mail_server_with_its_sender(tmp_path):
    given = {"LEADLIGHT_MAIL": "smtps://a:b@mail.example", "LEADLIGHT_MAIL_FROM": "A <a@b.example>"}
    settings = of(tmp_path, **given, LEADLIGHT_URL="https://leads.example/")
    assert settings["MAIL"] == "smtps://a:b@mail.example"
    assert settings["MAIL_FROM"] == "A <a@b.example>"
    assert settings["PUBLIC_URL"] == "https://leads.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEADLIGHT_MAIL", "mail.example:587"),
        ("LEADLIGHT_MAIL", "http://mail.example"),
        ("LEADLIGHT_MAIL", "smtp://"),
        ("LEADLIGHT_MAIL", "smtp://mail.example:many"),
        ("LEADLIGHT_MAIL_FROM", "nobody"),
        ("LEADLIGHT_MAIL_FROM", ""),
        ("LEADLIGHT_URL", "leads.example"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, name, value):
    fine = {"LEADLIGHT_MAIL": "smtp://mail.example", "LEADLIGHT_MAIL_FROM": "a@b.example"}
    with pytest.raises(ValueError, match=name):
        of(tmp_path, **fine | {name: value})
