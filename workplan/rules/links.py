"""What can be a link to evidence.

A link leads where its reader thinks that it leads. Browsers read an address by the URL Standard
(https://url.spec.whatwg.org/), which forgives much: what comes before an ``@`` is no host, a backslash is a slash, and
characters that nobody sees are left out. None of this is needed to name a document, so none of it is taken.
"""

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

import idna

SCHEMES = ("http", "https")
LONGEST_HOST = 253  # characters of a domain name (RFC 1035)
HIGHEST_PORT = 65_535
FULL_ADDRESS = "Give a full web address, such as https://asean.org/report"
UNSEEN = "The address holds a space, a backslash or a character that cannot be seen. Copy it again without them."
WITH_USER = (
    "The address names a person or a password before an “@”, so it may be misleading. Remove everything before the "
    "host."
)
# Unicode's categories of what has no sign of its own: control, format, surrogate, private, unassigned, and separators.
WITHOUT_SIGN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"))
# A last label that a browser takes for a number makes it read the host as an IPv4 address.
NUMERIC = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)")


def problem_with_link(url: str) -> str:
    """Why ``url`` cannot be a link to evidence; empty where it can.

    Args:
        url: a full web address (http, https). A host may be written in any script.
    """
    if any(letter == "\\" or unicodedata.category(letter) in WITHOUT_SIGN for letter in url):
        return UNSEEN
    parts = _split(url)
    if parts is None or parts.scheme not in SCHEMES:
        return FULL_ADDRESS
    if "@" in parts.netloc:
        return WITH_USER
    return "" if _has_port_or_none(parts) and _host(parts) else FULL_ADDRESS


def host_of(url: str) -> str:
    """The host that ``url`` leads to, as the Domain Name System knows it; empty where that cannot be told.

    A host in another script than Latin is in its ASCII form (Punycode, ``xn--…``): letters that look alike, such as
    the Latin and the Cyrillic a, differ in it. Mapped as browsers do (Unicode Technical Standard 46).
    """
    parts = _split(url.replace("\\", "/"))
    return _host(parts) if parts is not None else ""


def _split(url: str) -> SplitResult | None:
    """The parts of a full address; ``None`` where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that do not pair, or a host with signs that are written like "/", "?", "#" or "@"
        return None
    return parts if parts.netloc and url[len(parts.scheme) :].startswith("://") else None


def _has_port_or_none(parts: SplitResult) -> bool:
    try:
        return parts.port is None or 0 < parts.port <= HIGHEST_PORT
    except ValueError:
        return False


def _host(parts: SplitResult) -> str:
    name = parts.hostname or ""
    if "[" in parts.netloc or NUMERIC.fullmatch(name.rstrip(".").rpartition(".")[2]):
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            return ""
    if not name or len(name) > LONGEST_HOST:
        return ""
    try:
        host = idna.encode(name, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        return ""
    # One label is no name that everybody's computer knows.
    return host if "." in host.rstrip(".") or host == "localhost" else ""
