"""The API's description and its page. They tell the shape of the API and no data, so they ask for no permission."""

from __future__ import annotations

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Swagger writes styles into its own elements; no script is let in by it
RELAXED = {
    "style-src": [SELF, "'unsafe-inline'"],
    "script-src": [SELF],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [NONE],
}


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or, with `Accept: application/json`, as JSON."""


@method_decorator(csp_replace(RELAXED), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """Swagger out of our own static files: it works without a network."""

    url_name = "schema"
    template_name_js = "api/docs.js"
    http_method_names = ("get", "head")  # it is a page: it has no description of itself to give
