"""The words after `%ftstudio` and after the command `ftstudio`: an argparse parser that raises
instead of ending the kernel."""

from __future__ import annotations

import argparse
import functools
import json
import shlex
import types
from collections.abc import Sequence
from typing import Any, Literal, NoReturn, Union, get_args, get_origin

from ftstudio_ext.schema.training import TrainSpec

from .errors import StudioApiError
from .specs import spec_of

LISTS = ("datasets", "models", "prompts", "adapters", "presets", "jobs")


class Usage(StudioApiError):
    """Words that cannot be understood."""

    code = "usage"


class HelpShown(Exception):
    """Help was asked for and printed; there is nothing left to do."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and never exits."""

    def error(self, message: str) -> NoReturn:
        raise Usage(f"{message[:1].upper()}{message[1:]}.", remedy=f"See {self.prog} --help.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise HelpShown


def parse(line: str) -> argparse.Namespace:
    """The command of a line, with its arguments. Raises Usage, or HelpShown."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise Usage(
            f"The line cannot be split into words: {error}.",
            remedy="Close the quotation mark, or put a backslash before it.",
        ) from None
    parser, commands = build_parser("%ftstudio")
    commands.add_parser("help", help="this text")
    commands.add_parser("form", help="the train form")
    return parser.parse_args(words or ["help"])


def spec_from(given: argparse.Namespace) -> dict[str, Any]:
    """The specification of `train`: its options, then what `--set` says."""
    fields = {name: getattr(given, name, None) for name in TrainSpec.model_fields}
    return spec_of(fields | _settings(given, "lora.r=8"))


def evaluation_from(given: argparse.Namespace) -> dict[str, Any]:
    """The fields of `evaluate`: its options, then what `--set` says."""
    named = {name: getattr(given, name) for name in ("name", "base_model", "dataset", "prompt")}
    fields = named | {"rows": given.rows, "base_shots": given.base_shots}
    return spec_of(fields | _settings(given, "sql.schema_column=context"))


def _settings(given: argparse.Namespace, example: str) -> dict[str, Any]:
    """{field: value} of all `--set`."""
    found = {}
    for pair in given.set or []:
        path, equals, text = pair.partition("=")
        if not equals or not path:
            raise Usage(f"--set {pair} has no value.", remedy=f"Write it as --set {example}.")
        found[path] = _value(text)
    return found


def build_parser(prog: str, parents: Sequence[Parser] = ()) -> tuple[Parser, Any]:
    """The parser, and its commands, to which a magic or a command line adds its own. Options of
    `parents` may stand behind every command."""
    parser = Parser(
        prog=prog,
        description="Fine-tuning Studio: the same datasets, runs and adapters as in the sidebar.",
    )
    commands = parser.add_subparsers(
        dest="command",
        metavar="COMMAND",
        required=True,
        parser_class=functools.partial(Parser, parents=list(parents)),  # type: ignore[call-overload]
    )
    commands.add_parser("status", help="the server, its machine and its workspace")
    commands.add_parser("doctor", help="what is wrong with this installation, and what mends it")
    for name in LISTS:
        listing = commands.add_parser(name, help=f"list {name}")
        listing.add_argument("search", nargs="?", metavar="TEXT", help="only names that hold TEXT")
    _add_train(commands.add_parser("train", help="start a training run"))
    _add_evaluate(commands.add_parser("evaluate", help="adapters against their base model"))
    for name, text in (
        ("watch", "wait for a run, with a progress bar"),
        ("stop", "stop a run, with a checkpoint to resume from"),
        ("resume", "go on with a stopped, failed or vanished run"),
        ("log", "the last lines of a run's log"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("job", metavar="RUN", help="its name or id")
        if name == "stop":
            command.add_argument("--now", action="store_true", help="at once, without a checkpoint")
    return parser, commands


def _add_train(parser: Parser) -> None:
    """An option for every field of the specification that is a single value."""
    for name, field in TrainSpec.model_fields.items():
        kind, choices = _single(field.annotation)
        if kind is None:
            continue
        option = f"--{name.replace('_', '-')}"
        shown = (field.description or field.title or name).replace("%", "%%")
        if kind is bool:
            parser.add_argument(
                option, action=argparse.BooleanOptionalAction, default=None, help=shown
            )
        else:
            parser.add_argument(
                option,
                type=kind,
                choices=choices,
                required=field.is_required() and name != "name",
                metavar=None if choices else name.rsplit("_", 1)[-1].upper(),
                help=shown,
            )
    parser.add_argument(
        "--set",
        action="append",
        metavar="FIELD=VALUE",
        help="any other field, for example --set lora.r=8 (may be given several times)",
    )
    parser.add_argument("--watch", action="store_true", help="wait for the end")


def _add_evaluate(parser: Parser) -> None:
    """What is not given is taken from the first adapter's training."""
    parser.add_argument("adapters", nargs="*", metavar="ADAPTER", help="their names")
    for option in ("--name", "--base-model", "--dataset", "--prompt"):
        parser.add_argument(option, metavar="NAME")
    parser.add_argument("--rows", type=int, metavar="N", help="rows of each split, at most")
    parser.add_argument(
        "--base-shots",
        type=int,
        nargs="+",
        metavar="N",
        help="solved examples in front of the base model's prompts, for example 0 4",
    )
    parser.add_argument("--set", action="append", metavar="FIELD=VALUE", help="any other field")
    parser.add_argument("--watch", action="store_true", help="wait for the verdict")


def _single(annotation: Any) -> tuple[type | None, tuple[str, ...] | None]:
    """Type and choices of a field with one value; (None, None) for groups of fields."""
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        return _single(members[0]) if len(members) == 1 else (None, None)
    if get_origin(annotation) is Literal:
        return str, get_args(annotation)
    return (annotation, None) if annotation in (str, int, float, bool) else (None, None)


def _value(text: str) -> Any:
    """JSON where it is JSON (8, true, [1], null), else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
