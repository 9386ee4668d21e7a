"""Which view answers which path."""

from django.urls import path

from greeting.views import index

urlpatterns = [path("", index)]
