"""The dashboard's pages and files. Anybody may fetch them: they hold no data, and ask the API as whoever is signed in."""

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from orchestrator.api import problems
from orchestrator.api.security import allow
from orchestrator.dashboard.files import PREFIX, StaticFile, load_dashboard

router = APIRouter(include_in_schema=False)

_ADDRESSES = {
    "/": "fleet",
    "/campaigns": "campaigns",
    "/campaigns/{campaign}": "campaign",
    "/campaigns/{campaign}/report": "report",
    "/new": "new",
    "/compare": "compare",
    "/approvals": "approvals",
    "/sign-in": "sign-in",
    "/keys": "keys",
    "/audit": "audit",
    "/api/docs": "api-docs",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def _add_page(address: str, name: str) -> None:
    def page(request: Request) -> Response:
        return _sent(request, load_dashboard().pages[name], _ASK_AGAIN)

    router.add_api_route(address, page, name=f"page:{name}", methods=["GET"], **allow(None))


for _address, _name in _ADDRESSES.items():
    _add_page(_address, _name)


@router.get("/favicon.ico", **allow(None))
def favicon(request: Request) -> Response:
    return _sent(request, load_dashboard().files["icon.svg"], _ASK_AGAIN)


@router.get(PREFIX + "{path:path}", **allow(None))
def static_file(path: str, request: Request) -> Response:
    """Send a file by its path, with or without the version before it. Only files of the package are known: no path is opened."""
    dashboard = load_dashboard()
    plain = path.removeprefix(f"{dashboard.version}/")
    if plain not in dashboard.files:
        return Response(
            f"The dashboard has no file {path!r}; reload the page, it may be of another version.\n", 404, media_type="text/plain"
        )
    return _sent(request, dashboard.files[plain], _FOR_EVER if plain != path else _ASK_AGAIN)


async def answer_http(request: Request, error: Exception) -> Response:
    """Answer an address that does not exist: a person with a page, a program with a problem detail."""
    is_missing = isinstance(error, HTTPException) and error.status_code == 404
    if is_missing and "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
        return Response(load_dashboard().pages["not-found"].body, 404, {"Cache-Control": _ASK_AGAIN}, "text/html")
    return await problems.answer_http(request, error)


def _sent(request: Request, file: StaticFile, caching: str) -> Response:
    headers = {"ETag": file.etag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.gzipped, headers=headers | {"Content-Encoding": "gzip"}, media_type=file.media_type)
    return Response(file.body, headers=headers, media_type=file.media_type)
