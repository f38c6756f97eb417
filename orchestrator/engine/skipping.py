"""What it means to leave a sample: the rest of its stages is not run."""

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import BadInput, WrongState
from orchestrator.domain.parts import SampleSkipped
from orchestrator.domain.ports import Command
from orchestrator.domain.samples import SamplesSpec


def skip_meaning(command: Command, state: CampaignState) -> tuple[SampleSkipped, ...]:
    """Return the event.

    Raises:
        WrongState: If the campaign has no samples, or is through with this one, or has left it already.
        BadInput: If it has no such sample.
    """
    spec, sample = state.spec, str(command.content.get("sample", ""))
    if not isinstance(spec, SamplesSpec):
        raise WrongState(f"campaign {command.campaign} has no samples to skip; stop or abort it")
    known = [each.id for each in spec.samples]
    if sample not in known:
        raise BadInput(f"{command.campaign} has no sample {sample!r}; it has {', '.join(known)}")
    if sample in state.parts.skipped:
        raise WrongState(f"{sample} was left already: {state.parts.skipped[sample]}")
    if state.parts.is_through(sample, spec.stages):
        raise WrongState(f"{sample} is through all its stages already; nothing of it is left to skip")
    return (SampleSkipped(sample=sample, reason=command.note or f"skipped by {command.actor}"),)
