"""Run directories, queue, supervisor, launchers, helper processes."""
