"""Interpreters of installed kernels, asked by the kernels' own commands."""

from __future__ import annotations

import sys
from pathlib import Path

from ftstudio_ext.jobs.interpreter import probe
from ftstudio_ext.jobs.kernels import probe_kernel

LAUNCH = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


def test_a_kernel_is_asked_by_its_own_command() -> None:
    found = probe_kernel([sys.executable, *LAUNCH], {}, "Mine")
    assert found and (found.python, found.label) == (sys.executable, "Mine")
    assert found.packages == probe(sys.executable).packages


def test_a_kernel_that_a_shell_activates_is_asked_under_its_own_environment(tmp_path: Path) -> None:
    (tmp_path / "activate").write_text('test -n "$PROJECT" || exit 1\n')
    command = f". {tmp_path}/activate && exec {sys.executable} {' '.join(LAUNCH)}"
    found = probe_kernel(["sh", "-c", command], {"PROJECT": "x"}, "Activated")
    assert found and found.python == sys.executable
    assert probe_kernel(["sh", "-c", command], {}, "Without its environment") is None


def test_kernels_of_other_languages_do_not_count() -> None:
    assert probe_kernel(["R", "--slave", "-e", "IRkernel::main()"], {}, "R") is None
    assert probe_kernel(["/no/python", *LAUNCH], {}, "Gone") is None
