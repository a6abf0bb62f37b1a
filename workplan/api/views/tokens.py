"""Tokens, with which programs act for people."""

import datetime
import logging
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import permissions
from workplan.accounts.attempts import client_address
from workplan.accounts.authentication import CHALLENGE, TokenAuthentication, owner
from workplan.actions import Actor, make_token, revoke_token
from workplan.api import serializers
from workplan.api.access import KeepsTokens
from workplan.api.base import ApiView, Records
from workplan.api.etags import etag_of
from workplan.api.renderers import to_json
from workplan.api.views.conditions import MADE
from workplan.exceptions import Stale, WrongState
from workplan.filters.tokens import TokenFilterSet
from workplan.models import ApiToken
from workplan.querysets.people import tokens_kept_by
from workplan.rules.scopes import READ_SCOPE

log = logging.getLogger(__name__)

NO_STORE = {"Cache-Control": "no-store"}
WRONG = "User name or password is wrong."


class Tokens(ApiView):
    """The key with which a program acts for a person."""

    permission_classes = [AllowAny]
    largest_body = settings.SIGN_IN_BODY_LIMIT
    # Every token may give itself back.
    scopes = {"delete": READ_SCOPE}
    errors = {
        "POST": {
            "401": "User name or password is wrong.",
            "409": "The account has as many tokens as it may have.",
            "429": "Too many attempts; wait for `Retry-After` seconds.",
        }
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        # Whoever asks for a token has none yet; whoever gives one back shows it.
        return [TokenAuthentication()] if self.request and self.request.method == "DELETE" else []

    def get_authenticate_header(self, request: Request) -> str:
        return CHALLENGE

    @extend_schema(request=serializers.Credentials, responses={201: serializers.Token}, auth=[])
    @method_decorator(sensitive_variables())
    def post(self, request: Request) -> Response:
        """Get a token for a user name and a password, for the work of a day.

        It may do all that the account may do, and ends soon: `expiry` says when. One that lasts longer, and may do no
        more than it has to, is made on the page “My account” or at `tokens/`.
        """
        sent = serializers.Credentials(data=request.data)
        sent.is_valid(raise_exception=True)
        user = authenticate(request._request, **sent.validated_data)
        if user is None:
            raise AuthenticationFailed(WRONG)
        life = min(settings.PASSWORD_TOKEN_LIFE, settings.TOKEN_LIFE)
        try:
            kept, token = make_token(user=user, by=owner(user, request, "api"), life=life)
        except Stale as problem:
            # Changed while it was checked: what was sent is wrong by now.
            raise AuthenticationFailed(WRONG) from problem
        log.info("Token made for the account %s from %s.", user.get_username(), client_address(request))
        answer = serializers.Token({"token": token, "expiry": kept.expiry}).data
        return Response(answer, status=201, headers=NO_STORE)

    @extend_schema(
        request=None,
        responses={204: None},
        auth=[{"token": [READ_SCOPE]}],  # type: ignore[list-item]
    )
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request is made with."""
        if not isinstance(request.auth, ApiToken):
            raise AuthenticationFailed("Send the token to revoke: Authorization: Bearer …")
        revoke_token(token=request.auth, by=Actor.of(request, "api"))
        return Response(status=204)


NIGHTLY_COPY = OpenApiExample(
    "A copy every night", request_only=True, value={"name": "Nightly copy", "scopes": ["read"], "days": 30}
)


class KeptTokens(Records):
    """The tokens of the caller; for administrators, those of service accounts as well. Their keys are kept nowhere."""

    permission_classes = [KeepsTokens]
    queryset = ApiToken.objects.none()
    serializer_class: Any = serializers.KeptTokenSerializer
    filterset_class: Any = TokenFilterSet
    lookup_field = "token_key"
    largest_body = settings.SIGN_IN_BODY_LIMIT
    scopes = dict.fromkeys(("list", "retrieve", "create", "destroy"), permissions.WHOLE)
    errors = {
        "GET": {"403": "The caller came in by a token that does not allow everything that the account may do."},
        "POST": {"409": "The account has as many tokens as it may have."},
    }

    def get_queryset(self) -> Any:
        return tokens_kept_by(self.request.user)

    @extend_schema(
        request=serializers.TokenInput,
        parameters=MADE,
        examples=[NIGHTLY_COPY],
        responses={201: serializers.MadeTokenSerializer},
    )
    @method_decorator(sensitive_variables())
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a token. Its key is in this answer and in no other.

        Whoever came in by a token needs one with every scope and no body, and gets none that lasts longer than it. An
        administrator makes those of service accounts, with `account`.
        """
        sent = serializers.TokenInput(data=request.data, context={"user": request.user})
        sent.is_valid(raise_exception=True)
        values = dict(sent.validated_data)
        by = Actor.of(request, "api")
        user = values.pop("account", None) or by.user
        assert user is not None, "who keeps tokens has an account"
        days = values.pop("days", None)
        life = None if days is None else datetime.timedelta(days=days)
        try:
            made, key = make_token(user=user, by=by, life=life, **values)
        except Stale as problem:
            raise WrongState("The account was closed, or its password changed, meanwhile.") from problem
        context = self.serializer_context() | {"key": key}
        shown = serializers.MadeTokenSerializer(made, context=context).data
        tag = etag_of(to_json(serializers.KeptTokenSerializer(made, context=context).data))
        return Response(shown, status=201, headers={"Location": shown["url"], "ETag": tag, **NO_STORE})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Revoke a token: from now on it lets nobody in."""
        revoke_token(token=self.get_object(), by=Actor.of(request, "api"))
        return Response(status=204)
