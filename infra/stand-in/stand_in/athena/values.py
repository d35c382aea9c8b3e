"""Results as Athena writes them: names of types, and each value as a text."""

import datetime
import decimal
import math
import struct
from typing import Any

ColumnInfo = dict[str, Any]

# DuckDB's name, then Athena's, then the precision that Athena tells.
SIMPLE: dict[str, tuple[str, int]] = {
    "varchar": ("varchar", 2_147_483_647),
    "boolean": ("boolean", 0),
    "tinyint": ("tinyint", 3),
    "smallint": ("smallint", 5),
    "integer": ("integer", 10),
    "bigint": ("bigint", 19),
    "utinyint": ("smallint", 5),
    "usmallint": ("integer", 10),
    "uinteger": ("bigint", 19),
    "ubigint": ("bigint", 19),
    # DuckDB sums up in wider numbers than Athena.
    "hugeint": ("bigint", 19),
    "float": ("float", 17),
    "double": ("double", 17),
    "date": ("date", 0),
    "time": ("time", 3),
    "timestamp": ("timestamp", 3),
    "timestamp_s": ("timestamp", 3),
    "timestamp_ms": ("timestamp", 3),
    "timestamp_ns": ("timestamp", 3),
    "timestamp with time zone": ("timestamp with time zone", 3),
    "interval": ("interval day to second", 0),
    "blob": ("varbinary", 1_073_741_824),
    "uuid": ("uuid", 0),
    "list": ("array", 0),
    "array": ("array", 0),
    "struct": ("row", 0),
    "map": ("map", 0),
}


def column_info(name: str, kind: Any) -> ColumnInfo:
    """A column of ResultSetMetadata."""
    scale = 0
    if kind.id == "decimal":
        numbers = dict(kind.children)
        told, precision, scale = "decimal", numbers["precision"], numbers["scale"]
    elif str(kind) == "JSON":
        told, precision = "json", 0
    else:
        told, precision = SIMPLE.get(kind.id, ("varchar", 2_147_483_647))
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name.lower(),
        "Label": name.lower(),
        "Type": told,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": told in ("varchar", "char"),
    }


def text_of(value: Any, kind: Any) -> str | None:
    """A value as Athena writes it; None is null."""
    return None if value is None else _text(value, kind)


def _text(value: Any, kind: Any) -> str:
    if value is None:
        return "null"
    if kind.id in ("list", "array"):
        child = kind.children[0][1]
        return f"[{', '.join(_text(one, child) for one in value)}]"
    if kind.id == "struct":
        return "{" + ", ".join(f"{name}={_text(value[name], child)}" for name, child in kind.children) + "}"
    if kind.id == "map":
        (_, key), (_, item) = kind.children
        return "{" + ", ".join(f"{_text(one, key)}={_text(value[one], item)}" for one in value) + "}"
    if kind.id == "float":
        return _number_text(_shortest(value))
    return _simple_text(value)


def _shortest(value: float) -> float:
    """The shortest number that is the same in 32 bits: 0.1 where 64 bits show 0.10000000149011612."""
    texts = (f"{value:.{digits}g}" for digits in range(6, 10))
    return next((float(one) for one in texts if struct.pack("f", float(one)) == struct.pack("f", value)), value)


def _simple_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        text = value.strftime("%Y-%m-%d %H:%M:%S") + f".{value.microsecond // 1000:03}"
        return f"{text} UTC" if value.tzinfo else text
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S") + f".{value.microsecond // 1000:03}"
    if isinstance(value, datetime.timedelta):
        return _interval_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex(" ")
    return str(value)


def _number_text(value: float) -> str:
    """A number as Java writes it: 1.0, 1.5E10."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return format(decimal.Decimal(repr(value)), "f") if value else repr(value)
    digits = decimal.Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits.digits))
    exponent = int(digits.exponent) + len(text) - 1
    return f"{'-' if digits.sign else ''}{text[0]}.{text[1:] or '0'}E{exponent}"


def _interval_text(value: datetime.timedelta) -> str:
    sign, whole = ("-", -value) if value < datetime.timedelta() else ("", value)
    minutes, seconds = divmod(whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{whole.days} {hours:02}:{minutes:02}:{seconds:02}.{whole.microseconds // 1000:03}"


def csv_of(columns: list[ColumnInfo], rows: list[list[str | None]]) -> bytes:
    """The file that Athena writes to the output location: every value in quotes, nothing at all for null."""
    lines = [[one["Name"] for one in columns], *rows]
    return "".join(",".join(map(_csv_value, line)) + "\n" for line in lines).encode()


def _csv_value(value: str | None) -> str:
    # Python's csv module cannot tell null from an empty text before 3.12.
    return "" if value is None else '"' + value.replace('"', '""') + '"'
