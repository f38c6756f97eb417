"""The dashboard's files, read once and named by their content: a browser fetches each version once."""

import gzip
import hashlib
import mimetypes
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

PREFIX = "/static/"
_IMPORT = re.compile(r"""^(?:import|export)\b[^"']*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)
_SCRIPT = re.compile(r'<script type="module" src="/static/([^"]+)">')


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent."""

    body: bytes
    gzipped: bytes
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the dashboard is made of."""

    version: str
    """Changes with any file; part of every file's address, so that files may be kept for ever."""
    files: Mapping[str, StaticFile]
    """By path, such as ``js/api.js``."""
    pages: Mapping[str, StaticFile]
    """By name, such as ``campaign``."""


@cache
def load_dashboard() -> Dashboard:
    """Return all files of the package, with the pages pointing at this version of them."""
    contents = dict(_read(files("orchestrator.dashboard") / "static"))
    version = hashlib.sha256(b"".join(path.encode() + contents[path] for path in sorted(contents))).hexdigest()[:12]
    pages = {path for path in contents if path.endswith(".html")}
    return Dashboard(
        version=version,
        files={path: _static(path, body) for path, body in contents.items() if path not in pages},
        pages={posixpath.basename(path).removesuffix(".html"): _static(path, _page(contents, path, version)) for path in pages},
    )


def _read(folder: Traversable, prefix: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        path = prefix + entry.name
        found += _read(entry, path + "/") if entry.is_dir() else [(path, entry.read_bytes())]
    return found


def _page(contents: Mapping[str, bytes], path: str, version: str) -> bytes:
    """Return a page that names all its modules at once; else a browser would find them one import after the other."""
    text = contents[path].decode()
    script = _SCRIPT.search(text)
    modules = _imported(contents, script[1]) if script else ()
    hints = "".join(f'  <link rel="modulepreload" href="{PREFIX}{module}">\n' for module in modules)
    return text.replace("</head>", hints + "</head>").replace(PREFIX, f"{PREFIX}{version}/").encode()


def _imported(contents: Mapping[str, bytes], module: str) -> tuple[str, ...]:
    """Return a module and everything it imports, directly or not, each once."""
    found: dict[str, None] = {}
    waiting = [module]
    while waiting:
        path = waiting.pop(0)
        if path in found or path not in contents:
            continue
        found[path] = None
        waiting += [posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in _IMPORT.findall(contents[path].decode())]
    return tuple(found)


def _static(path: str, body: bytes) -> StaticFile:
    media_type = "text/javascript" if path.endswith(".js") else mimetypes.guess_type(path)[0] or "application/octet-stream"
    written = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    return StaticFile(body, gzip.compress(body, 9, mtime=0), written, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
