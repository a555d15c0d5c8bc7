"""A pack over HTTP: search, squeeze and ask as JSON, and a page to look at."""

from attar.serve.app import create_app

__all__ = ["create_app"]
