"""Opened models in memory, bounded by bytes: the one not used for longest leaves first."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from registry.services.opening import OpenedModel


class Busy(Exception):
    """A prediction is being made with this model."""


class ModelCache:
    """Opened models by the primary key of their version. Safe to use from many threads.

    `opener` opens a version that is not here; a model larger than `limit` bytes is used and
    not kept.
    """

    def __init__(self, opener: Callable[[int], OpenedModel], limit: int) -> None:
        self.limit = limit
        self._opener = opener
        self._models: OrderedDict[int, OpenedModel] = OrderedDict()
        self._in_use: Counter[int] = Counter()
        self._lock = threading.RLock()

    @contextmanager
    def use(self, pk: int) -> Iterator[OpenedModel]:
        """The model, opened now if need be; it cannot be dropped meanwhile."""
        with self._lock:
            self._in_use[pk] += 1
        try:
            yield self._find(pk)
        finally:
            with self._lock:
                self._in_use[pk] -= 1

    def drop(self, pk: int) -> None:
        """Forget a model; Busy while it is in use."""
        with self._lock:
            if self._in_use[pk] > 0:
                raise Busy
            self._models.pop(pk, None)

    def held(self) -> dict[int, int]:
        """Bytes of each model that is here."""
        with self._lock:
            return {pk: size_of(model) for pk, model in self._models.items()}

    def _find(self, pk: int) -> OpenedModel:
        # One opens at a time: two requests for the same cold model read its files once.
        with self._lock:
            if pk not in self._models:
                self._models[pk] = self._opener(pk)
            self._models.move_to_end(pk)
            found = self._models[pk]
            self._shrink()
            return found

    def _shrink(self) -> None:
        sizes = {pk: size_of(model) for pk, model in self._models.items()}
        total = sum(sizes.values())
        for pk in list(self._models):
            if total <= self.limit:
                return
            del self._models[pk]
            total -= sizes[pk]


def size_of(model: OpenedModel) -> int:
    """Bytes of a model's arrays."""
    return sum(array.nbytes for array in model.weights.values())
