"""Tokens, with which programs act for people."""

from django.contrib.auth import authenticate
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import extend_schema
from knox.settings import knox_settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle

from workplan.api import serializers
from workplan.api.base import ApiView
from workplan.authentication import TokenAuthentication, client_address
from workplan.models import ApiToken


class TooManyTokens(APIException):
    status_code = 409
    default_code = "too_many_tokens"
    default_detail = "This account has as many tokens as it may have. Revoke one that is no longer used."


class TokenThrottle(ScopedRateThrottle):
    """Guessing passwords is slow: wrong ones are counted, by address, which a client cannot choose."""

    def throttle_success(self) -> bool:
        return True

    def count(self) -> None:
        """Count the present attempt."""
        self.history.insert(0, self.now)
        self.cache.set(self.key, self.history, self.duration)  # type: ignore[attr-defined]

    def get_ident(self, request: Request) -> str:
        return client_address(request)


class Tokens(ApiView):
    """The key with which a program acts for a person."""

    permission_classes = [AllowAny]
    throttle_scope = "token"
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
        return str(knox_settings.AUTH_HEADER_PREFIX)

    def get_throttles(self) -> list[BaseThrottle]:
        self.throttle = TokenThrottle()
        return [self.throttle] if self.request.method == "POST" else []

    @extend_schema(
        request=serializers.Credentials, responses={201: serializers.Token}, operation_id="token_create", auth=[]
    )
    @method_decorator(sensitive_variables())
    def post(self, request: Request) -> Response:
        """Get a token for a user name and a password."""
        sent = serializers.Credentials(data=request.data)
        sent.is_valid(raise_exception=True)
        user = authenticate(request._request, **sent.validated_data)
        if user is None:
            self.throttle.count()
            raise AuthenticationFailed("User name or password is wrong.")
        limit = knox_settings.TOKEN_LIMIT_PER_USER
        if limit is not None and ApiToken.objects.filter(user=user).count() >= limit:
            raise TooManyTokens
        kept, token = ApiToken.objects.create(user=user)
        answer = serializers.Token({"token": token, "expiry": kept.expiry}).data
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(
        request=None,
        responses={204: None},
        operation_id="token_destroy",
        auth=[{"token": []}],  # type: ignore[list-item]
    )
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request is made with."""
        if not isinstance(request.auth, ApiToken):
            raise AuthenticationFailed("Send the token to revoke: Authorization: Token …")
        request.auth.delete()
        return Response(status=204)
