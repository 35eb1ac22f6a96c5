"""`python -m ftstudio_ext.demo`: the whole tutorial in a terminal, then JupyterLab."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ftstudio_ext.core.errors import StudioError

from .run import Demo, Options
from .terminal import Terminal


def main() -> int:
    arguments = _arguments()
    folder = arguments.folder.resolve()
    options = Options(folder, arguments.model, arguments.precision)
    try:
        Demo(options, Terminal()).run()
    except StudioError as error:
        print(f"\n{error.message}\n{error.remedy or ''}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Jobs that were running go on; open JupyterLab to see them.")
        return 130
    if arguments.lab:
        _open_lab(folder)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ftstudio_ext.demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("demo-workspace"))
    parser.add_argument(
        "--model",
        type=Path,
        help="another base model: a folder in Hugging Face format, below --folder",
    )
    parser.add_argument(
        "--precision",
        choices=["4-bit", "16-bit"],
        default="16-bit",
        help="of the base weights in the evaluation (training is always 4-bit)",
    )
    parser.add_argument("--no-lab", dest="lab", action="store_false")
    return parser.parse_args()


def _open_lab(folder: Path) -> None:
    """Become JupyterLab on the demo's folder."""
    print(f"\nOpening JupyterLab on {folder}; end it with Ctrl-C.", flush=True)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    os.execv(sys.executable, command)


if __name__ == "__main__":
    sys.exit(main())
