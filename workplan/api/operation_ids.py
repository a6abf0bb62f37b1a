"""What generated clients call each operation: a verb and what it is done to, as a person would say it."""

# The resources of ``/api/v1/``, one and several of them.
RESOURCES = {
    "activities": ("activity", "activities"),
    "areas": ("area", "areas"),
    "bodies": ("body", "bodies"),
    "contributions": ("contribution", "contributions"),
    "plans": ("plan", "plans"),
    "provisions": ("provision", "provisions"),
    "questions": ("question", "questions"),
    "rounds": ("round", "rounds"),
    "sections": ("section", "sections"),
    "tokens": ("token", "tokens"),
    "updates": ("update", "updates"),
    "views": ("view", "views"),
}
# What is neither the list of a resource, one of it, nor an action on one that is named by the last word.
SPECIAL = {
    ("GET", ""): "get_index",
    ("POST", "activities/{id}/contributions/"): "add_contribution",
    ("GET", "activities/{id}/contributions/"): "list_activity_contributions",
    ("POST", "activities/{id}/updates/"): "report_on_activity",
    ("GET", "activities/{id}/updates/"): "list_activity_updates",
    ("POST", "rounds/plan/"): "plan_rounds",
    ("POST", "rounds/{id}/alike/"): "report_alike",
    ("GET", "rounds/{id}/completion/"): "get_completion",
    ("GET", "rounds/{id}/obligations/"): "list_obligations",
    ("POST", "rounds/{id}/exceptions/"): "extend_deadline",
    ("GET", "rounds/{id}/exceptions/{acronym}/"): "get_deadline_extension",
    ("PATCH", "rounds/{id}/exceptions/{acronym}/"): "change_deadline_extension",
    ("POST", "rounds/{id}/exceptions/{acronym}/withdraw/"): "withdraw_deadline_extension",
    ("GET", "updates/{id}/comments/"): "list_comments",
    ("POST", "updates/{id}/comments/"): "add_comment",
    ("POST", "updates/{id}/evidence/"): "add_evidence",
    ("DELETE", "updates/{id}/evidence/{evidence}/"): "remove_evidence",
    ("POST", "updates/approve/"): "approve_updates",
    ("GET", "search/"): "search",
    ("GET", "summary/"): "get_summary",
    ("GET", "coverage/"): "get_coverage",
    ("GET", "compare/"): "compare",
    ("GET", "schema/"): "get_schema",
    ("POST", "tokens/"): "make_token",
    ("POST", "token/"): "create_token",
    ("DELETE", "token/"): "revoke_token",
}
VERBS = {"GET": "get", "POST": "create", "PATCH": "change", "DELETE": "delete"}


def operation_id(method: str, path: str) -> str:
    """The name of the operation on ``path``, which is as OpenAPI writes it below ``/api/v1/``."""
    if (method, path) in SPECIAL:
        return SPECIAL[method, path]
    resource, *rest = path.strip("/").split("/")
    one, several = RESOURCES[resource]
    if not rest:
        return f"list_{several}" if method == "GET" else f"{VERBS[method]}_{one}"
    return f"{VERBS[method] if len(rest) == 1 else rest[-1]}_{one}"
