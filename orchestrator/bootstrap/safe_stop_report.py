"""What a safe-stop did, and how soon."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SafeStopReport:
    """What was done, in order."""

    campaign: str
    actions: tuple[str, ...]
    seconds_to_command: float | None
    """From the request until everything that stops or closes was sent; None where nothing could be."""
    seconds_to_still: float | None
    """Until the axes stood still; None where nothing can tell."""

    @property
    def times(self) -> str:
        """Return how soon, for people."""
        sent = "no stop could be sent" if self.seconds_to_command is None else f"stop sent after {self.seconds_to_command:.2f} s"
        still = "" if self.seconds_to_still is None else f", still after {self.seconds_to_still:.2f} s"
        return f"{sent}{still}"

    @property
    def text(self) -> str:
        """Return what was done and how soon, for people."""
        return f"{self.times}: {'; '.join(self.actions) or 'nothing was there to stop'}"
