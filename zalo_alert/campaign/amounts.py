"""Numbers as Vietnamese is written, `4.000` and `1,5`, whatever language officers work in; they still compare as numbers."""

from decimal import Decimal


class Whole(int):
    """A whole number that is shown with dots: `1.200`."""

    def __str__(self) -> str:
        """Write it."""
        return amount_text(int(self))


class Fraction(float):
    """A number that is shown with a comma: `1,5`."""

    def __str__(self) -> str:
        """Write it."""
        return amount_text(float(self))


def amount_text(value: float) -> str:
    """Write a number: thousands with dots, a fraction behind a comma, never an exponent."""
    written = f"{Decimal(repr(value)):,f}"
    return written.translate({ord(","): ".", ord("."): ","})
