"""`%ftstudio` in a real IPython shell."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from .conftest import SHORT


@pytest.fixture
def shell(studio):
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "ftstudio_ext")
    yield shell
    shell.history_manager.end_session()


def refused(shell, capsys, line: str) -> str:
    """What a cell shows for a line that cannot be done."""
    result = shell.run_cell(line)
    assert result.error_in_exec is not None
    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert "Traceback" not in text and len(text.splitlines()) <= 4, text
    return text


def test_lists_come_back_as_objects(shell):
    assert shell.run_line_magic("ftstudio", "status").version
    (dataset,) = shell.run_line_magic("ftstudio", "datasets colour")
    assert dataset.name == "colours"
    for kind in ("models", "prompts", "adapters", "presets", "jobs"):
        assert isinstance(shell.run_line_magic("ftstudio", kind), list)


def test_help_is_printed_and_ends_nothing(shell, capsys):
    for line in ("", "help", "train --help"):
        assert shell.run_line_magic("ftstudio", line) is None
        assert "%ftstudio" in capsys.readouterr().out
    shell.run_line_magic("ftstudio", "train -h")
    shown = capsys.readouterr().out
    assert "--learning-rate" in shown and "{qlora,lora}" in shown


def test_mistakes_are_one_sentence_each(shell, capsys):
    assert "invalid choice" in refused(shell, capsys, "%ftstudio dance")
    assert "required: --base-model" in refused(shell, capsys, "%ftstudio train --name x")
    assert "no such run" in refused(shell, capsys, "%ftstudio watch 'no such run'")
    assert "quotation" in refused(shell, capsys, '%ftstudio watch "open')
    required = "--base-model tiny --dataset colours --prompt 'say it'"
    assert "no value" in refused(shell, capsys, f"%ftstudio train {required} --set lora.r")
    assert "lora.rank" in refused(shell, capsys, f"%ftstudio train {required} --set lora.rank=3")


@pytest.mark.train
def test_a_run_is_trained_watched_and_read(shell, studio, capsys):
    line = (
        "job = %ftstudio train --name by-magic --base-model tiny --dataset colours "
        "--prompt 'say it' --max-length 64 --max-steps 4 --effective-batch-size 4 "
        "--learning-rate 1e-3 --set lora.r=4 --set evaluation.strategy=off --watch"
    )
    result = shell.run_cell(line)
    assert result.success, capsys.readouterr()
    job = shell.user_ns["job"]
    assert (job.state, job.spec["lora"]["r"], job.spec["learning_rate"]) == ("succeeded", 4, 1e-3)
    assert "4/4" in capsys.readouterr().err
    assert "by-magic" in [adapter.name for adapter in studio.adapters]
    assert shell.run_line_magic("ftstudio", "log by-magic")


def test_a_waiting_run_is_stopped(shell, studio):
    shell.user_ns["studio"] = studio
    studio.train(
        name="held", base_model="tiny", dataset="colours", prompt="say it", hold=True, **SHORT
    )
    assert shell.run_line_magic("ftstudio", "stop held --now").state == "stopped"
    studio.jobs["held"].delete()


def test_a_prompt_is_written_in_a_cell(shell, studio, capsys):
    cell = "%%ftstudio prompt 'from a cell' --dataset colours\nQ: {question}\nA:\n---\n {answer}\n"
    assert shell.run_cell(cell).success, capsys.readouterr()
    prompt = studio.prompts["from a cell"]
    assert prompt.prompt_template == "Q: {question}\nA:"
    assert prompt.completion_template == " {answer}"
    prompt.delete()
    assert "no lines ---" in refused(shell, capsys, "%%ftstudio prompt x --dataset colours\nQ: {q}")
    assert "required: --dataset" in refused(shell, capsys, "%%ftstudio prompt x\nQ\n---\nA")
    assert "required: COMMAND" in refused(shell, capsys, "%%ftstudio --\nQ")


def test_a_run_is_written_in_a_cell(shell, studio, capsys):
    assert "not YAML" in refused(shell, capsys, "%%ftstudio train\nname: [")
    assert "base_model, dataset" in refused(shell, capsys, "%%ftstudio train\nprompt: say it\n")
    cell = """%%ftstudio train
name: in-a-cell
base_model: tiny
dataset: colours
prompt: say it
max_length: 64
max_steps: 4
lora: {r: 4}
hold: true
"""
    assert shell.run_cell(cell).success, capsys.readouterr()
    job = studio.jobs["in-a-cell"]
    assert (job.state, job.spec["lora"]["r"]) == ("held", 4)
    job.stop(save=False)
    job.delete()


def test_words_of_comparing_and_exporting(shell, capsys):
    assert "either --question or --dataset" in refused(shell, capsys, "%ftstudio compare")
    assert "no-such" in refused(shell, capsys, "%ftstudio export no-such --format adapter")
    assert "invalid choice" in refused(shell, capsys, "%ftstudio export x --format gguf")


@pytest.mark.filterwarnings("ignore:.*Completer.complete")
@pytest.mark.parametrize(
    "line, offered",
    [
        ("%ftstudio tr", "train"),
        ("%ftstudio train --lear", "--learning-rate"),
        ("%ftstudio train --method ", "qlora"),
        ("%ftstudio train --dataset ", "colours"),
        ("%ftstudio train --dataset colours --prompt ", "'say it'"),
        ("%ftstudio evaluate --base-model t", "tiny"),
        ("%%ftstudio pro", "prompt"),
        ("%%ftstudio prompt x --dataset c", "colours"),
    ],
)
def test_words_are_completed(shell, line, offered):
    assert offered in shell.complete("", line, len(line))[1]  # as a kernel asks
