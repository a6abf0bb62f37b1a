"""How the API describes itself (OpenAPI 3.1): what every operation has in common is said here, once."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.serializers import ListSerializer

from workplan import permissions
from workplan.accounts.authentication import CHALLENGE
from workplan.api.chosen_fields import parameters
from workplan.api.fields import StrictSerializer
from workplan.api.files import DESCRIBED
from workplan.api.operation_ids import operation_id
from workplan.api.serializers import Error
from workplan.rules.scopes import EVERY_SCOPE, SCOPES

ETAG = {
    "description": "Changes whenever the answer would. That of a single record begins with its version and names it.",
    "schema": {"type": "string"},
}
REQUEST_ID = {
    "description": "The id of the request, to be given with a question about it.",
    "schema": {"type": "string"},
}
SAFE_ERRORS = {
    "400": "A parameter is unknown or cannot be used; `fields` names it.",
    "401": "Sign-in is needed, or what was sent as sign-in is not a valid token.",
    "404": "There is nothing at this address.",
    "406": "Nothing that `Accept` names is given out here; the message names what is.",
    "503": "The database is busy.",
}
WRITE_ERRORS = SAFE_ERRORS | {
    "400": "The body cannot be read, or a value breaks a rule; `fields` says which and why.",
    "403": "This person may not do this.",
    "411": "The body comes in chunks; its length is needed.",
    "413": "The body is too large.",
    "415": "Only `application/json` is read.",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags that the client has; answered with 304 when one of them still holds.",
    "schema": {"type": "string"},
}
AUTHENTICATE = {"WWW-Authenticate": {"description": f"`{CHALLENGE}`", "schema": {"type": "string"}}}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
HEADERS = {"401": AUTHENTICATE, "429": RETRY_AFTER, "503": RETRY_AFTER}


SIGNING_IN = (
    "A token that was made on the page “My account”, by `POST /api/v1/tokens/`, or with user name and password by "
    "`POST /api/v1/token/`. The scheme may be called `Token` instead of `Bearer`.\n\n"
    "Beside each operation stand the scopes that a token needs for it; without one the answer is 403 with the code "
    "`insufficient_scope`.\n\n"
    + "\n".join(f"- `{term.value}`: {term.meaning}" for term in SCOPES)
    + "\n\nA token that is bound to a body reads and writes at most what a focal point of that body may."
)


class Schema(AutoSchema):
    """Adds to each operation the errors it may answer with, and the entity tags."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation["operationId"] = operation_id(self.method, self.path.removeprefix("/api/v1/"))
        reads = self.method == "GET"
        errors = (SAFE_ERRORS if reads else WRITE_ERRORS) | getattr(self.view, "errors", {}).get(self.method, {})
        shape = self.resolve_serializer(Error, "response").ref
        responses = operation["responses"]
        for status, description in sorted(errors.items()):
            content = responses.get(status, {}).get("content") or {"application/json": {"schema": shape}}
            responses[status] = {"description": description, "content": content}
            if status in HEADERS:
                responses[status]["headers"] = dict(HEADERS[status])
        if reads:
            operation.setdefault("parameters", []).append(IF_NONE_MATCH)
            responses["200"].setdefault("headers", {})["ETag"] = ETAG
            if getattr(self.view, "is_list", bool)():
                json = responses["200"]["content"]["application/json"]
                responses["200"]["content"] = {"application/json": json, **DESCRIBED}
            elif getattr(self.view, "action", "") == "retrieve":
                operation["parameters"] += parameters(self.view.get_serializer_class())  # type: ignore[attr-defined]
            responses["304"] = {
                "description": "Nothing has changed.",
                "headers": {"ETag": ETAG},
            }
        for response in responses.values():
            response.setdefault("headers", {})["X-Request-ID"] = REQUEST_ID
        codes = getattr(self.view, "CODES", "")
        for parameter in operation.get("parameters", ()) if codes else ():
            if (parameter["in"], parameter["name"]) == ("path", "id"):
                parameter |= {"schema": {"type": "string"}, "description": codes}
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_description(self) -> str:  # type: ignore[override]
        one = "One of them: " if getattr(self.view, "action", "") == "retrieve" else ""
        return one + str(super().get_description())

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """A field may say by its shape and by ``allow_null`` that it can be null; JSON Schema takes it once."""
        mapped = super()._map_serializer_field(field, direction, bypass_extensions)
        if isinstance(mapped, dict) and isinstance(mapped.get("type"), list):
            return mapped | {"type": list(dict.fromkeys(mapped["type"]))}
        return mapped

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """Says of what is read strictly how strictly."""
        mapped = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, StrictSerializer):
            mapped["additionalProperties"] = False
            for name, field in serializer.fields.items():
                if isinstance(field, ListSerializer) and getattr(field, "max_length", None):
                    mapped["properties"][name]["maxItems"] = field.max_length  # type: ignore[attr-defined]
        return mapped

    def get_summary(self) -> str | None:
        """The first line of the description, which is a sentence."""
        description = self.get_description()
        return description.split("\n", 1)[0].rstrip(".") if description else None

    def get_auth(self) -> list[dict[str, Any]]:
        """Reading needs no sign-in, unless the installation is closed to the public."""
        view: Any = self.view
        scope = view.scope_needed(self.method)
        scopes = list(EVERY_SCOPE) if scope == permissions.WHOLE else [scope]
        auths = [
            {name: scopes if name == TokenScheme.name else found for name, found in one.items()}
            for one in super().get_auth()
        ]
        return [*auths, {}] if self.method == "GET" and {} not in auths else auths

    def get_tags(self) -> list[str]:
        """The resource: the first word of the address."""
        return [self.path.removeprefix("/api/v1/").split("/", 1)[0] or "index"]


def null_in_its_place(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of a word that can be null that it can, where it stands, and not by a schema that is called ``NullEnum``."""
    shared = {"$ref": "#/components/schemas/NullEnum"}

    def rewritten(value: Any) -> Any:
        if isinstance(value, list):
            return [rewritten(one) for one in value]
        if isinstance(value, dict):
            return {"type": "null"} if value == shared else {name: rewritten(one) for name, one in value.items()}
        return value

    schemas = result["components"]["schemas"]
    schemas.pop("NullEnum", None)
    found: dict[str, Any] = rewritten(result)
    return found


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "workplan.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": SIGNING_IN,
        }


@cache
def document() -> dict[str, Any]:
    """The whole description. It does not depend on who asks, and takes a while to put together."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema
