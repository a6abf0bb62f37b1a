"""Actions: the only writers. One verb per action, keyword-only arguments, one transaction each."""

from workplan.actions.actor import Actor
from workplan.actions.bulk_reports import submit_bulk_report
from workplan.actions.corrections import correct_report
from workplan.actions.credentials import (
    change_password,
    end_expired_tokens,
    make_token,
    note_token_used,
    reset_password,
    revoke_token,
    set_password,
    sign_in,
    sign_out_everywhere,
)
from workplan.actions.current_status import advice_on
from workplan.actions.deadline_extensions import extend_deadline, withdraw_extension
from workplan.actions.departures import close_account
from workplan.actions.drafting import begin_report, discard_report, save_report, submit_report
from workplan.actions.due_reports import obligations_for
from workplan.actions.first_administrator import invite_first_administrator
from workplan.actions.imports import answer_import, end_expired_imports, finish_import, keep_import, locked_import
from workplan.actions.meeting_documents import keep_document
from workplan.actions.names import former_name_notice
from workplan.actions.people import choose_time_zone
from workplan.actions.plan import delete_record, save_record
from workplan.actions.plan_imports import (
    NewRecord,
    begin_plan_import,
    change_plan_import,
    discard_plan_import,
    import_plan,
)
from workplan.actions.publication import (
    publish_round,
    publish_scheduled,
    schedule_publication,
    statuses_to_publish,
    unschedule_publication,
    withdraw_publication,
)
from workplan.actions.questions import Amendment, settle_question, settle_questions
from workplan.actions.refusals import confirm_address
from workplan.actions.reporting import EvidenceItem, Report, checklist_of, record_status, record_status_of_many
from workplan.actions.review import approve_report, approve_reports, comment, concur, contribute, return_report
from workplan.actions.rounds import (
    close_round,
    delete_round,
    open_round,
    plan_rounds,
    reopen_round,
    save_round,
)
from workplan.actions.saved_views import change_view, delete_view, follow_view, save_view, unfollow_view
from workplan.actions.subscriptions import keys_of, renew_key, revoke_key
from workplan.actions.undo import describe_undo, obstacles_to_undoing, undo_request

__all__ = [
    "Actor",
    "Amendment",
    "EvidenceItem",
    "NewRecord",
    "Report",
    "advice_on",
    "answer_import",
    "approve_report",
    "approve_reports",
    "begin_plan_import",
    "begin_report",
    "change_password",
    "change_plan_import",
    "change_view",
    "checklist_of",
    "choose_time_zone",
    "close_account",
    "close_round",
    "comment",
    "concur",
    "confirm_address",
    "contribute",
    "correct_report",
    "delete_record",
    "delete_round",
    "delete_view",
    "describe_undo",
    "discard_plan_import",
    "discard_report",
    "end_expired_imports",
    "end_expired_tokens",
    "extend_deadline",
    "finish_import",
    "follow_view",
    "former_name_notice",
    "import_plan",
    "invite_first_administrator",
    "keep_document",
    "keep_import",
    "keys_of",
    "locked_import",
    "make_token",
    "note_token_used",
    "obligations_for",
    "obstacles_to_undoing",
    "open_round",
    "plan_rounds",
    "publish_round",
    "publish_scheduled",
    "record_status",
    "record_status_of_many",
    "renew_key",
    "reopen_round",
    "reset_password",
    "return_report",
    "revoke_key",
    "revoke_token",
    "save_record",
    "save_report",
    "save_round",
    "save_view",
    "schedule_publication",
    "set_password",
    "settle_question",
    "settle_questions",
    "sign_in",
    "sign_out_everywhere",
    "statuses_to_publish",
    "submit_bulk_report",
    "submit_report",
    "undo_request",
    "unfollow_view",
    "unschedule_publication",
    "withdraw_extension",
    "withdraw_publication",
]
