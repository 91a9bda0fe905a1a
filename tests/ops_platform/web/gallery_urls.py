"""The gallery by itself, for the browser tests of components."""

from __future__ import annotations

from django.db import transaction
from django.urls import path
from django.views.i18n import set_language

from ops_platform.web.gallery import gallery

# It reads no row, and the tests of the browser have no database.
urlpatterns = [
    path("gallery/", transaction.non_atomic_requests(gallery)),
    path("language/", set_language, name="set_language"),
]
