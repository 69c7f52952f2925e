"""What a share seen in some cases says of all."""

Z = 1.96  # 95 % of a normal distribution lie within so many deviations


def surely(part: int, whole: int) -> float:
    """The lower end of the 95 % Wilson interval of a share (Wilson 1927), 0 to 1: a share seen ten
    times must not beat one seen a thousand times by luck."""
    if whole == 0:
        return 0.0
    rate, square = part / whole, Z * Z / whole
    spread = (rate * (1 - rate) / whole + square / (4 * whole)) ** 0.5
    return max(0.0, (rate + square / 2 - Z * spread) / (1 + square))
