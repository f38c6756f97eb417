"""What a startup file expects around it: IPython's ``get_ipython()`` and no windows."""

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

_NO_WINDOWS = ("matplotlib", "gui", "pylab")


class StandIn:
    """Answers like IPython's shell where IPython is not installed: it keeps the namespace and does nothing else."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.user_ns = namespace
        self.user_global_ns = namespace

    def push(self, variables: dict[str, Any], interactive: bool = True) -> None:
        self.user_ns.update(variables)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


class _Nothing:
    """Takes every call and attribute."""

    def __call__(self, *_: Any, **__: Any) -> "_Nothing":
        return self

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self


def make_shell(namespace: dict[str, Any]) -> Any:
    """Return IPython's shell around a namespace, or a stand-in; ``get_ipython()`` gives it from now on."""
    shell = _ipython(namespace) if importlib.util.find_spec("IPython") else _stand_in(namespace)
    namespace["get_ipython"] = lambda: shell
    return shell


def _ipython(namespace: dict[str, Any]) -> Any:
    from IPython.core.interactiveshell import InteractiveShell  # type: ignore[import-not-found]  # optional
    from traitlets.config import Config  # type: ignore[import-not-found]  # comes with it

    settings = Config()
    settings.HistoryManager.enabled = False  # a database in the person's home, shared with their own sessions
    hook = sys.excepthook, sys.displayhook
    shell: Any = InteractiveShell.instance(config=settings, user_ns=namespace)
    sys.excepthook, sys.displayhook = hook
    for name in _NO_WINDOWS:
        shell.register_magic_function(lambda line="", cell=None: None, "line", name)
    return shell


def _stand_in(namespace: dict[str, Any]) -> StandIn:
    shell = StandIn(namespace)
    module = types.ModuleType("IPython")
    module.get_ipython = lambda: shell  # type: ignore[attr-defined]  # what a profile imports from it
    sys.modules["IPython"] = module
    return shell


def run_file(path: Path, namespace: dict[str, Any], shell: Any) -> None:
    """Run one startup file in the namespace. Raises whatever it raises; SyntaxError for magics without IPython."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipy" and not isinstance(shell, StandIn):
        text = shell.transform_cell(text)
    namespace["__file__"] = str(path)
    try:
        # The site's own code, named in a file that only staff can write: running it is what a profile is for.
        exec(compile(text, str(path), "exec"), namespace)  # noqa: S102  # nosec B102
    finally:
        namespace.pop("__file__", None)
