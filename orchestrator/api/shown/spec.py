"""A campaign's spec as a person would write it."""

from io import StringIO

from ruamel.yaml import YAML

from orchestrator.domain.spec import CampaignSpec


def spec_text(spec: CampaignSpec) -> str:
    """Return a spec as YAML; what was left at its default is left out."""
    written = spec.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    stream = StringIO()
    yaml = YAML(typ="rt")
    yaml.default_flow_style = False
    yaml.width = 120
    yaml.dump(written, stream)
    return stream.getvalue()
