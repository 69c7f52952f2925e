"""`flask demo`: a business to look at."""

from app.commands.door import command


@command("demo")
def demo():
    """A demo."""
