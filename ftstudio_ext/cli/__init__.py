"""The command `ftstudio` (also `jupyter ftstudio`)."""
