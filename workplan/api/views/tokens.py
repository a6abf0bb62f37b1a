"""Tokens, with which programs act for people."""

import logging

from django.conf import settings
from django.contrib.auth import authenticate
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from workplan.accounts.attempts import client_address
from workplan.accounts.authentication import CHALLENGE, TokenAuthentication, owner
from workplan.actions import Actor, make_token, revoke_token
from workplan.api import serializers
from workplan.api.base import ApiView
from workplan.exceptions import Stale
from workplan.models import ApiToken

log = logging.getLogger(__name__)

WRONG = "User name or password is wrong."


class Tokens(ApiView):
    """The key with which a program acts for a person."""

    permission_classes = [AllowAny]
    largest_body = settings.SIGN_IN_BODY_LIMIT
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
        """Get a token for a user name and a password."""
        sent = serializers.Credentials(data=request.data)
        sent.is_valid(raise_exception=True)
        user = authenticate(request._request, **sent.validated_data)
        if user is None:
            raise AuthenticationFailed(WRONG)
        try:
            kept, token = make_token(user=user, by=owner(user, request, "api"))
        except Stale as problem:
            # Changed while it was checked: what was sent is wrong by now.
            raise AuthenticationFailed(WRONG) from problem
        log.info("Token made for the account %s from %s.", user.get_username(), client_address(request))
        answer = serializers.Token({"token": token, "expiry": kept.expiry}).data
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(
        request=None,
        responses={204: None},
        auth=[{"token": []}],  # type: ignore[list-item]
    )
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request is made with."""
        if not isinstance(request.auth, ApiToken):
            raise AuthenticationFailed("Send the token to revoke: Authorization: Bearer …")
        revoke_token(token=request.auth, by=Actor.of(request, "api"))
        return Response(status=204)
