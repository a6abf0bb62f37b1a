"""Django's admin, served by apta's own site."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    # Not from workplan.admin: importing that registers on the site, which must exist by then.
    default_site = "workplan.admin_site.PlanAdminSite"
