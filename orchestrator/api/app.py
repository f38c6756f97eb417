"""The FastAPI application: routers, security and problem details put together."""

from fastapi import FastAPI

from orchestrator.api.services import Services


def build_app(services: Services) -> FastAPI:
    """Return the application for one open workplace."""
    app = FastAPI(title="Nightshift", version="1.0.0")
    app.state.services = services
    return app
