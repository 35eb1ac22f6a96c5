"""Looking at data: preview latency on a million rows, the dataset doctor's rows per second and
memory, and a search, each beside `datasets` + pandas doing the same in the same run.

    python benchmarks/data.py prepare [--rows 1000000] [--folder FOLDER]
    python benchmarks/data.py preview | profile | search [--folder FOLDER]

`prepare` writes a Parquet file and imports it through the data helper; the others use it. Each
side of a comparison is a process of its own, so that its peak memory is its own. Pages of mapped
files belong to the system, which takes them back, and are told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
PAGE = 50
PAGES = 300
NEEDLE = "w1a7 w3"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["prepare", "preview", "profile", "search", "side"])
    parser.add_argument("side", nargs="?", help="One side of a comparison, in this process.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "ft-data")
    arguments = parser.parse_args()
    if arguments.what == "prepare":
        asyncio.run(prepare(arguments.folder, arguments.rows))
    elif arguments.what == "side":
        print(json.dumps(SIDES[arguments.side](arguments.folder)))
    else:
        compare(arguments.what, arguments.folder)


# --- the data ------------------------------------------------------------------------------


async def prepare(folder: Path, rows: int) -> None:
    """A Parquet file of questions and answers with a few faults, and our imported copy of it."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "data.parquet"
    began = time.perf_counter()
    write_parquet(source, rows)
    print(f"{rows:,} rows, {source.stat().st_size / 1e6:.0f} MB, {since(began)} to write")
    began = time.perf_counter()
    host = helper_host(folder)
    try:
        await host.call(
            "data",
            "import",
            {
                "source": {"source": "file", "path": str(source)},
                "dest_dir": str(folder / "ds_bench"),
                "dataset_id": "ds_bench",
            },
            timeout_s=None,
        )
    finally:
        await host.close()
    size = (folder / "ds_bench" / "train.arrow").stat().st_size
    print(f"imported in {since(began)}, {size / 1e6:.0f} MB of Arrow")


def write_parquet(path: Path, rows: int) -> None:
    """Every thousandth row repeats an earlier one, one in five hundred has no answer."""
    words = np.array([f"w{n:x}" for n in range(20_000)])
    draw, at_once = np.random.default_rng(0), 20_000
    writer = None
    for start in range(0, rows, at_once):
        count = min(at_once, rows - start)
        questions = [" ".join(row) for row in words[draw.integers(20_000, size=(count, 24))]]
        answers: list[str | None] = [
            " ".join(row) for row in words[draw.integers(20_000, size=(count, 14))]
        ]
        for row in range(999, count, 1_000):
            questions[row], answers[row] = questions[row - 6], answers[row - 6]
        for row in range(450, count, 500):
            answers[row] = None
        label = [("yes", "no", "maybe")[n % 3] for n in range(count)]
        table = pa.table(
            {
                "id": range(start, start + count),
                "question": questions,
                "answer": pa.array(answers, pa.string()),
                "label": label,
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def helper_host(folder: Path) -> Any:
    from ftstudio_ext.jobs.helpers import HelperHost

    place = folder / "run"
    place.mkdir(mode=0o700, exist_ok=True)
    return HelperHost(place, sys.executable, ROOT, dict(os.environ))


# --- sides ---------------------------------------------------------------------------------


def preview_ours(folder: Path) -> dict[str, Any]:
    """Random pages through the data helper, socket and JSON included."""
    return asyncio.run(_preview_ours(folder))


async def _preview_ours(folder: Path) -> dict[str, Any]:
    host = helper_host(folder)
    place = {"dataset_dir": str(folder / "ds_bench"), "split_file": "train.arrow"}

    async def page(offset: int) -> int:
        answer = await host.call("data", "rows", {**place, "offset": offset, "limit": PAGE})
        return int(answer["total"])

    try:
        began = time.perf_counter()
        total = await page(0)
        first = time.perf_counter() - began
        times = []
        for offset in offsets(total):
            began = time.perf_counter()
            await page(offset)
            times.append(time.perf_counter() - began)
        memory = own_memory(host.pid("data"))
    finally:
        await host.close()
    return {"first_s": first, "times_s": times, "memory": memory}


def preview_pandas(folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    frame = load_pandas(folder)
    frame.iloc[:PAGE].to_json(orient="records")
    first = time.perf_counter() - began
    times = []
    for offset in offsets(len(frame)):
        began = time.perf_counter()
        frame.iloc[offset : offset + PAGE].to_json(orient="records")
        times.append(time.perf_counter() - began)
    return {"first_s": first, "times_s": times, "memory": own_memory(os.getpid())}


def preview_datasets(folder: Path) -> dict[str, Any]:
    began = time.perf_counter()
    split = load_datasets(folder)
    json.dumps(split[:PAGE])
    first = time.perf_counter() - began
    times = []
    for offset in offsets(len(split)):
        began = time.perf_counter()
        json.dumps(split[offset : offset + PAGE])
        times.append(time.perf_counter() - began)
    return {"first_s": first, "times_s": times, "memory": own_memory(os.getpid())}


def profile_ours(folder: Path) -> dict[str, Any]:
    return _profile_ours(folder, near=False)


def profile_ours_near(folder: Path) -> dict[str, Any]:
    return _profile_ours(folder, near=True)


def _profile_ours(folder: Path, near: bool) -> dict[str, Any]:
    from ftstudio_ext.core.files import read_json
    from ftstudio_ext.schema.datasets import Dataset
    from ftstudio_ext.schema.profiles import ProfileSpec
    from ftstudio_ext.workers.profile import profile_of
    from ftstudio_ext.workers.profiling.reading import Source

    place = folder / "ds_bench"
    source = Source(Dataset.model_validate(read_json(place / "dataset.json")), place)
    spec = ProfileSpec(dataset="ds_bench", near_duplicates=near)
    profile, _report = profile_of(source, None, None, spec, lambda phase, done, total: None)
    found = {finding.id: finding.count for finding in profile.findings}
    return {"rows": source.rows, "duplicates": found["duplicates"]}


def profile_pandas(folder: Path) -> dict[str, Any]:
    """The same facts by the usual calls: no near duplicates, no remedies."""
    frame = load_pandas(folder)
    columns = ["question", "answer", "label"]
    duplicates = int(frame.duplicated(columns).sum())
    for name in frame.columns:
        frame[name].isna().sum()
        frame[name].nunique()
        if name == "id":
            frame[name].describe()
            continue
        text = frame[name].fillna("")
        (text.str.strip() == "").sum()
        text.str.len().quantile([0.25, 0.5, 0.75, 0.95, 0.99])
        frame[name].value_counts().head(20)
    return {"rows": len(frame), "duplicates": duplicates}


def search_ours(folder: Path) -> dict[str, Any]:
    return asyncio.run(_search_ours(folder))


async def _search_ours(folder: Path) -> dict[str, Any]:
    host = helper_host(folder)
    place = {"dataset_dir": str(folder / "ds_bench"), "split_file": "train.arrow"}
    try:
        await host.call("data", "rows", {**place, "limit": 1})
        began, first, offset, answer = time.perf_counter(), 0.0, 0, {"complete": False}
        while not answer["complete"]:
            answer = await host.call(
                "data", "search_rows", {**place, "q": NEEDLE, "offset": offset, "limit": PAGE}
            )
            first = first or time.perf_counter() - began
            offset = answer["next_offset"] or 0
        return {"first_s": first, "all_s": time.perf_counter() - began, "hits": answer["total"]}
    finally:
        await host.close()


def search_pandas(folder: Path) -> dict[str, Any]:
    frame = load_pandas(folder)
    began = time.perf_counter()
    hits = np.zeros(len(frame), bool)
    for name in ("question", "answer", "label"):
        hits |= frame[name].str.contains(NEEDLE, case=False, regex=False, na=False).to_numpy()
    frame[hits].head(PAGE).to_json(orient="records")
    taken = time.perf_counter() - began
    return {"first_s": taken, "all_s": taken, "hits": int(hits.sum())}


def load_datasets(folder: Path) -> Any:
    import datasets

    return datasets.load_dataset(
        "parquet",
        data_files=str(folder / "data.parquet"),
        split="train",
        cache_dir=str(folder / "cache"),
    )


def load_pandas(folder: Path) -> Any:
    return load_datasets(folder).to_pandas()


SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "preview_ours": preview_ours,
    "preview_datasets": preview_datasets,
    "preview_pandas": preview_pandas,
    "profile_ours": profile_ours,
    "profile_ours_near": profile_ours_near,
    "profile_pandas": profile_pandas,
    "search_ours": search_ours,
    "search_pandas": search_pandas,
}


# --- measuring -----------------------------------------------------------------------------


def compare(what: str, folder: Path) -> None:
    """Run the sides in turn and print a line each."""
    for name in (name for name in SIDES if name.startswith(what)):
        began = time.perf_counter()
        answer, peak = run_side(name, folder)
        print(f"{name:20} {described(answer, time.perf_counter() - began, peak)}", flush=True)


def described(answer: dict[str, Any], seconds: float, peak: dict[str, float]) -> str:
    if "times_s" in answer:
        p50, p99 = np.quantile(np.array(answer["times_s"]) * 1000, [0.5, 0.99])
        memory = answer["memory"]
        return (
            f"first page {answer['first_s']:.2f} s, then p50 {p50:.1f} ms, p99 {p99:.1f} ms; "
            f"memory {memory['own']:.0f} MB + {memory['mapped']:.0f} MB mapped"
        )
    if "hits" in answer:
        return (
            f"first answer {answer['first_s']:.2f} s, all {answer['all_s']:.2f} s, "
            f"{answer['hits']:,} hits"
        )
    return (
        f"{seconds:.1f} s with start, {answer['rows'] / seconds:,.0f} rows/s, peak "
        f"{peak['own']:.0f} MB + {peak['mapped']:.0f} MB mapped, {answer['duplicates']:,} repeated"
    )


def run_side(name: str, folder: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """What one side answers, and its peak memory, sampled a hundred times a second."""
    process = subprocess.Popen(
        [sys.executable, __file__, "side", name, "--folder", str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    peak = {"own": 0.0, "mapped": 0.0}

    def watch() -> None:
        while process.poll() is None:
            for key, value in own_memory(process.pid).items():
                peak[key] = max(peak[key], value)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    said, _ = process.communicate()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{name} failed")
    return json.loads(said.strip().splitlines()[-1]), peak


def own_memory(pid: int | None) -> dict[str, float]:
    """MB that are the process's own, and of mapped files."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {"own": 0.0, "mapped": 0.0}
    values = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Rss")}
    return {
        "own": int(values.get("RssAnon", 0)) / 1e3,
        "mapped": int(values.get("RssFile", 0)) / 1e3,
    }


def offsets(total: int) -> Iterator[int]:
    draw = random.Random(1)
    return (draw.randrange(max(1, total - PAGE)) for _ in range(PAGES))


def since(began: float) -> str:
    return f"{time.perf_counter() - began:.1f} s"


if __name__ == "__main__":
    main()
