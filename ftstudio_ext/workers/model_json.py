"""The JSON files of models and adapters, read with errors in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ftstudio_ext.core.errors import InvalidInput
from ftstudio_ext.core.files import read_file

MODEL_FIELD = "source.path"


def read_object(path: Path, *, required: bool = True) -> dict[str, Any]:
    """The JSON object in a file; {} when it is absent and not required."""
    try:
        value = json.loads(read_file(path))
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be sent
    except FileNotFoundError:
        if not required:
            return {}
        raise InvalidInput(
            f"The folder {path.parent.name} has no {path.name}.",
            field=MODEL_FIELD,
            remedy="Choose the folder that holds it, or copy the file there.",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{path.parent.name}/{path.name} is not valid JSON: {error}.",
            field=MODEL_FIELD,
            remedy="It may have been cut short: copy or download it again.",
        ) from None
    except OSError as error:
        raise InvalidInput(
            f"{path.parent.name}/{path.name} cannot be read: {error.strerror or error}.",
            field=MODEL_FIELD,
            remedy="Put the file itself there, readable for this server.",
        ) from None
    if not isinstance(value, dict):
        raise InvalidInput(
            f"{path.parent.name}/{path.name} does not hold a JSON object.",
            field=MODEL_FIELD,
            remedy="Copy or download it again.",
        )
    return value
