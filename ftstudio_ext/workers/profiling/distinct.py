"""How many different values a column has: exact up to a bound, beyond it HyperLogLog (Flajolet et
al. 2007), with a standard error of 0.8 %."""

from __future__ import annotations

from typing import Any

import numpy as np

EXACT_UP_TO = 200_000
_PENDING = 50_000
_REGISTER_BITS = 14
_REGISTERS = 1 << _REGISTER_BITS


class Distinct:
    """Counts different 64-bit hashes."""

    def __init__(self) -> None:
        self._known: np.ndarray[Any, Any] | None = np.empty(0, np.uint64)
        self._pending: list[np.ndarray[Any, Any]] = []
        self._pending_size = 0
        self._registers = np.zeros(_REGISTERS, np.uint8)

    def add(self, hashes: np.ndarray[Any, Any]) -> None:
        """Take up hashes; the same ones may come again."""
        if not len(hashes):
            return
        if self._known is None:
            self._register(hashes)
            return
        self._pending.append(hashes)
        self._pending_size += len(hashes)
        if self._pending_size >= _PENDING:
            self._merge()

    def count(self) -> tuple[int, bool]:
        """(how many, whether that is an estimate)."""
        self._merge()
        if self._known is not None:
            return len(self._known), False
        return self._estimate(), True

    def _merge(self) -> None:
        if self._known is None or not self._pending:
            return
        known = np.unique(np.concatenate([self._known, *self._pending]))
        self._pending, self._pending_size = [], 0
        if len(known) > EXACT_UP_TO:
            self._register(known)
            self._known = None
        else:
            self._known = known

    def _register(self, hashes: np.ndarray[Any, Any]) -> None:
        """The longest run of leading zeros of the hashes that fall into each register."""
        mixed = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(33)
        place = (mixed >> np.uint64(64 - _REGISTER_BITS)).astype(np.int64)
        rest = (mixed << np.uint64(_REGISTER_BITS)) >> np.uint64(11)  # 53 bits, as a float holds
        digits = np.frexp(rest.astype(np.float64))[1]
        np.maximum.at(self._registers, place, (54 - digits).astype(np.uint8))

    def _estimate(self) -> int:
        alpha = 0.7213 / (1 + 1.079 / _REGISTERS)
        powers = np.exp2(-self._registers.astype(np.float64))
        return round(alpha * _REGISTERS**2 / float(powers.sum()))
