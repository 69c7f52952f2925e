"""What ends the work on a recording with an answer to whoever sent it."""


class Refused(Exception):
    """`reason` is one of app.domain.tools.recording.REFUSALS."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason
