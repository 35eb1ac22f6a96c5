"""The dataset doctor's eyes: what is in the columns, which rows repeat, how long they are."""
