"""Types of columns: as Glue declares them, as Arrow holds them."""

import datetime
import decimal
import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from stand_in.athena.statement import QueryFailure

DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__"

SIMPLE: dict[str, pa.DataType] = {
    "string": pa.string(),
    "varchar": pa.string(),
    "char": pa.string(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    # Athena's have milliseconds; microseconds are what DuckDB calculates in.
    "timestamp": pa.timestamp("us"),
    "binary": pa.binary(),
}

_TOKEN = re.compile(r"\s*([A-Za-z_][\w.$-]*|\d+|[<>(),:])")


def arrow_type(declared: str) -> pa.DataType:
    """The Arrow type of a type as Glue writes it: array<struct<a:int,b:decimal(10,2)>>. Raises QueryFailure."""
    tokens = _tokens(declared)
    try:
        found = _read(tokens)
        end = next(tokens, None)
    except (StopIteration, KeyError, ValueError, pa.ArrowInvalid) as error:
        raise _unknown(declared) from error
    if end is not None:
        raise _unknown(declared)
    return found


def _unknown(declared: str) -> QueryFailure:
    return QueryFailure(f"HIVE_INVALID_METADATA: Glue declares the type {declared!r}, which is not in the stand-in")


class _Tokens(Iterator[str]):
    """Words and signs of a type, with one to look ahead at."""

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def __next__(self) -> str:
        if not self._words:
            raise StopIteration
        return self._words.pop(0)

    def skip(self, sign: str) -> bool:
        """Whether `sign` was next; then it is taken."""
        if self._words[:1] != [sign]:
            return False
        self._words.pop(0)
        return True

    def take(self, sign: str) -> None:
        """Takes `sign`, which must be next."""
        if not self.skip(sign):
            raise ValueError(sign)


def _tokens(declared: str) -> _Tokens:
    if _TOKEN.sub("", declared).strip():
        raise _unknown(declared)
    return _Tokens(_TOKEN.findall(declared))


def _read(tokens: _Tokens) -> pa.DataType:
    name = next(tokens).lower()
    if name == "array":
        tokens.take("<")
        found: pa.DataType = pa.list_(_read(tokens))
        tokens.take(">")
        return found
    if name == "map":
        tokens.take("<")
        key = _read(tokens)
        tokens.take(",")
        found = pa.map_(key, _read(tokens))
        tokens.take(">")
        return found
    if name == "struct":
        return _read_struct(tokens)
    numbers = _read_numbers(tokens)
    if name == "decimal":
        return pa.decimal128(*(numbers or [10, 0]))
    return SIMPLE[name]


def _read_struct(tokens: _Tokens) -> pa.DataType:
    fields = []
    tokens.take("<")
    while True:
        name = next(tokens)
        tokens.take(":")
        fields.append(pa.field(name.lower(), _read(tokens)))
        if not tokens.skip(","):
            tokens.take(">")
            return pa.struct(fields)


def _read_numbers(tokens: _Tokens) -> list[int]:
    numbers = []
    if tokens.skip("("):
        numbers.append(int(next(tokens)))
        while tokens.skip(","):
            numbers.append(int(next(tokens)))
        tokens.take(")")
    return numbers


def partition_value(text: str, kind: pa.DataType, key: str) -> Any:
    """A partition's value, which Glue keeps as a text, in the type of its column. Raises QueryFailure."""
    if text == DEFAULT_PARTITION:
        return None
    try:
        if pa.types.is_string(kind):
            return text
        if pa.types.is_integer(kind):
            return pa.scalar(int(text), kind).as_py()
        if pa.types.is_date(kind):
            return datetime.date.fromisoformat(text)
        if pa.types.is_timestamp(kind):
            return datetime.datetime.fromisoformat(text)
        if pa.types.is_decimal(kind):
            return decimal.Decimal(text)
        if pa.types.is_floating(kind):
            return float(text)
        if pa.types.is_boolean(kind):
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError, OverflowError, decimal.InvalidOperation, pa.ArrowInvalid) as error:
        raise QueryFailure(
            f"HIVE_INVALID_PARTITION_VALUE: Invalid partition value '{text}' for {kind} partition key: {key}"
        ) from error
    raise QueryFailure(f"NOT_SUPPORTED: the partition key {key} of type {kind} is not in the stand-in")


def fits(stored: pa.DataType, declared: pa.DataType) -> bool:
    """Whether Athena reads a column that is stored as one type and declared as another."""
    if pa.types.is_dictionary(stored):
        return fits(stored.value_type, declared)
    if pa.types.is_struct(declared):
        return pa.types.is_struct(stored) and all(_fits_field(stored, field) for field in declared)
    if pa.types.is_map(declared):
        pairs = ((stored.key_type, declared.key_type), (stored.item_type, declared.item_type))
        return pa.types.is_map(stored) and all(fits(*pair) for pair in pairs)
    if pa.types.is_list(declared):
        listed = pa.types.is_list(stored) or pa.types.is_large_list(stored)
        return listed and fits(stored.value_type, declared.value_type)
    return any(_is(kind, stored) and _is(kind, declared) for kind in _KINDS)


def _fits_field(stored: pa.StructType, field: pa.Field) -> bool:
    position = stored.get_field_index(field.name)
    return position < 0 or fits(stored.field(position).type, field.type)


def _is(kind: str, one: pa.DataType) -> bool:
    return any(check(one) for check in _KINDS[kind])


_KINDS = {
    "whole": [pa.types.is_integer],
    "floating": [pa.types.is_floating],
    "text": [pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary],
    "truth": [pa.types.is_boolean],
    "date": [pa.types.is_date],
    "time": [pa.types.is_timestamp],
    "decimal": [pa.types.is_decimal],
}
