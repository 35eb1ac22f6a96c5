"""The code of the notebook guide runs as it stands, from top to bottom."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from .conftest import write_colours

pytestmark = [pytest.mark.train, pytest.mark.long]

GUIDE = Path(__file__).parents[2] / "docs" / "users" / "notebook.md"


def blocks() -> list[str]:
    """The Python cells of the guide."""
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_guide_runs(server, studio, capsys):
    write_colours(server.root / "data" / "train.jsonl")
    write_colours(server.root / "data" / "test.jsonl", rows=6)
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    (server.root / "data" / "chats.jsonl").write_text(json.dumps({"messages": talk}) + "\n")
    shutil.copytree(
        server.root / "models" / "tiny", server.root / "models" / "SmolLM2-135M-Instruct"
    )
    shell = InteractiveShell()
    for block in blocks():
        result = shell.run_cell(block)
        assert result.success, f"{block}\n{capsys.readouterr()}"
    assert shell.user_ns["job"].state == "succeeded"
    assert shell.user_ns["run"].spec["lora"]["r"] == 4
    assert shell.user_ns["form"].spec()["prompt"]
    assert "not_found" in capsys.readouterr().out
    shell.user_ns["form"].close()
    shell.history_manager.end_session()
