"""The `ftstudio` command."""
