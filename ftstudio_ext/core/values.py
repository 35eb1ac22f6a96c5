"""Row values as JSON can carry them: one reading for previews, templates and training."""

from __future__ import annotations

import base64
import datetime
import decimal
import math
from collections.abc import Mapping
from typing import Any

BYTES_SHOWN = 1024


def json_safe(value: Any) -> Any:
    """The value with nothing in it that JSON lacks.

    NaN and the infinities become null, times ISO 8601 text, decimals text, and bytes
    `{"bytes": size, "base64": the first 1,024 bytes}`.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_safe(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        shown = base64.b64encode(bytes(value[:BYTES_SHOWN])).decode("ascii")
        return {"bytes": len(value), "base64": shown}
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return str(value)
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy
        return json_safe(value.tolist())
    if hasattr(value, "as_py"):
        return json_safe(value.as_py())
    return str(value)
