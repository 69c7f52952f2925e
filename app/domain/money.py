"""Amounts of money: whole minor units, as people read them and as programs tell them."""

from app.domain.score import round_half_up

# The most that one act or conversion may be worth, in minor units: what fits a column of 32 bits.
MOST_MONEY = 2_000_000_000
CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF ", "INR": "₹", "JPY": "¥"}


def money(minor: int, currency: str = "EUR") -> str:
    """Whole minor units as people read them: 125000 -> €1,250; cents only when there are some."""
    sign = "-" if minor < 0 else ""
    whole, cents = divmod(abs(minor), 100)
    tail = f".{cents:02d}" if cents else ""
    return f"{sign}{CURRENCY_SIGNS.get(currency, currency + ' ')}{whole:,}{tail}"


def in_minor_units(amount: float) -> int:
    """An amount of the currency in whole minor units, half cents away from zero: 5000.005 ->
    500001."""
    return int(round_half_up(amount, 2) * 100)


def money_to_the_cent(minor: int, currency: str = "EUR") -> str:
    """The same with its cents always, for columns that are added up: 125000 -> €1,250.00."""
    text = money(minor, currency)
    return text if minor % 100 else f"{text}.00"
