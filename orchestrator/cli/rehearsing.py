"""run --simulate: what the real campaign would take."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.cli.console import print_json, tell
from orchestrator.cli.progress import shown_duration
from orchestrator.domain.campaign import Status
from orchestrator.domain.space import show_point

if TYPE_CHECKING:
    from orchestrator.bootstrap.rehearsing import Foresight
    from orchestrator.campaign_file import CampaignFile


def show_foresight(file: "CampaignFile", data: Path | None, *, as_json: bool) -> None:
    """Rehearse a campaign and tell people, and programs if asked, what it would take."""
    from orchestrator.bootstrap.rehearsing import rehearse
    from orchestrator.cli.running import at_the_terminal

    with at_the_terminal("simulated") as (view, switch):
        found = rehearse(file, data=data, live=view, switch=switch)
    for line in lines_of(found, data):
        tell(line, as_json=as_json)
    if as_json:
        print_json(document_of(found))


def lines_of(found: "Foresight", data: Path | None) -> Iterator[str]:
    """Yield what was foreseen, a line each."""
    yield f"simulated on {'a made-up hill' if data is None else data}: nothing was connected, moved or recorded"
    if found.outcome.status is not Status.COMPLETED:
        yield f"  it did not get to its end: {found.outcome.status}: {found.outcome.reason}"
    yield f"  the real campaign: {found.trials} trials in about {_duration(found.total_s)}"
    yield f"    moving {_duration(found.moving_s)}, measuring {_duration(found.measuring_s)}"
    yield f"    thinking at most {_duration(found.thinking_s)}"
    for routine in found.routines:
        yield f"    {routine.name} ({routine.kind}) {routine.times} times, {_duration(routine.seconds)}"
    yield f"    shutter open {_duration(found.exposure_s)}"
    if found.dose is not None:
        yield f"    dose {found.dose:.4g} {found.dose_unit}".rstrip()
    for name, way in found.travel.items():
        yield f"    {name} travels {way:.4g} {found.units[name]}".rstrip()
    if found.outcome.best_point is not None and data is not None:
        yield f"  best of the simulation: {found.outcome.best_score:.6g} at {show_point(found.outcome.best_point)}"
    yield from (f"  not counted: {note}" for note in found.notes)


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else shown_duration(timedelta(seconds=seconds))


def document_of(found: "Foresight") -> dict[str, Any]:
    """Return the line of ``run --simulate --json``."""
    return {
        "is_simulated": True,
        "trials": found.trials,
        "total_s": round(found.total_s, 3),
        "moving_s": round(found.moving_s, 3),
        "measuring_s": round(found.measuring_s, 3),
        "thinking_s": round(found.thinking_s, 3),
        "exposure_s": round(found.exposure_s, 3),
        "dose": found.dose,
        "routines": {routine.name: {"times": routine.times, "seconds": round(routine.seconds, 3)} for routine in found.routines},
        "travel": {name: round(way, 6) for name, way in found.travel.items()},
        "notes": list(found.notes),
    }
