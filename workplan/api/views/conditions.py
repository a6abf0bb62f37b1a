"""What operations that write have in common in the description."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter


def if_match(of: str) -> OpenApiParameter:
    """The header that names the version of ``of`` that the caller has read."""
    return OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description=f"The ETag of the {of} as it was read. Only the version at its beginning counts.",
        examples=[OpenApiExample("Version 3", value='"3-5c1d0f6a2b9e4d7788aa01ff"')],
    )


WRONG_STATE = {"409": "This cannot be done as things stand: the message says why."}


def conditional(of: str) -> dict[str, str]:
    """The errors of a write on condition of a version of ``of``."""
    return WRONG_STATE | {
        "412": f"Somebody else has changed the {of}; `current` is how it stands now.",
        "428": "If-Match is missing.",
    }
