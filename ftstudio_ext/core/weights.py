"""What a model's weights take in memory when they are loaded in 4, 8 or 16 bits.

bitsandbytes quantizes the linear layers; embeddings, norms and the output layer stay in 16 bits.
NF4 with double quantization takes 0.5159 bytes a parameter, int8 one (measured).
"""

from __future__ import annotations

from ftstudio_ext.schema.models import MemoryBytes

NF4_BYTES, INT8_BYTES, HALF_BYTES = 0.5159, 1.0, 2.0

_OTHER_SHARE = ((2e9, 0.20), (16e9, 0.12), (float("inf"), 0.04))
"""What embeddings and output layers usually take of all parameters, by the model's size."""


def memory_of(linear: int, other: int, *, exact: bool) -> MemoryBytes:
    """Bytes for so many parameters in linear layers and elsewhere."""
    return MemoryBytes(
        bits4=round(linear * NF4_BYTES + other * HALF_BYTES),
        bits8=round(linear * INT8_BYTES + other * HALF_BYTES),
        bits16=round((linear + other) * HALF_BYTES),
        exact=exact,
    )


def estimate_memory(
    parameters: int,
    vocab_size: int | None = None,
    hidden_size: int | None = None,
    tied: bool | None = None,
) -> MemoryBytes:
    """From the number of parameters, and better where vocabulary and width are known."""
    if vocab_size and hidden_size:
        other = vocab_size * hidden_size * (1 if tied else 2)
    else:
        share = next(share for limit, share in _OTHER_SHARE if parameters <= limit)
        other = round(parameters * share)
    other = min(other, parameters)
    return memory_of(parameters - other, other, exact=False)
