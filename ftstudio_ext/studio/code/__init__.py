"""Code for everything: a form or a job as a cell, a client call, YAML, a script or a notebook."""
