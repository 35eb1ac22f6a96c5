"""Metadata in TinyDB, behind a small repository."""
