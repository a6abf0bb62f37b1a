"""Where everything is."""

from django.contrib import admin
from django.urls import include, path

from apta.methods import reading
from workplan.api.guide import guide
from workplan.api.urls import docs_view

urlpatterns = [
    path("", include("workplan.urls")),
    path("accounts/", include("workplan.accounts.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("workplan.api.urls")),
    path("api/docs/", reading(guide), name="api-docs"),
    path("api/docs/reference/", docs_view, name="api-reference"),
]

handler400 = "workplan.views.errors.bad_request"
handler403 = "workplan.views.errors.forbidden"
handler404 = "workplan.views.errors.not_found"
handler500 = "workplan.views.errors.server_error"
