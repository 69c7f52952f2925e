from functools import cache
from importlib import resources
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from phonenumbers import country_code_for_region
from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    EqualTo,
    InputRequired,
    Length,
    NumberRange,
    ValidationError,
)

from app.domain.money import CURRENCY_SIGNS
from app.domain.tracking.host import host_of
from app.models.user import ROLES
from app.passwords import LONGEST, SHORTEST

IDENTITY_MODES = {
    "cookieless": (
        "Without cookies",
        "A visitor is known for a day, by a hash that cannot be turned back. No banner is usually "
        "needed; somebody who returns on another day counts as new.",
    ),
    "cookie": (
        "First-party cookie",
        "A visitor is known for 13 months. Most laws ask you for consent first.",
    ),
    "consent": (
        "Only after consent",
        "Nothing is sent before your banner calls leadlight('consent', {analytics: true}); "
        "a first-party cookie from then on.",
    ),
}
ROLE_WORDS = {
    "agent": "Agent: works on leads",
    "analyst": "Analyst: reads everything",
    "admin": "Admin: changes sites, rules and settings",
    "owner": "Owner: manages users and tokens too",
}
TOKEN_WORDS = {
    "agent": "Agent: works on leads",
    "analyst": "Analyst: only reads",
    "admin": "Admin: erases and assigns too",
    "owner": "Owner: everything",
}
ROLE_CHOICES = [(role, ROLE_WORDS[role]) for role in ROLES]
CURRENCIES = sorted({*CURRENCY_SIGNS, "AUD", "CAD", "CZK", "DKK", "NOK", "PLN", "SEK", "NZD"})
MOST_ORIGINS = 50


def stripped(value):
    return value.strip() if isinstance(value, str) else value


def checked_host(text: str) -> str:
    try:
        return host_of(text)
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


class SiteForm(FlaskForm):
    name = StringField(
        "Name",
        [DataRequired("Give the website a name."), Length(max=100)],
        filters=[stripped],
        description="What your colleagues call it.",
        render_kw={"autocomplete": "off"},
    )
    domain = StringField(
        "Domain",
        [DataRequired("Which domain is it on?"), Length(max=253)],
        description="Such as clinic.example. Its subdomains are included.",
        render_kw={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"},
    )
    allowed_origins = TextAreaField(
        "Further domains",
        description="One a line. Only pages of the domain above and of these may send events.",
        render_kw={"rows": 3, "spellcheck": "false"},
    )
    identity_mode = RadioField(
        "How visitors are told apart",
        choices=[(mode, name) for mode, (name, _) in IDENTITY_MODES.items()],
        default="cookieless",
    )
    honours_do_not_track = BooleanField(
        "Honour Do Not Track and Global Privacy Control", default=True
    )
    resume_minutes = IntegerField(
        "A visit ends after",
        [
            InputRequired("Enter a number of minutes."),
            NumberRange(1, 720, "Enter a whole number from 1 to 720."),
        ],
        default=30,
        description="minutes without any activity. Back sooner, the same visit goes on.",
        render_kw={"inputmode": "numeric"},
    )
    active = BooleanField("Take events from this website", default=True)

    def validate_domain(self, field):
        checked_host(field.data)

    def validate_allowed_origins(self, field):
        lines = self.origins()
        if len(lines) > MOST_ORIGINS:
            raise ValidationError(f"At most {MOST_ORIGINS} domains.")
        for line in lines:
            checked_host(line)

    def origins(self) -> list[str]:
        """The further domains as typed, without empty lines."""
        return [
            line.strip() for line in (self.allowed_origins.data or "").splitlines() if line.strip()
        ]

    def values(self) -> dict:
        """What a site is made of. Only of a valid form."""
        return {
            "name": self.name.data,
            "domain": host_of(self.domain.data),
            "allowed_origins": list(dict.fromkeys(map(host_of, self.origins()))),
            "identity_mode": self.identity_mode.data,
            "honours_do_not_track": self.honours_do_not_track.data,
            "resume_minutes": self.resume_minutes.data,
            "active": self.active.data,
        }


class UserForm(FlaskForm):
    email = EmailField(
        "E-mail",
        [DataRequired("Enter their e-mail address."), Length(max=254)],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )
    name = StringField(
        "Name",
        [DataRequired("What are they called?"), Length(max=100)],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )
    role = SelectField("Role", choices=ROLE_CHOICES, default="analyst")

    def validate_email(self, field):
        try:
            checked = validate_email(
                field.data,
                check_deliverability=False,
                test_environment=field.data.endswith(".test"),
            )
        except EmailNotValidError:
            raise ValidationError("This is not an e-mail address.") from None
        field.data = checked.normalized.lower()


class TokenForm(FlaskForm):
    name = StringField(
        "What is it for?",
        [
            DataRequired("Give the token a name, so that you can tell it from others."),
            Length(max=100),
        ],
        filters=[stripped],
        render_kw={"autocomplete": "off"},
    )
    role = SelectField("What may it do?", choices=list(TOKEN_WORDS.items()), default="analyst")


@cache
def countries() -> list[tuple[str, str]]:
    """Every country that has phone numbers: (code, name and country code), by name."""
    lines = (resources.files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8").splitlines()
    named = (line.split("\t") for line in lines if not line.startswith("#"))
    numbered = ((code, name, country_code_for_region(code)) for code, name in named)
    found = [(code, f"{name} (+{number})") for code, name, number in numbered if number]
    return sorted(found, key=lambda country: country[1])


class OrganizationForm(FlaskForm):
    name = StringField(
        "Name",
        [DataRequired("An organization needs a name."), Length(max=100)],
        filters=[stripped],
        render_kw={"autocomplete": "organization"},
    )
    timezone = SelectField(
        "Time zone",
        choices=lambda: sorted(z for z in available_timezones() if "/" in z or z == "UTC"),
        description="Times are shown in it. Dashboards count in UTC days.",
    )
    region = SelectField(
        "Country",
        choices=countries,
        description="Phone numbers without a country code are read as this country's.",
    )
    currency = SelectField(
        "Currency", choices=CURRENCIES, description="Of prices, revenue and lead values."
    )


class PasswordForm(FlaskForm):
    current = PasswordField(
        "Password now",
        [InputRequired("Enter your password as it is now."), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(SHORTEST, LONGEST, f"Use {SHORTEST} to {LONGEST} characters."),
        ],
        description=f"At least {SHORTEST} characters. Length beats odd signs.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password again",
        [EqualTo("new", "The two new passwords differ.")],
        render_kw={"autocomplete": "new-password"},
    )
