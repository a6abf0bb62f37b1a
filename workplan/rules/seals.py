"""How audit entries are chained: each seal is a digest of its entry and of the seal before it.

Whoever changes, removes or reorders entries would have to compute every later seal anew, and the heads of the chain
that are kept elsewhere (backups, logs, other people's notes) would still tell.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# What is sealed of an entry, in this order. A change of this list needs another form, and seals of the old form stay
# valid as they are.
FORM = "apta-audit-1"
SEALED_FIELDS = (
    *("id", "at", "actor_id", "actor_name", "channel", "request_id", "client_request_id", "action", "plan_id"),
    *("activity_id", "body_id", "round_id", "record_type", "record_id", "record_label", "changes", "reason"),
)
BEFORE_THE_FIRST = "0" * 64


def seal(position: int, previous: str, entry: Mapping[str, Any]) -> str:
    """The digest at ``position`` of the chain: SHA-256 in hexadecimal, the same on every database.

    Args:
        position: the place in the chain, from 1.
        previous: the digest before; ``BEFORE_THE_FIRST`` at the first place.
        entry: the values of ``SEALED_FIELDS``, moments as ISO 8601 in UTC with six decimals.
    """
    parts = [FORM, position, previous, *(entry[name] for name in SEALED_FIELDS)]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
