"""Settings: no database, no secret."""

import os

from django.core.management.utils import get_random_secret_key

# Nothing here is signed, so that one that lasts as long as the process will do where none is set.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")
ROOT_URLCONF = "greeting.urls"
WSGI_APPLICATION = "greeting.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
TIME_ZONE = "UTC"
