"""What the store's safety costs: our `Collection` next to plain TinyDB with its JSONStorage.

Both hold the same documents of about 1 KB. Ours also takes the lock between servers, reads the
file anew before each write, checks ids and names, validates with pydantic, replaces the file
atomically with fsync, and keeps a copy; JSONStorage writes in place. One line a measurement:
the median of some repetitions.

    python benchmarks/store.py [--documents 1000 10000] [--repeat 15] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from tinydb import TinyDB
from tinydb.storages import JSONStorage

from ftstudio_ext.schema.prompts import Prompt
from ftstudio_ext.store.database import Database
from ftstudio_ext.store.ids import new_id

Operations = dict[str, Callable[[], Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--folder", help="On the disk to measure; a temporary one when absent.")
    arguments = parser.parse_args()
    print("| documents | operation | JSONStorage | ours | ours / JSONStorage |")
    print("|---:|---|---:|---:|---:|")
    for count in arguments.documents:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            compare(Path(folder), count, arguments.repeat)


def compare(folder: Path, count: int, repeat: int) -> None:
    """Alternate between the two, so that both meet the same noise."""
    documents = [prompt().model_dump(mode="json") for _ in range(count)]
    plain, ours = plain_tinydb(folder, documents), our_store(folder, documents)
    for operation in plain:
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(repeat):
            for side, run in zip(times, (plain[operation], ours[operation]), strict=True):
                began = time.perf_counter()
                run()
                side.append((time.perf_counter() - began) * 1000)
        a, b = (statistics.median(side) for side in times)
        print(f"| {count:,} | {operation} | {a:.1f} ms | {b:.1f} ms | {b / a:.2f} |", flush=True)


def plain_tinydb(folder: Path, documents: list[dict[str, Any]]) -> Operations:
    path = folder / "plain.json"
    tables = {"prompts": {str(number): d for number, d in enumerate(documents, start=1)}}
    path.write_bytes(orjson.dumps(tables))
    table = TinyDB(path, storage=JSONStorage).table("prompts", cache_size=0)
    middle = len(documents) // 2
    return {
        "insert one": lambda: table.insert(prompt().model_dump(mode="json")),
        "change one": lambda: table.update({"prompt_template": "{a}"}, doc_ids=[middle]),
        "get one by id": lambda: table.get(doc_id=middle),
        "list a page of 50": lambda: table.all()[-50:],
    }


def our_store(folder: Path, documents: list[dict[str, Any]]) -> Operations:
    path = folder / "ours.json"
    path.write_bytes(orjson.dumps({"prompts": {d["id"]: d for d in documents}}))
    prompts = Database(path).collection("prompts", Prompt)
    middle = documents[len(documents) // 2]["id"]
    return {
        "insert one": lambda: prompts.insert(prompt()),
        "change one": lambda: prompts.update(middle, {"prompt_template": "{a}"}),
        "get one by id": lambda: prompts.get(middle),
        "list a page of 50": lambda: prompts.list(limit=50),
    }


def prompt() -> Prompt:
    prompt_id = new_id("pr")
    template = "Write a query that answers the question.\n{sql_context}\n{sql_prompt}\n" * 10
    return Prompt(
        id=prompt_id,
        name=f"Prompt {prompt_id}",
        dataset_id="ds_0123456789",
        prompt_template=template,
        completion_template="{sql}",
    )


if __name__ == "__main__":
    main()
