"""Amounts of money as people read them."""

CURRENCY_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF ", "INR": "₹", "JPY": "¥"}


def money(minor: int, currency: str = "EUR") -> str:
    """Whole minor units as people read them: 125000 -> €1,250; cents only when there are some."""
    sign = "-" if minor < 0 else ""
    whole, cents = divmod(abs(minor), 100)
    tail = f".{cents:02d}" if cents else ""
    return f"{sign}{CURRENCY_SIGNS.get(currency, currency + ' ')}{whole:,}{tail}"


def money_to_the_cent(minor: int, currency: str = "EUR") -> str:
    """The same with its cents always, for columns that are added up: 125000 -> €1,250.00."""
    text = money(minor, currency)
    return text if minor % 100 else f"{text}.00"
