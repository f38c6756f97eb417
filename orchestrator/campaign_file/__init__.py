"""Campaign files: YAML as people write it, refused with a line number or turned into a spec."""

from orchestrator.campaign_file.confining import require_confined, require_confined_plugin
from orchestrator.campaign_file.loading import CampaignFile, load, load_text
from orchestrator.campaign_file.sources import bundled_names, bundled_text

__all__ = ["CampaignFile", "bundled_names", "bundled_text", "load", "load_text", "require_confined", "require_confined_plugin"]
