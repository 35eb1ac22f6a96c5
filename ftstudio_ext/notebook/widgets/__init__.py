"""Forms and views of the sidebar in a notebook, of ipywidgets alone. They speak REST like the rest
of this half, answer to changes after a moment's rest, and never block the kernel."""

from .comparing import CompareForm
from .datasets import DatasetBrowser
from .evaluation import EvaluationTable
from .prompts import PromptBuilder
from .trainform import TrainForm

__all__ = ["CompareForm", "DatasetBrowser", "EvaluationTable", "PromptBuilder", "TrainForm"]
