"""What happens: the only writers. One verb per deed, keyword-only, one transaction each."""

from workplan.actions.actor import Actor
from workplan.actions.drafting import begin_report, discard_report, report_alike, save_report, submit_report
from workplan.actions.people import set_password
from workplan.actions.plan import delete_record, save_record
from workplan.actions.questions import Amendment, settle_question, settle_questions
from workplan.actions.reporting import Proof, Report, checklist_of, record_status, record_status_of_many
from workplan.actions.review import approve_report, approve_reports, comment, concur, contribute, return_report
from workplan.actions.rounds import (
    close_round,
    delete_round,
    give_exception,
    open_round,
    plan_rounds,
    publish_round,
    reopen_round,
    save_round,
)
from workplan.actions.saved_views import change_view, delete_view, follow_view, save_view, unfollow_view
from workplan.actions.undo import obstacles_to_undoing, undo_request, what_it_would_do

__all__ = [
    "Actor",
    "Amendment",
    "Proof",
    "Report",
    "approve_report",
    "approve_reports",
    "begin_report",
    "change_view",
    "checklist_of",
    "close_round",
    "comment",
    "concur",
    "contribute",
    "delete_record",
    "delete_round",
    "delete_view",
    "discard_report",
    "follow_view",
    "give_exception",
    "obstacles_to_undoing",
    "open_round",
    "plan_rounds",
    "publish_round",
    "record_status",
    "record_status_of_many",
    "reopen_round",
    "report_alike",
    "return_report",
    "save_record",
    "save_report",
    "save_round",
    "save_view",
    "set_password",
    "settle_question",
    "settle_questions",
    "submit_report",
    "undo_request",
    "unfollow_view",
    "what_it_would_do",
]
