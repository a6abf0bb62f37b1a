"""What happens: the only writers. One verb per deed, keyword-only, one transaction each."""

from workplan.actions.actor import Actor
from workplan.actions.people import set_password
from workplan.actions.plan import delete_record, save_record
from workplan.actions.reporting import Link, Report, record_status, record_status_of_many

__all__ = [
    "Actor",
    "Link",
    "Report",
    "delete_record",
    "record_status",
    "record_status_of_many",
    "save_record",
    "set_password",
]
