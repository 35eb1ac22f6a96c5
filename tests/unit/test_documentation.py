"""The documentation builds without a warning, and says something about every public name."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import ftstudio_ext.core

REPOSITORY = Path(__file__).parents[2]
PUBLIC = ("client", "collections", "job", "jobs", "listing", "objects", "tables", "errors")


def test_the_site_builds_and_its_links_lead_somewhere(tmp_path):
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet", "--keep-going"]
    built = subprocess.run(
        [*command, str(REPOSITORY / "docs"), str(tmp_path)],
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr[-4000:]
    page = (tmp_path / "reference" / "client.html").read_text(encoding="utf-8")
    assert "ftstudio_ext.notebook.client.Studio.train" in page


def public_things(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Classes that a module defines, and their public methods and properties."""
    for name, thing in vars(module).items():
        if (
            name.startswith("_")
            or not inspect.isclass(thing)
            or thing.__module__ != module.__name__
        ):
            continue
        yield name, thing
        for member, value in vars(thing).items():
            described = value.fget if isinstance(value, property) else value
            if not member.startswith("_") and inspect.isfunction(described):
                yield f"{name}.{member}", described


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_described(name):
    module = importlib.import_module(f"ftstudio_ext.notebook.{name}")
    silent = [path for path, thing in public_things(module) if not inspect.getdoc(thing)]
    assert not silent


def test_examples_in_docstrings_are_true():
    tried = 0
    for found in pkgutil.iter_modules(ftstudio_ext.core.__path__, "ftstudio_ext.core."):
        outcome = doctest.testmod(importlib.import_module(found.name))
        assert outcome.failed == 0, found.name
        tried += outcome.attempted
    assert tried >= 2
