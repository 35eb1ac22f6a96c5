"""Types of columns: their names in words, and which of two types holds the values of both."""

from __future__ import annotations

import pyarrow as pa

MAX_FIELDS = 2_000


class Clash(Exception):
    """Two types that no common type holds, and where (`answers.text`)."""

    def __init__(self, path: str, left: pa.DataType, right: pa.DataType) -> None:
        super().__init__(path)
        self.path, self.left, self.right = path, left, right


def common_type(left: pa.DataType, right: pa.DataType, path: str = "") -> pa.DataType:
    """null gives way to anything, int to float; lists and structs are joined part by part."""
    if left.equals(right) or pa.types.is_null(right):
        return left
    if pa.types.is_null(left):
        return right
    if _is_number(left) and _is_number(right):
        return pa.float64() if not _both_integers(left, right) else pa.int64()
    if _is_text(left) and _is_text(right):
        return pa.large_string()
    if pa.types.is_list(left) and pa.types.is_list(right):
        return pa.list_(common_type(left.value_type, right.value_type, f"{path}[]"))
    if pa.types.is_struct(left) and pa.types.is_struct(right):
        return _common_struct(left, right, path)
    raise Clash(path, left, right)


def _common_struct(left: pa.StructType, right: pa.StructType, path: str) -> pa.StructType:
    types = {field.name: field.type for field in left}
    for field in right:
        known = types.get(field.name, pa.null())
        types[field.name] = common_type(known, field.type, f"{path}.{field.name}")
    return pa.struct(list(types.items()))


def common_schema(left: pa.Schema, right: pa.Schema) -> pa.Schema:
    """The columns of both, left ones first; raises Clash."""
    types = {field.name: field.type for field in left}
    for field in right:
        known = types.get(field.name, pa.null())
        types[field.name] = common_type(known, field.type, field.name)
    return pa.schema(list(types.items()))


def count_fields(data_type: pa.DataType | pa.Schema) -> int:
    """How many columns and nested fields there are."""
    if isinstance(data_type, pa.Schema) or pa.types.is_struct(data_type):
        fields = list(data_type)
        return len(fields) + sum(count_fields(field.type) for field in fields)
    if _is_any_list(data_type):
        return count_fields(data_type.value_type)
    return 0


def plain_type(data_type: pa.DataType) -> pa.DataType | None:
    """The type that stands for this one in our copies: dictionaries, views, run-end encodings
    and extensions become what they hold. None where no plain type does (maps, unions)."""
    if isinstance(data_type, pa.BaseExtensionType):
        return plain_type(data_type.storage_type)
    if pa.types.is_dictionary(data_type) or pa.types.is_run_end_encoded(data_type):
        return plain_type(data_type.value_type)
    if data_type == pa.string_view():
        return pa.large_string()
    if data_type == pa.binary_view():
        return pa.large_binary()
    if pa.types.is_struct(data_type):
        inner = [(field.name, plain_type(field.type)) for field in data_type]
        return None if any(kind is None for _, kind in inner) else pa.struct(inner)
    if _is_any_list(data_type):
        item = plain_type(data_type.value_type)
        if item is None:
            return None
        return pa.large_list(item) if pa.types.is_large_list(data_type) else pa.list_(item)
    if (
        pa.types.is_map(data_type)
        or pa.types.is_union(data_type)
        or pa.types.is_interval(data_type)
    ):
        return None
    return data_type


def depth(data_type: pa.DataType) -> int:
    """Levels of nesting: 0 for plain values, 1 for a list of them."""
    inner = [data_type.field(index).type for index in range(data_type.num_fields)]
    return 1 + max(map(depth, inner)) if inner else 0


def cast(array: pa.Array, data_type: pa.DataType) -> pa.Array:
    """The array in a type that holds its values, by way of Python where Arrow knows no cast."""
    if array.type.equals(data_type):
        return array
    try:
        return array.cast(data_type, safe=False)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(array.to_pylist(), type=data_type)


def cast_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch in another schema: columns cast and reordered, absent ones null."""
    names = batch.schema.names
    arrays = [
        cast(batch.column(field.name), field.type)
        if field.name in names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def type_name(data_type: pa.DataType) -> str:
    """The type in words: string, int64, float64, bool, list<string>, struct<a: int64>."""
    if pa.types.is_float64(data_type):
        return "float64"
    if pa.types.is_float32(data_type):
        return "float32"
    if pa.types.is_float16(data_type):
        return "float16"
    if pa.types.is_large_string(data_type):
        return "string"
    if pa.types.is_large_binary(data_type):
        return "binary"
    if _is_any_list(data_type):
        return f"list<{type_name(data_type.value_type)}>"
    if pa.types.is_struct(data_type):
        inner = ", ".join(f"{field.name}: {type_name(field.type)}" for field in data_type)
        return f"struct<{inner}>"
    return str(data_type)


def _is_number(data_type: pa.DataType) -> bool:
    return pa.types.is_integer(data_type) or pa.types.is_floating(data_type)


def _both_integers(left: pa.DataType, right: pa.DataType) -> bool:
    return pa.types.is_integer(left) and pa.types.is_integer(right)


def _is_text(data_type: pa.DataType) -> bool:
    return pa.types.is_string(data_type) or pa.types.is_large_string(data_type)


def _is_any_list(data_type: pa.DataType) -> bool:
    return (
        pa.types.is_list(data_type)
        or pa.types.is_large_list(data_type)
        or pa.types.is_fixed_size_list(data_type)
        or pa.types.is_list_view(data_type)
        or pa.types.is_large_list_view(data_type)
    )
