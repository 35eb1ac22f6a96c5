"""The built-in demo: its data and its small model."""
