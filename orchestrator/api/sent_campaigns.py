"""Campaigns as they arrive in a request: read as the command line reads them, but kept to one folder."""

from collections.abc import Mapping

from orchestrator import campaign_file
from orchestrator.bootstrap import Workplace
from orchestrator.campaign_file import CampaignFile

_NAME = "campaign.yaml"
_FOLDER = "campaigns"


def read_sent(workplace: Workplace, text: str, changes: Mapping[str, str], seed: int | None = None) -> CampaignFile:
    """Return the campaign a request describes.

    Args:
        workplace: Its folder's ``campaigns`` is where relative paths start, and end.
        text: YAML, or a bundled campaign's name.
        changes: YAML values by dotted path.
        seed: Replaces the text's seed.

    Raises:
        SpecError: Names every problem, a line each; nothing outside the folder was opened.
    """
    folder = workplace.folder / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = text.strip()
    if name in campaign_file.bundled_names():
        file = campaign_file.load_text(campaign_file.bundled_text(name), f"{name}.yaml", folder, changes, seed, is_confined=True)
    else:
        file = campaign_file.load_text(text, _NAME, folder, changes, seed, is_confined=True)
    campaign_file.require_confined(file)
    return file
