"""Hashed names for static files, also inside ES modules, and which of the packages' files are left out."""

from __future__ import annotations

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage that follows `import` statements too: modules load each other by immutable names."""

    support_js_module_import_aggregation = True


class StaticFiles(StaticFilesConfig):
    """Leaves out what no page uses: compressing it would be half of a first start.

    (The comments of htmx's extensions also look like imports of missing files.)
    """

    ignore_patterns = [  # as Django declares it
        *StaticFilesConfig.ignore_patterns,
        "django_htmx/ext/*",
        "django_htmx/htm*-4*",
        "drf_spectacular_sidecar/redoc/*",
        "rest_framework/*",
    ]
