"""Saved views: their owners save, change and delete them; readers see, open and follow what is shared."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import permissions, rules
from workplan.actions import Actor, change_view, delete_view, follow_view, save_view, unfollow_view
from workplan.actions.saved_views import NOT_YOURS
from workplan.api import serializers
from workplan.api.base import Records
from workplan.api.etags import etag_of, identity
from workplan.api.renderers import to_json
from workplan.api.views.conditions import MADE, WRONG_STATE, conditional, if_match
from workplan.exceptions import NotAllowed
from workplan.filters.saved_views import SavedViewFilterSet
from workplan.models import SavedView
from workplan.rules.scopes import REPORT_SCOPE

ALONE = {200: serializers.SavedViewSerializer, 412: serializers.StaleViewError}
VIEW_EXAMPLE = OpenApiExample(
    "Ongoing work of SOMTC",
    request_only=True,
    value={
        "plan": "tip-2016-2020",
        "name": "Ongoing work of SOMTC",
        "query": "body=SOMTC&role=lead&status=ongoing",
        "page": "list",
        "is_shared": True,
    },
)


class SavedViews(Records):
    """Saved views: those that are shared, and the caller’s own."""

    queryset = SavedView.objects.none()
    serializer_class: Any = serializers.SavedViewSerializer
    filterset_class: Any = SavedViewFilterSet
    lookup_field = "slug"
    scopes = {"": REPORT_SCOPE}
    errors = {"POST": WRONG_STATE} | dict.fromkeys(("PATCH", "DELETE"), conditional("view"))

    def get_queryset(self) -> Any:
        return SavedView.objects.visible_to(self.request.user).for_display(self.request.user)

    def get_object(self) -> Any:
        view = super().get_object()
        self.identity = identity(view)
        return view

    def changeable(self) -> tuple[SavedView, int]:
        """The view, and the version of it that the caller, who may change it, has read."""
        view = self.get_object()
        if not permissions.can_change_view(self.request.user, view):
            raise NotAllowed(NOT_YOURS)
        return view, self.version_sent(view)

    def by(self) -> Actor:
        return Actor.of(self.request, "api")

    def read(self, serializer: type[Any]) -> Any:
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return sent.validated_data

    def updated_response(self, view: SavedView, *, status: int = 200) -> Response:
        return self.written(*self._alone(view), status=status)

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        shown, identified = self._alone(stale[0])
        return shown, etag_of(to_json(shown), identified)

    def _alone(self, view: SavedView) -> tuple[Any, str]:
        found = self.get_queryset().get(pk=view.pk)
        return serializers.SavedViewSerializer(found, context=self.serializer_context()).data, identity(found)

    @extend_schema(
        request=serializers.SavedViewInput,
        parameters=MADE,
        examples=[VIEW_EXAMPLE],
        responses={201: serializers.SavedViewSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save a choice of filters under a name. For everybody with an account."""
        values = {"page": rules.IN_LIST, "is_shared": False} | self.read(serializers.SavedViewInput)
        return self.updated_response(save_view(by=self.by(), **values), status=201)

    @extend_schema(request=serializers.SavedViewChange, parameters=[if_match("view")], responses=ALONE)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Rename a view, share it, or let it choose something else. For its owner; of shared ones, the secretariat."""
        view, version = self.changeable()
        values = self.read(serializers.SavedViewChange)
        return self.updated_response(change_view(view=view, version=version, by=self.by(), **values))

    @extend_schema(parameters=[if_match("view")], responses={204: None, 412: serializers.StaleViewError})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a view. For its owner; of shared ones, the secretariat too."""
        view, version = self.changeable()
        delete_view(view=view, version=version, by=self.by())
        return Response(status=204)

    @extend_schema(request=None, responses=serializers.SavedViewSerializer)
    def follow(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Follow a view: be notified by mail of what is published on its activities."""
        view = self.get_object()
        follow_view(view=view, by=self.by())
        return self.updated_response(view)

    @extend_schema(request=None, responses=serializers.SavedViewSerializer)
    def unfollow(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Follow a view no longer."""
        view = self.get_object()
        unfollow_view(view=view, by=self.by())
        return self.updated_response(view)
