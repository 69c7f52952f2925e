"""Make what somebody gave as contact details comparable: one shape for one address, one number."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from app.domain.validation import Invalid

LONGEST = {
    "first_name": 100,
    "last_name": 100,
    "location": 120,
    "customer_type": 60,
    "category": 60,
    "budget": 60,
    "urgency": 60,
    "preferred_time": 60,
    "notes": 2000,
}
MOST_INTERESTS = 50
LONGEST_INTEREST = 100


def read_contact(given: dict, region: str = "FR") -> dict:
    """The known fields of `given` that have a value, each in its normal form.

    E-mail addresses in lower case, phone numbers as E.164 (`region` is the country of numbers
    without a country code), texts without control characters. Raises Invalid naming each field.
    """
    clean, problems = {}, {}
    for name, read in READERS.items():
        try:
            value = read(given.get(name), name, region)
        except ValueError as problem:
            problems[name] = str(problem)
        else:
            if value:
                clean[name] = value
    if problems:
        raise Invalid(problems)
    return clean


def clean_text(value, keep_lines: bool = False) -> str:
    """A text without what no database can hold; white space collapsed, lines if asked kept."""
    if not isinstance(value, str):
        return ""
    value = value.encode("utf-8", "ignore").decode()
    lines = value.splitlines() if keep_lines else [value]
    return "\n".join(" ".join("".join(filter(_is_kept, line)).split()) for line in lines).strip()


def _is_kept(character: str) -> bool:
    # Joiners hold emoji and several scripts together; the other unprintable ones are noise.
    return character.isprintable() or character.isspace() or character in "\u200c\u200d"


def _email(value, name, region):
    text = clean_text(value)
    if not text:
        return None
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValueError("Write the whole address, such as name@example.com.") from None


def _phone(value, name, region):
    text = clean_text(value)
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValueError(f"Write the whole number, such as {example_number(region)}.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def example_number(region: str) -> str:
    """A number of a country as it is dialled from abroad: FR -> +33 6 12 34 56 78."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    number = (
        phonenumbers.example_number_for_type(region, mobile)
        or phonenumbers.example_number(region)
        or phonenumbers.example_number_for_type("FR", mobile)
    )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _text(value, name, region):
    if value is not None and not isinstance(value, str):
        raise ValueError("Write this as a text.")
    text = clean_text(value, keep_lines=name == "notes")
    if len(text) > LONGEST[name]:
        raise ValueError(f"Shorten this to {LONGEST[name]} characters.")
    return text


def _interests(value, name, region):
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("Give a list of texts.")
    texts = dict.fromkeys(text for item in value if (text := clean_text(item)[:LONGEST_INTEREST]))
    return list(texts)[:MOST_INTERESTS]


READERS = {
    "email": _email,
    "phone": _phone,
    **dict.fromkeys(LONGEST, _text),
    "interests": _interests,
}
