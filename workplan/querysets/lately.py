"""What a process keeps of what it was asked lately. Whoever keeps something keeps the revision with it."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

# Bytes of answers of one kind that every visitor is given.
MOST_KEPT = 8 * 1024 * 1024

Value = TypeVar("Value")


class Lately(Generic[Value]):
    """What was used lately, up to a total weight. Threads share it."""

    def __init__(self, most: int) -> None:
        self.most, self._weight = most, 0
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value under ``key``, which counts as used now; ``None`` where there is none."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        """Keep ``value`` under ``key``; what was used least lately makes room for its ``weight``."""
        with self._lock:
            self._weight += weight - self._values.pop(key, (None, 0))[1]
            self._values[key] = value, weight
            while self._weight > self.most:
                self._weight -= self._values.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._values.clear()
            self._weight = 0
