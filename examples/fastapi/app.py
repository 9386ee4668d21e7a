"""A small FastAPI application."""

import sys

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def index() -> dict[str, object]:
    """Say hello, from which Python, and where that Python imports from."""
    return {"message": "Hello from a layer", "python": sys.version.split()[0], "path": sys.path}
