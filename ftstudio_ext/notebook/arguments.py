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

from ftstudio_ext.schema.code import CodeFormat
from ftstudio_ext.schema.exports import ExportRequest
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
    return magic_parser().parse_args(split(line) or ["help"])


def magic_parser() -> Parser:
    """The parser of `%ftstudio`."""
    parser, commands = build_parser("%ftstudio")
    commands.add_parser("help", help="this text")
    commands.add_parser("form", help="the train form")
    return parser


def split(line: str) -> list[str]:
    """The words of a line, as a shell has them."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise Usage(
            f"The line cannot be split into words: {error}.",
            remedy="Close the quotation mark, or put a backslash before it.",
        ) from None


def spec_from(given: argparse.Namespace) -> dict[str, Any]:
    """The specification of `train`: its options, then what `--set` says."""
    fields = {name: getattr(given, name, None) for name in TrainSpec.model_fields}
    return spec_of(fields | _settings(given, "lora.r=8"))


def evaluation_from(given: argparse.Namespace) -> dict[str, Any]:
    """The fields of `evaluate`: its options, then what `--set` says."""
    named = {name: getattr(given, name) for name in ("name", "base_model", "dataset", "prompt")}
    fields = named | {"rows": given.rows, "base_shots": given.base_shots}
    return spec_of(fields | _settings(given, "sql.schema_column=context"))


def comparison_from(given: argparse.Namespace) -> dict[str, Any]:
    """What `compare` asks: a question, or rows of a dataset."""
    if (given.question is None) == (given.dataset is None):
        raise Usage("compare needs either --question or --dataset.", remedy="Give one of them.")
    fields = {name: getattr(given, name) for name in ("base_model", "question", "dataset")}
    if given.dataset is not None:
        fields |= {"rows": given.rows, "prompt": given.prompt}
    elif given.expected is not None:
        fields["expected"] = given.expected
    generation = {"max_new_tokens": given.max_new_tokens, "temperature": given.temperature}
    given_settings = {key: value for key, value in generation.items() if value is not None}
    if given_settings:
        fields["generation"] = given_settings
    return {key: value for key, value in fields.items() if value is not None}


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
    _add_compare(commands.add_parser("compare", help="adapters and their base side by side"))
    _add_export(commands.add_parser("export", help="an adapter for other programs"))
    for name, text in (
        ("watch", "wait for a run, with a progress bar"),
        ("stop", "stop a run, with a checkpoint to resume from"),
        ("resume", "go on with a stopped, failed or vanished run"),
        ("log", "the last lines of a run's log"),
        ("code", "a run or an evaluation as code"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("job", metavar="RUN", help="its name or id")
        if name == "stop":
            command.add_argument("--now", action="store_true", help="at once, without a checkpoint")
        if name == "code":
            _add_code(command)
    return parser, commands


def _add_code(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        choices=get_args(CodeFormat),
        default="client",
        help="a call, a cell, a file for `ftstudio run`, or a script (also as a notebook) that "
        "needs nothing of the studio",
    )


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


def _add_compare(parser: Parser) -> None:
    parser.add_argument("adapters", nargs="*", metavar="ADAPTER", help="their names")
    parser.add_argument("--base-model", metavar="NAME", help="that of the adapters when absent")
    parser.add_argument("--question", metavar="TEXT", help="what all are asked")
    parser.add_argument("--expected", metavar="TEXT", help="the right answer to the question")
    parser.add_argument("--dataset", metavar="NAME", help="ask its rows instead")
    parser.add_argument("--prompt", metavar="NAME", help="the prompt for rows")
    parser.add_argument("--rows", type=int, default=1, metavar="N", help="so many unseen rows")
    parser.add_argument("--max-new-tokens", type=int, metavar="N")
    parser.add_argument("--temperature", type=float, metavar="T", help="0: the likeliest answer")


def _add_export(parser: Parser) -> None:
    fields = ExportRequest.model_fields
    parser.add_argument("adapter", metavar="ADAPTER", help="its name")
    for name in ("format", "precision"):
        _, choices = _single(fields[name].annotation)
        parser.add_argument(f"--{name}", choices=choices, default=fields[name].default)
    parser.add_argument("--name", metavar="FOLDER", help="below exports/ of the workspace")
    parser.add_argument("--watch", action="store_true", help="wait for the folder")


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
