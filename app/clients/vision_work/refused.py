class Refused(Exception):
    """The photo is not measured; `reason` is one of app.domain.tools.photo.REFUSALS."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason
