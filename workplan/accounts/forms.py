"""The forms of the account pages: allauth's, which set passwords by the actions."""

import logging
from typing import Any

from allauth.account import forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.http import HttpRequest

from workplan import permissions
from workplan.accounts.attempts import client_address, try_password
from workplan.accounts.authentication import owner
from workplan.actions import change_password, reset_password
from workplan.actions.attempts import begin_link_request, know_address
from workplan.notifications.password_reset import reset_tokens, send_reset_links

log = logging.getLogger(__name__)


# A keyboard on a screen changes nothing of what is typed.
AS_TYPED = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class LoginForm(forms.LoginForm):
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= AS_TYPED


class ChangePasswordForm(forms.ChangePasswordForm):
    """The old password, and twice the new one."""

    def clean_oldpassword(self) -> str:
        """Guessing it in a session that somebody has left open is as slow as at the sign-in.

        Raises:
            TooManyAttempts: there were too many wrong ones, so it is not looked at.
        """
        password: str = self.cleaned_data["oldpassword"]
        user = self.user
        if not try_password(context.request, user.username, lambda: user.check_password(password)):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def save(self) -> None:
        password = self.cleaned_data["password1"]
        change_password(user=self.user, password=password, by=owner(self.user, context.request))
        log.info("Password changed: %s from %s.", self.user.username, client_address(context.request))


class ResetPasswordForm(forms.ResetPasswordForm):
    """Asks for the address of an account, and does the same whether or not it is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs |= AS_TYPED

    def clean_email(self) -> str:
        email: str = get_adapter().clean_email(self.cleaned_data["email"])
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        address: str = self.cleaned_data["email"]
        begin_link_request(mailbox=address, address=client_address(request))
        send_reset_links.enqueue(address)
        return address


class ResetPasswordKeyForm(forms.ResetPasswordKeyForm):
    """Twice the new password, of whoever has followed the link."""

    def save(self) -> None:
        request = context.request
        reset_password(user=self.user, password=self.cleaned_data["password1"], by=owner(self.user, request))
        log.info("Password reset by mail: %s from %s.", self.user.username, client_address(request))
        know_address(user=self.user, address=client_address(request))


class UserTokenForm(forms.UserTokenForm):
    """Whether a link for a new password is still good."""

    token_generator = reset_tokens

    def clean(self) -> Any:
        cleaned = super().clean()
        if not permissions.may_use_password(self.reset_user):
            raise get_adapter().validation_error("invalid_password_reset")
        return cleaned
