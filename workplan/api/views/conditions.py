"""What operations that write have in common in the description."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter


def if_match(of: str, *, example: str = "") -> OpenApiParameter:
    """The header that names the version of ``of`` that the caller has read."""
    return OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description=f"The ETag of the {of} as it was read. Its beginning says which record in which version, "
        "and nothing else counts; the tag of another record is refused.",
        examples=[OpenApiExample("Version 3", value=f'"{example or f"3-{of}.17"}-5c1d0f6a2b9e4d7788aa01ff"')],
    )


# The headers of an answer to what was made.
MADE = [
    OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201], description="Where it is read."),
    OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[201], description="That of its `Location`."),
]
WRONG_STATE = {"409": "This cannot be done in the present state: the message says why."}


def conditional(of: str) -> dict[str, str]:
    """The errors of a write on condition of a version of ``of``."""
    return WRONG_STATE | {
        "412": f"Somebody else has changed the {of}; `current` is its present version.",
        "428": "If-Match is missing.",
    }
