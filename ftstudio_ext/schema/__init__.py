"""The vocabulary: pydantic models and nothing else."""
