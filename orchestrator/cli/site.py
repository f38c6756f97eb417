"""site init, site check, site schema."""

import json
import sys
from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.console import print_json, say, tell
from orchestrator.cli.options import JsonOption
from orchestrator.domain.errors import BadInput

if TYPE_CHECKING:
    from instruments.beamline.model import Source

app = typer.Typer(no_args_is_help=True, help="The site file: what beamline staff lend to campaigns.")

OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="The site file. Default: where campaigns look for it.", show_default=False),
]


def _option(flag: str, text: str) -> Any:
    return typer.Option(flag, help=text, show_default=False)


@app.command()
def init(
    profile: Annotated[Path | None, _option("--profile", "An IPython startup folder.")] = None,
    module: Annotated[str | None, _option("--module", "A Python module whose names are devices and plans.")] = None,
    factories: Annotated[str | None, _option("--factories", "A Python module whose functions each make one device.")] = None,
    dodal: Annotated[str | None, _option("--dodal", "A beamline of dodal, such as i22.")] = None,
    happi: Annotated[Path | None, _option("--happi", "A happi database (JSON) or its configuration.")] = None,
    output: OutputOption = None,
    name: Annotated[str | None, _option("--name", "The beamline's name. Default: taken from the profile's.")] = None,
    load_timeout: Annotated[float, typer.Option(help="Seconds that the profile may take to run.")] = 180.0,
    connect_timeout: Annotated[float, typer.Option(help="Seconds that its devices may take to connect.")] = 15.0,
    replace: Annotated[bool, typer.Option("--replace", help="Write over an existing site file.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a profile once and write a site file that lists its devices and plans, none of them allowed yet. Moves nothing."""
    source, own_name = _source(profile, module, factories, dodal, happi)
    from orchestrator.bootstrap.site_files import init_site

    path, found = init_site(
        source, output, name=name or own_name, load_seconds=load_timeout, connect_seconds=connect_timeout, replace=replace
    )
    silent = [one.name for one in (*found.axes, *found.detectors) if one.problem]
    counted = f"{_n(found.axes, 'axis', 'axes')}, {_n(found.detectors, 'detector')} and {_n(found.plans, 'plan')} found"
    say(f"{path}: {counted}; none is allowed yet")
    if silent:
        say(f"did not answer: {', '.join(silent)}")
    say(f"next: delete the '# ' in front of what campaigns may use, then: nightshift site check{'' if output is None else f' -o {path}'}")
    if as_json:
        print_json({"file": str(path), "axes": [one.name for one in found.axes], "detectors": [one.name for one in found.detectors]})


@app.command()
def check(output: OutputOption = None, as_json: JsonOption = False) -> None:
    """Say what the site file allows, or what is wrong with it. Runs nothing, and asks nobody but a queueserver how it stands."""
    from orchestrator.bootstrap.site_files import check_site, queueserver_in_words

    path, site = check_site(output)
    tell(f"{path}: {site.name}, profile {next(iter(site.profile.model_dump().values()))}", as_json=as_json)
    for what, names in {"may move": site.axes, "may read": site.detectors, "may call": site.plans}.items():
        tell(f"  campaigns {what}: {', '.join(names) or 'nothing'}", as_json=as_json)
    if site.files.root:
        tell(f"  detectors write to: {site.files.root}/{site.files.name}", as_json=as_json)
    stop = "a second process can stop every axis" if site.can_be_stopped_from_outside else "only the profile's own process can stop them"
    if site.axes:
        tell(f"  when the profile hangs: {stop}", as_json=as_json)
    if queueserver := queueserver_in_words(site):
        tell(f"  {queueserver}", as_json=as_json)
    if site.documents is not None:
        tell(f"  documents go to {' and '.join(site.documents.names) or 'nowhere'}", as_json=as_json)
    if site.answering_tiled is not None:
        tell(f"  analyses may answer in Tiled at {site.answering_tiled.uri}", as_json=as_json)
    if as_json:
        allowed = {"axes": list(site.axes), "detectors": list(site.detectors), "plans": list(site.plans)}
        print_json({"file": str(path), **allowed, **({"queueserver": queueserver} if queueserver else {})})


@app.command()
def schema() -> None:
    """Print the JSON Schema of the site file, so that editors complete and check it."""
    from instruments.beamline.schema import site_schema

    sys.stdout.write(json.dumps(site_schema(), indent=2, ensure_ascii=False) + "\n")


def _n(found: Sized, one: str, several: str = "") -> str:
    """Return ``1 axis`` or ``2 axes``."""
    return f"{len(found)} {one if len(found) == 1 else several or one + 's'}"


def _source(profile: Path | None, module: str | None, factories: str | None, dodal: str | None, happi: Path | None) -> "tuple[Source, str]":
    from instruments.beamline import model

    given: list[tuple[Any, str]] = []
    if profile is not None:
        folder = profile.expanduser().absolute()
        given.append((model.Startup(startup=str(folder)), folder.parent.name.removeprefix("profile_")))
    if module is not None:
        given.append((model.Module(module=module), module.split(".")[0]))
    if factories is not None:
        given.append((model.Factories(factories=factories), factories.rsplit(".")[-1]))
    if dodal is not None:
        given.append((model.Dodal(dodal=dodal), dodal))
    if happi is not None:
        given.append((model.Happi(happi=str(happi.expanduser().absolute())), happi.stem))
    if len(given) != 1:
        raise BadInput("say where the devices come from: one of --profile, --module, --factories, --dodal and --happi")
    return given[0]
