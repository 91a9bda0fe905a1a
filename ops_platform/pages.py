"""Pages of the roof."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from ops_platform.web.gallery import gallery
from organization.views.base import PageView


class GalleryView(PageView):
    """All components on one page, for those who build screens."""

    permission = "organization.home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        return gallery(request)
