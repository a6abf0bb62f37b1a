"""How the installation is, for those who keep it."""

import platform

import django
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apta.health import errors, state
from workplan import permissions
from workplan.models import AuditSeal


@login_required
def show(request: HttpRequest) -> HttpResponse:
    """Version, database, queue, mails, backups, audit trail, and the latest errors of this machine."""
    if not permissions.can_see_system(request.user):
        raise PermissionDenied("Only administrators see how the installation is.")
    connection.ensure_connection()
    context = {
        "checks": state.checks(),
        "python_version": platform.python_version(),
        "django_version": django.get_version(),
        "database": connection.display_name,
        "database_version": ".".join(str(number) for number in connection.get_database_version()),
        "queue": state.queue(),
        "mails": state.mails(),
        "backup": state.last_backup(),
        "head": AuditSeal.objects.last(),
        "unsealed": state.unsealed_entries(),
        "disk_free": state.disk_free(),
        "errors": errors.latest_errors(settings.DATA_DIR),
    }
    return render(request, "workplan/secretariat/system.html", context)
