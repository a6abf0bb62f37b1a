"""How the project is put together: what happens around requests, and Django's admin, served by apta's own site."""

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.core.checks import Tags, register
from django.core.signals import request_finished, request_started
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules

from apta.database_files import leave_replaced_file, remember_file
from apta.logs import forget_request
from apta.private_files import protect_new_database
from apta.start import check_for_deployment


class ProjectConfig(AppConfig):
    name = "apta"

    def ready(self) -> None:
        request_started.connect(forget_request)
        request_finished.connect(forget_request)
        request_started.connect(leave_replaced_file)
        connection_created.connect(protect_new_database)
        connection_created.connect(remember_file)
        register(check_for_deployment, Tags.files, deploy=True)


class AdminConfig(SimpleAdminConfig):
    default_site = "workplan.admin.site.PlanAdminSite"

    def ready(self) -> None:
        super().ready()
        autodiscover_modules("admin.registration", register_to=admin.site)
