"""The private folder where sockets of helper processes lie."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from ftstudio_ext.core.errors import Forbidden, Unavailable

LONGEST_SOCKET_PATH = 107


def runtime_dir(workspace: Path, root: Path | None = None) -> Path:
    """The private folder for a workspace's sockets: `ftstudio-<uid>/<hash>/`, made if need be.

    It lies in $XDG_RUNTIME_DIR or the temporary folder, since homes may be on NFS and the path
    of a socket may have 107 bytes at most.
    """
    digest = hashlib.sha256(str(workspace.absolute()).encode()).hexdigest()[:12]
    places = [root] if root else [Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent")]
    places += [] if root else [Path(tempfile.gettempdir()), Path("/tmp")]
    for place in places:
        path = place / f"ftstudio-{os.getuid()}" / digest
        if place.is_dir() and os.access(place, os.W_OK) and _fits(path):
            private(path.parent)
            private(path)
            return path
    raise Unavailable(
        "There is no folder for the sockets of helper processes.",
        remedy="Point XDG_RUNTIME_DIR or TMPDIR to a folder of your own with a short path.",
    )


def _fits(path: Path) -> bool:
    return len(os.fsencode(path / "0123456789ab-0123456789-0123.sock")) <= LONGEST_SOCKET_PATH


def private(path: Path) -> None:
    """Make a folder that only its owner can enter; one that somebody else made is refused."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise Forbidden(
            f"{path} is not a folder of your own.", remedy="Remove it, or set XDG_RUNTIME_DIR."
        )
    if stat.S_IMODE(facts.st_mode) != 0o700:
        path.chmod(0o700)


def sweep(path: Path) -> None:
    """Remove what servers that are gone have left: files are named `<helper>-<pid>…`."""
    for file in path.glob("*-*.*"):
        pid = file.stem.split("-")[1]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            file.unlink(missing_ok=True)
