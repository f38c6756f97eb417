"""What a server was asked for."""

from dataclasses import dataclass
from pathlib import Path

from orchestrator.api.options import ServeOptions
from orchestrator.serving.listening import Address


@dataclass(frozen=True, slots=True)
class ServeOrder:
    """What ``nightshift serve`` was asked for."""

    ledger: str | None
    options: ServeOptions
    host: str = "127.0.0.1"
    port: int = 8088
    certificate: Path | None = None
    key: Path | None = None
    is_behind_proxy: bool = False

    @property
    def url(self) -> str:
        """Return where browsers find it."""
        return self.options.origins[0] if self.options.origins else Address(self.host, self.port, self.certificate is not None).url
