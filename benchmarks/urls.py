"""The product's addresses, and an authorised page that shows nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from ops_platform.urls import handler400, handler403, handler404, handler500
from ops_platform.urls import urlpatterns as product
from organization.views.base import PageView

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class EmptyView(PageView):
    """What session, tenant, member and right cost by themselves."""

    permission = "metrics.dashboard.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("")


urlpatterns = [*product, path("bench/empty/", EmptyView.as_view())]
