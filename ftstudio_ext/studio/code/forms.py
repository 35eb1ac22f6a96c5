"""A form as a magic cell, a client call, and YAML. Only what differs from the defaults is said."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from .literals import keywords, literal

OPENING = "from ftstudio_ext import Studio\n\nstudio = Studio()\n"


def magic(verb: str, fields: Mapping[str, Any], notes: Sequence[str]) -> str:
    """`%%ftstudio VERB` with YAML in the cell."""
    return f"%%ftstudio {verb}\n{_said(notes)}{dump(fields)}"


def client(
    verb: str,
    fields: Mapping[str, Any],
    after: str,
    *,
    positional: Sequence[Any] = (),
    notes: Sequence[str] = (),
    name: str = "job",
) -> str:
    """`studio.VERB(…)`, and what one does with its result, called `name`."""
    arguments = [*(f"{literal(value)}," for value in positional), *keywords(fields)]
    lines = "".join(f"    {line}\n" for line in arguments)
    return f"{OPENING}{_said(notes)}{name} = studio.{verb}(\n{lines})\n{after}\n"


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


def _said(notes: Sequence[str]) -> str:
    """Comments, which go wherever the code goes."""
    return "".join(f"# {note}\n" for note in notes)


class _Blocks(yaml.SafeDumper):
    """Writes templates as people do."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _text)
