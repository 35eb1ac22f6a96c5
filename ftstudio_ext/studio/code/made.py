"""What all kinds of code share: the answer itself, and names for ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.schema.code import Code, CodeFormat

from ..records import clean_name, free_name

if TYPE_CHECKING:
    from ..studio import Studio

_ENDINGS = {"yaml": "yaml", "notebook": "ipynb"}
_LANGUAGES: dict[str, Literal["python", "yaml", "json"]] = {"yaml": "yaml", "notebook": "json"}


def made(
    format: CodeFormat, name: str, text: str, notes: list[str], formats: list[CodeFormat]
) -> Code:
    """The code with a name for its file."""
    return Code(
        format=format,
        language=_LANGUAGES.get(format, "python"),
        filename=f"{clean_name(name, spaces=False)}.{_ENDINGS.get(format, 'py')}",
        text=text,
        notes=notes,
        formats=formats,
    )


def reference(get: Callable[[str], Any], id: str, gone: str | None = None) -> str:
    """The name of an object where it stands for this one alone, else its id; `gone` where there is
    no such object any more."""
    try:
        record = get(id)
    except StudioError:
        return gone or id
    try:
        return str(record.name if get(record.name).id == record.id else record.id)
    except StudioError:  # one of several with this name
        return str(record.id)


def free_job_name(studio: Studio, name: str, *, spaces: bool = False) -> str:
    """A name under which the same job can be started again."""
    taken = {job.name.casefold() for job in studio.jobs.list(limit=10_000).items}
    return free_name(clean_name(name, spaces=spaces), lambda wanted: wanted.casefold() in taken)
