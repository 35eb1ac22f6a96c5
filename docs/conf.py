"""Sphinx: the guides as they are, and a reference made from the docstrings."""

from importlib import metadata

project = "Fine-tuning Studio for JupyterLab"
author = "the Fine-tuning Studio contributors"
project_copyright = author
try:
    release = metadata.version("ftstudio-ext")
except metadata.PackageNotFoundError:  # a checkout that is not installed
    release = "development"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "README"
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = project

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True, "show-inheritance": False}
python_use_unqualified_type_names = True
# Sentences in docstrings are plain: backquotes hold code.
default_role = "code"
