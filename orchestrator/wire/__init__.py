"""What the API and its clients say to each other: frozen, typed answers and requests, the source of the OpenAPI file."""
