"""Running a site's profile: wherever its devices and plans come from, they end in one namespace."""

import importlib
import os
import sys
import traceback
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from instruments.beamline.model import Dodal, Factories, Happi, Module, Source, Startup
from orchestrator.domain.errors import InstrumentError
from orchestrator.wording.installing import how_to_install


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile made."""

    names: Mapping[str, Any]
    run_engine: Any
    is_own_engine: bool
    """Whether the profile made the RunEngine."""


def load_profile(source: Source) -> Profile:
    """Run a profile in this process. Call it once, in the main thread: profiles are written for IPython's.

    Raises:
        InstrumentError: If it raises, or there is nothing to run; names file and line.
    """
    os.environ["MPLBACKEND"] = "Agg"  # no windows where nobody looks
    match source:
        case Startup(startup=folder):
            names = _run_startup(Path(folder).expanduser())
        case Module(module=name):
            names = vars(_imported(name, "module"))
        case Factories(factories=name):
            return _made(_imported(name, "factories"))
        case Dodal(dodal=name):
            return _made(_imported(f"dodal.beamlines.{name}", "dodal"))
        case Happi(happi=file):
            return _from_happi(Path(file).expanduser())
        case _:
            assert_never(source)
    return _with_engine({name: value for name, value in names.items() if not name.startswith("_")})


def startup_files(folder: Path) -> tuple[Path, ...]:
    """Return the files that IPython would run, in its order.

    Raises:
        InstrumentError: If there are none.
    """
    if not folder.is_dir():
        raise InstrumentError(f"{folder}: no such folder; give the profile's startup folder, such as ~/.ipython/profile_bl99/startup")
    files = tuple(sorted(path for path in folder.iterdir() if path.suffix in (".py", ".ipy") and path.is_file()))
    if not files:
        raise InstrumentError(f"{folder}: holds no .py or .ipy file; give the profile's startup folder")
    return files


def _run_startup(folder: Path) -> dict[str, Any]:
    from instruments.beamline.shell import make_shell, run_file

    files = startup_files(folder)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = vars(module)
    shell = make_shell(namespace)
    for path in files:
        try:
            run_file(path, namespace, shell)
        except BaseException as error:  # SystemExit too: a profile that calls exit() must not end us without a word
            raise InstrumentError(_told(path, error)) from None
    return namespace


def _imported(name: str, key: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except BaseException as error:
        raise InstrumentError(_told(Path(name), error) + f" (profile.{key} = {name})") from None


def _told(path: Path, error: BaseException) -> str:
    """Return where in the profile it went wrong, as ``10-motors.py:7``, and what was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if Path(frame.filename) == path]
    line = error.lineno if isinstance(error, SyntaxError) and not inside else (inside[-1].lineno if inside else None)
    where = str(path) if line is None else f"{path}:{line}"
    return f"{where}: {type(error).__name__}: {error}; mend the profile: it must run as it does in IPython"


def _with_engine(names: Mapping[str, Any]) -> Profile:
    own = [value for value in names.values() if _is_run_engine(value)]
    if len({id(engine) for engine in own}) > 1:
        raise InstrumentError(
            "the profile makes several RunEngines; a process can have one: keep one, for each replaces the loop of the other"
        )
    return Profile(names, _prepared(own[0]) if own else _new_engine(), bool(own))


def _is_run_engine(value: Any) -> bool:
    engine = sys.modules.get("bluesky.run_engine")
    return engine is not None and isinstance(value, engine.RunEngine)


def _new_engine() -> Any:
    from bluesky import RunEngine

    return RunEngine({}, call_returns_result=True, context_managers=[])


def _prepared(engine: Any) -> Any:
    """Take from the site's RunEngine what works in the main thread only: Nightshift, not Ctrl-C, ends its plans."""
    from bluesky.utils import SigintHandler

    engine.context_managers = [manager for manager in engine.context_managers if manager is not SigintHandler]
    return engine


def _made(module: types.ModuleType) -> Profile:
    """Return the devices that a module's functions make; the RunEngine first, since ophyd-async devices live on its loop."""
    engine = _new_engine()
    managed = _managed(module)
    names = {name: value for name, value in vars(module).items() if not name.startswith("_")} | managed
    for name, factory in _factories(module):
        if name in managed:
            continue
        try:
            made = factory()
        except BaseException as error:
            raise InstrumentError(_told(Path(str(module.__file__)), error) + f" (factory {name})") from None
        if hasattr(made, "name"):
            names[name] = made
    return Profile(names, engine, is_own_engine=False)


def _managed(module: types.ModuleType) -> dict[str, Any]:
    """Return what dodal's device managers in a module make: they know which device needs which other, or a path provider.

    Raises:
        InstrumentError: If a device cannot be made; names every one.
    """
    import inspect

    made: dict[str, Any] = {}
    found = {id(value): value for value in vars(module).values() if hasattr(value, "build_all") and not inspect.isclass(value)}
    for manager in found.values():
        try:
            built = manager.build_all()
        except Exception as error:  # a dependency that nothing makes, or two that need each other
            raise InstrumentError(_told(Path(str(module.__file__)), error)) from None
        if built.errors:
            told = "; ".join(f"{name}: {type(error).__name__}: {error}" for name, error in built.errors.items())
            raise InstrumentError(f"{module.__name__} cannot make {told}; mend these factories, or mark them with skip=True")
        made |= built.devices
    return made


def _factories(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the module's own public functions that need no argument and are no plans."""
    import inspect

    from instruments.beamline.signatures import is_plan

    for name, value in vars(module).items():
        if name.startswith("_") or not callable(value) or inspect.isclass(value) or is_plan(value):
            continue
        if getattr(value, "__module__", None) != module.__name__:
            continue
        try:
            needed = [one for one in inspect.signature(value).parameters.values() if one.default is one.empty]
        except (TypeError, ValueError):
            continue
        if not needed:
            yield name, _unconnected(value)


def _unconnected(factory: Any) -> Any:
    """Return a factory that leaves connecting to us, where it can be told so as dodal's can."""
    import inspect

    names = inspect.signature(factory).parameters
    told = {key: value for key, value in {"connect_immediately": False, "mock": False}.items() if key in names}
    return lambda: factory(**told)


def _from_happi(file: Path) -> Profile:
    try:
        from happi import Client, from_container  # type: ignore[import-not-found]  # optional
    except ImportError:
        raise InstrumentError(f"a happi database needs the package happi; {how_to_install('site')}") from None
    engine = _new_engine()
    try:
        entries: Any = Client.from_config(str(file)) if file.suffix in (".cfg", ".ini") else _json_client(Client, file)
        names = {str(result.item.name): from_container(result.item) for result in entries.search()}
    except Exception as error:
        raise InstrumentError(f"{file}: {type(error).__name__}: {error}; mend the database: happi must be able to load it") from None
    return Profile(names, engine, is_own_engine=False)


def _json_client(client: Any, file: Path) -> Any:
    from happi.backends.json_db import JSONBackend  # type: ignore[import-not-found]  # comes with happi

    return client(database=JSONBackend(str(file)))
