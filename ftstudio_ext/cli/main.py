"""`ftstudio COMMAND …`: the verbs of `%ftstudio` in a terminal, and `run`, which needs no server.

Exit codes: 0 done · 1 refused or failed · 2 not understood · 130 interrupted.
"""

from __future__ import annotations

import sys
from argparse import SUPPRESS, Namespace
from collections.abc import Sequence
from typing import Any

from ftstudio_ext import __version__
from ftstudio_ext.core.errors import StudioError
from ftstudio_ext.notebook import doctor, verbs
from ftstudio_ext.notebook.arguments import HelpShown, Parser, Usage, build_parser
from ftstudio_ext.notebook.client import Studio
from ftstudio_ext.notebook.job import JobHandle
from ftstudio_ext.schema.jobs import FINAL_STATES

from . import output

DONE, FAILED, MISUNDERSTOOD, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the words say; answers the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        given = _parser().parse_args(words or ["--help"])
        result = _do(given)
    except HelpShown:
        return DONE
    except Usage as error:
        return _refused(error, "--json" in words, MISUNDERSTOOD)
    except StudioError as error:
        return _refused(error, "--json" in words, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    output.show(result, as_json=given.json)
    return FAILED if _bad(result) else DONE


def _parser() -> Parser:
    common = Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="answer in JSON, for programs")
    common.add_argument("--url", metavar="URL", help="the Jupyter server, where several run")
    common.add_argument("--token", metavar="TOKEN", help="its token, where it is not this user's")
    parser, commands = build_parser("ftstudio", parents=[common])
    parser.add_argument("--version", action="version", version=__version__, help=SUPPRESS)
    local = commands.add_parser("run", help="train as a YAML file says, without any Jupyter server")
    local.add_argument("file", metavar="FILE", help="the specification; docs/users/terminal.md")
    local.add_argument(
        "--workspace", metavar="FOLDER", help="where everything is kept (default: ./ftstudio)"
    )
    local.add_argument("--detach", action="store_true", help="submit, and do not wait")
    return parser


def _do(given: Namespace) -> Any:
    if given.command == "run":
        from .local import run_file  # what a server has and a client does without

        return run_file(given.file, given.workspace, detach=given.detach, quiet=given.json)
    if given.command == "doctor":
        return doctor.examine(Studio(given.url, given.token) if given.url else None)
    return verbs.run(Studio(given.url, given.token), given)


def _bad(result: Any) -> bool:
    """A command that has done its work may still have found something bad."""
    if isinstance(result, doctor.Diagnosis):
        return not result.sound
    job = result.job if isinstance(result, JobHandle) else result
    state = getattr(job, "state", None)
    return state in FINAL_STATES and state not in ("succeeded", "stopped")


def _refused(error: StudioError, as_json: bool, code: int) -> int:
    output.complain(error, as_json=as_json)
    return code
