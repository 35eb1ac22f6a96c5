"""A form as a magic cell, a client call, and YAML. Only what differs from the defaults is said."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import yaml

from .literals import keywords

OPENING = "from ftstudio_ext import Studio\n\nstudio = Studio()\n"


def magic(verb: str, fields: Mapping[str, Any]) -> str:
    """`%%ftstudio VERB` with YAML in the cell."""
    return f"%%ftstudio {verb}\n{dump(fields)}"


def client(
    verb: str, fields: Mapping[str, Any], after: str, positional: list[Any] | None = None
) -> str:
    """`studio.VERB(…)`, and what one does with the job."""
    lines = [f"    {line}\n" for line in _arguments(fields, positional or [])]
    return f"{OPENING}job = studio.{verb}(\n{''.join(lines)})\n{after}\n"


def yaml_file(fields: Mapping[str, Any], filename: str, workspace: str) -> str:
    """A file for `ftstudio run`, which needs no server."""
    command = f"ftstudio run {shlex.quote(filename)} --workspace {shlex.quote(workspace)}"
    return f"# In a terminal: {command}\n{dump(fields)}"


def dump(fields: Mapping[str, Any]) -> str:
    """YAML in the order of the form; texts of several lines as blocks."""
    made: str = yaml.dump(
        dict(fields), Dumper=_Blocks, sort_keys=False, allow_unicode=True, width=100
    )
    return made


class _Blocks(yaml.SafeDumper):
    """Writes templates as people do."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _text)


def _arguments(fields: Mapping[str, Any], positional: list[Any]) -> list[str]:
    from .literals import literal

    return [f"{literal(value)}," for value in positional] + keywords(fields)
