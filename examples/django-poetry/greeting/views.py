"""The one view."""

import sys

import django
from django.http import JsonResponse


def index(request):
    """Say hello, and from which Python and which Django."""
    return JsonResponse(
        {
            "message": "Hello from a layer",
            "python": sys.version.split()[0],
            "django": django.get_version(),
            "path": sys.path,
        }
    )
