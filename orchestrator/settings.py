"""What the surroundings decide: where the ledger is and where files go. Environment variables begin with ``NIGHTSHIFT_``."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_SQLITE = "sqlite"
_SITE_OF_ALL = Path("/etc/nightshift/site.yaml")


def user_folder() -> Path:
    """Return the person's own data folder for Nightshift; it need not exist yet."""
    return user_data_path("nightshift")


def _own_ledger() -> str:
    return f"{_SQLITE}:///{user_folder() / 'ledger.db'}"


class Settings(BaseSettings):
    """Where campaigns are recorded."""

    model_config = SettingsConfigDict(env_prefix="NIGHTSHIFT_", env_ignore_empty=True, frozen=True, extra="ignore")

    ledger: str = Field(default_factory=_own_ledger)
    """A SQLAlchemy URL; ``NIGHTSHIFT_LEDGER``."""
    data: Path | None = None
    """The folder of artefacts and run records; ``NIGHTSHIFT_DATA``. Default: beside an SQLite ledger, else the person's own."""

    alerts: Path | None = None
    """Whom to tell of what; ``NIGHTSHIFT_ALERTS``. Default: ``alerts.yaml`` in the data folder."""

    site: Path | None = None
    """What beamline staff lend to campaigns; ``NIGHTSHIFT_SITE``. Default: ``/etc/nightshift/site.yaml`` if there is one, else
    ``site.yaml`` in the data folder."""

    report: bool = True
    """Whether a campaign that ends here is drawn up as a report at once, which takes a second or two; ``NIGHTSHIFT_REPORT``.
    ``nightshift report`` does so at any time."""

    @property
    def alerts_file(self) -> Path:
        """Return the file of the alerts' settings, absolute; it need not exist."""
        return self.data_folder / "alerts.yaml" if self.alerts is None else self.alerts.expanduser().absolute()

    @property
    def site_file(self) -> Path:
        """Return where the site file is, absolute; it need not exist yet."""
        if self.site is not None:
            return self.site.expanduser().absolute()
        return _SITE_OF_ALL if _SITE_OF_ALL.exists() else self.data_folder / "site.yaml"

    @property
    def data_folder(self) -> Path:
        """Return the folder of artefacts and run records, absolute."""
        if self.data is not None:
            return self.data.expanduser().absolute()
        database = sqlite_file(self.ledger)
        return user_folder() if database is None else database.parent


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite URL such as ``sqlite:///night.db``, absolute; None for any other ledger."""
    dialect, _, rest = url.partition("://")
    database = rest.removeprefix("/").partition("?")[0]
    if dialect.partition("+")[0] != _SQLITE or database in ("", ":memory:"):
        return None
    return Path(database).absolute()
