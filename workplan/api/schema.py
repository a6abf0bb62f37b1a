"""How the API describes itself (OpenAPI 3.1): what every operation has in common is said here, once."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.serializers import ListSerializer

from workplan.api.fields import StrictSerializer

ETAG = {
    "description": "Changes whenever the answer would. An activity’s begins with its version.",
    "schema": {"type": "string"},
}
SAFE_ERRORS = {
    "400": "A parameter is unknown or cannot be used; `fields` names it.",
    "401": "Sign-in is needed, or the token is not valid.",
    "404": "There is nothing at this address.",
    "406": "Only JSON is given out.",
    "503": "The database is busy.",
}
WRITE_ERRORS = SAFE_ERRORS | {
    "400": "The body cannot be read, or a value breaks a rule; `fields` says which and why.",
    "403": "This person may not do this.",
    "413": "The body is too large.",
    "415": "Only `application/json` is read.",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags that the client has; answered with 304 when one of them still holds.",
    "schema": {"type": "string"},
}
AUTHENTICATE = {"WWW-Authenticate": {"description": "`Token`", "schema": {"type": "string"}}}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
HEADERS = {"401": AUTHENTICATE, "429": RETRY_AFTER, "503": RETRY_AFTER}


class Schema(AutoSchema):
    """Adds to each operation the errors it may answer with, and the entity tags."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        # Looked up late: serializers need this module's neighbours, views need this module.
        from workplan.api.serializers import Error

        reads = self.method == "GET"
        errors = (SAFE_ERRORS if reads else WRITE_ERRORS) | getattr(self.view, "errors", {}).get(self.method, {})
        shape = self.resolve_serializer(Error, "response").ref
        responses = operation["responses"]
        for status, description in sorted(errors.items()):
            content = responses.get(status, {}).get("content") or {"application/json": {"schema": shape}}
            responses[status] = {"description": description, "content": content}
            if status in HEADERS:
                responses[status]["headers"] = HEADERS[status]
        if reads:
            operation.setdefault("parameters", []).append(IF_NONE_MATCH)
            responses["200"].setdefault("headers", {})["ETag"] = ETAG
            responses["304"] = {
                "description": "Nothing has changed.",
                "headers": {"ETag": ETAG},
            }
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_description(self) -> str:  # type: ignore[override]
        one = "One of them: " if getattr(self.view, "action", "") == "retrieve" else ""
        return one + str(super().get_description())

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
        auths: list[dict[str, Any]] = super().get_auth()
        return [*auths, {}] if self.method == "GET" and {} not in auths else auths

    def get_tags(self) -> list[str]:
        """The resource: the first word of the address."""
        return [self.path.removeprefix("/api/v1/").split("/", 1)[0]]


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "workplan.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`, with a token from `POST /api/v1/token/`.",
        }


@cache
def document() -> dict[str, Any]:
    """The whole description. It does not depend on who asks, and takes a while to put together."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema
