"""The administration site: plan, bodies and people are edited through the actions; histories are read."""

from workplan.admin import document, histories, people
from workplan.admin_site import PlanAdminSite

__all__ = ["PlanAdminSite", "document", "histories", "people"]
