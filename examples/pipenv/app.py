"""A small Flask application."""

import sys

from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/")
def index():
    """Say hello, from which Python, and where that Python imports from."""
    return jsonify(message="Hello from a layer", python=sys.version.split()[0], path=sys.path)
