"""`%%ftstudio`: prompts and runs that are written in a cell."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from .arguments import Parser, Usage, split
from .client import Studio
from .job import JobHandle
from .objects import Attached

DIVIDER = "---"


def run_cell(studio: Studio, line: str, body: str) -> Any:
    """What the cell says. Raises Usage for what cannot be understood."""
    given = cell_parser().parse_args(split(line) or ["--help"])
    if given.command == "prompt":
        return _prompt(studio, given, body)
    return _train(studio, given, body)


def cell_parser() -> Parser:
    """The parser of the cell's first line."""
    parser = Parser(
        prog="%%ftstudio",
        description="The rest of the cell is a prompt's templates, or a run's fields in YAML.",
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Parser
    )
    prompt = commands.add_parser(
        "prompt", help=f"save a prompt: its template, a line {DIVIDER}, the completion template"
    )
    prompt.add_argument("name", metavar="NAME")
    prompt.add_argument("--dataset", required=True, metavar="NAME")
    train = commands.add_parser("train", help="start a run with the fields of the train form")
    train.add_argument("--watch", action="store_true", help="wait for the end")
    return parser


def _prompt(studio: Studio, given: Namespace, body: str) -> Attached:
    """The templates without the line breaks at their ends, which a cell cannot do without."""
    lines = body.split("\n")
    places = [number for number, line in enumerate(lines) if line.strip() == DIVIDER]
    if len(places) != 1:
        raise Usage(
            f"The cell has {len(places) or 'no'} lines {DIVIDER} between prompt and completion.",
            remedy=f"Write the prompt template, a line {DIVIDER}, and the completion template.",
        )
    prompt, completion = lines[: places[0]], lines[places[0] + 1 :]
    return studio.prompts.create(
        given.name,
        given.dataset,
        "\n".join(prompt),
        "\n".join(completion).rstrip("\n"),
    )


def _train(studio: Studio, given: Namespace, body: str) -> JobHandle:
    job = studio.train(**_fields(body))
    return job.wait() if given.watch else job


def _fields(body: str) -> dict[str, Any]:
    """The cell's YAML; what a run cannot do without must be there."""
    import yaml

    try:
        fields = yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise Usage(
            f"The cell is not YAML: {' '.join(str(error).split())}.",
            remedy="Write lines such as `max_length: 256`, and values with a colon in quotes.",
        ) from None
    if not isinstance(fields, dict):
        fields = {}
    missing = [name for name in ("base_model", "dataset", "prompt") if not fields.get(name)]
    if missing:
        raise Usage(
            f"The cell does not say: {', '.join(missing)}.",
            remedy=f"Write a line such as `{missing[0]}: name`.",
        )
    return {str(key): value for key, value in fields.items()}
