"""Every page, its address, and what is on it once it is ready."""

from collections.abc import Mapping
from dataclasses import dataclass

CAMPAIGN_READY = ".verdict-word"


@dataclass(frozen=True)
class Page:
    """A page of the dashboard; ``{running}``, ``{held}``, ``{finished}`` and such in its address are campaigns."""

    name: str
    address: str
    ready: str
    """A selector of something that is there once data have arrived."""
    is_signed_in: bool = True

    def of(self, campaigns: Mapping[str, str]) -> str:
        return self.address.format(**campaigns)


PAGES = (
    Page("fleet", "/", ".fleet-card"),
    Page("running", "/campaigns/{running}", CAMPAIGN_READY),
    Page("held", "/campaigns/{held}", CAMPAIGN_READY),
    Page("finished", "/campaigns/{finished}", CAMPAIGN_READY),
    Page("two-goals", "/campaigns/{two_goals}", ".front td"),
    Page("samples", "/campaigns/{samples}", ".samples td a"),
    Page("campaigns", "/campaigns", "tbody tr"),
    Page("approvals", "/approvals", ".approval"),
    Page("new", "/new?bundled=crossed-barrel", ".check-word"),
    Page("compare", "/compare?campaign={running}&campaign={finished}", ".curves"),
    Page("report", "/campaigns/{finished}/report", "iframe.report"),
    Page("keys", "/keys", "form"),
    Page("audit", "/audit", "tbody tr"),
    Page("api-docs", "/api/docs", ".operation"),
    Page("sign-in", "/sign-in", "#key", is_signed_in=False),
    Page("not-found", "/nowhere", "h1"),
)
CAMPAIGN_PAGES = ("running", "held", "finished")
