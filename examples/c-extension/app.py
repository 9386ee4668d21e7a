"""A WSGI application that counts primes in C, and its server."""

import json
import os
import sys
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

import primes


def application(environ, start_response):
    """Answer how many primes there are below the number in the query string, 100 without one."""
    below = int(parse_qs(environ["QUERY_STRING"]).get("below", ["100"])[0])
    answer = {"below": below, "primes": primes.count(below), "python": sys.version.split()[0], "path": sys.path}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


if __name__ == "__main__":
    port = os.environ.get("PORT")
    # As gunicorn does: on every address where a platform names the port.
    host = "0.0.0.0" if port else "127.0.0.1"
    with make_server(host, int(port or 8000), application) as server:
        server.serve_forever()
