"""Hashed names for static files, also inside ES modules."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage that follows `import` statements too: modules load each other by immutable names."""

    support_js_module_import_aggregation = True
