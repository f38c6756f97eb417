"""What the API and its clients say to each other: frozen, typed answers and requests, the source of the OpenAPI file.

Requests say ``defer_build=False``: FastAPI silences a warning of pydantic's about its own aliases only while it builds a route.
"""
