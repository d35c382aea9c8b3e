"""Runs one query in a DuckDB of its own, which can reach nothing but the query's tables."""

import contextlib
import dataclasses
import re
import threading
from typing import Any

import duckdb
from moto.glue.models import GlueBackend
from moto.s3.models import S3Backend
from sqlglot import exp

from stand_in.athena import catalog, parquet, pruning
from stand_in.athena.statement import QueryFailure, name_columns
from stand_in.athena.values import ColumnInfo, column_info, text_of

CONFIGURATION: dict[str, Any] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "1",
    "memory_limit": "1GB",
}
# Functions of Athena that neither DuckDB has nor the translation knows.
MACROS = (
    "CREATE MACRO map_agg(k, v) AS map(list(k), list(v))",
    """CREATE MACRO to_iso8601(x) AS CASE typeof(x) WHEN 'DATE' THEN strftime(x, '%Y-%m-%d')
    WHEN 'TIMESTAMP WITH TIME ZONE' THEN strftime(x, '%Y-%m-%dT%H:%M:%S.%gZ')
    ELSE strftime(x, '%Y-%m-%dT%H:%M:%S.%g') END""",
)
SCAN_LIMIT = "Bytes scanned limit was exceeded"


class Cancelled(Exception):
    """A query that was stopped, by a person or by its workgroup's limit."""

    def __init__(self, reason: str, scanned: int = 0) -> None:
        super().__init__(reason)
        self.scanned = scanned


@dataclasses.dataclass
class Result:
    """What a query gave."""

    columns: list[ColumnInfo]
    rows: list[list[str | None]]
    scanned: int


class Engine:
    """One query and what it may read."""

    def __init__(self, glue: GlueBackend, s3: S3Backend, database: str | None, scan_limit: int | None) -> None:
        self._glue, self._s3 = glue, s3
        self._database, self._scan_limit = database, scan_limit
        self._stopped = threading.Event()
        self._connection = duckdb.connect(":memory:", config=CONFIGURATION)
        self._scanned = 0

    def stop(self) -> None:
        """Ends the query soon, from any thread."""
        self._stopped.set()
        # It may have closed its connection just now.
        with contextlib.suppress(duckdb.ConnectionException):
            self._connection.interrupt()

    def run(self, query: exp.Query) -> Result:
        """Runs a query whose parameters are bound. Raises QueryFailure and Cancelled."""
        try:
            self._prepare()
            self._load(query)
            name_columns(query)
            found = self._connection.execute(query.sql(dialect="duckdb"))
            kinds = [(one[0], one[1]) for one in found.description]
            rows = [_texts(row, kinds) for row in found.fetchall()]
        except duckdb.Error as error:
            self._check()
            raise QueryFailure(reason_of(error)) from error
        finally:
            self._connection.close()
        self._check()
        return Result([column_info(name, kind) for name, kind in kinds], rows, self._scanned)

    def _check(self) -> None:
        if self._stopped.is_set():
            raise Cancelled("Query cancelled by user", self._scanned)

    def _prepare(self) -> None:
        for macro in MACROS:
            self._connection.execute(macro)
        self._connection.execute("SET TimeZone = 'UTC'")
        # Whole numbers stay whole in Athena's divisions.
        self._connection.execute("SET integer_division = true")
        self._connection.execute("SET lock_configuration = true")

    def _load(self, query: exp.Query) -> None:
        places: dict[tuple[str, str], list[exp.Table]] = {}
        for place, name in catalog.named_tables(query, self._database):
            places.setdefault(name, []).append(place)
        for number, ((database, name), where) in enumerate(places.items()):
            self._check()
            table = catalog.find_table(self._glue, database, name)
            chosen = [
                (partition, file)
                for partition in pruning.needed(self._connection, table, where)
                for file in catalog.files_of(self._s3, partition)
            ]
            self._count(sum(file.size for _, file in chosen))
            self._connection.register(f"table {number}", parquet.read_table(table, chosen))
            for place in where:
                _lead(place, f"table {number}")
        for column in query.find_all(exp.Column):
            # Tables have no database any more.
            column.set("db", None)
            column.set("catalog", None)

    def _count(self, size: int) -> None:
        self._scanned += size
        if self._scan_limit is not None and self._scanned > self._scan_limit:
            raise Cancelled(SCAN_LIMIT, self._scan_limit)


def _texts(row: tuple[Any, ...], kinds: list[tuple[str, Any]]) -> list[str | None]:
    return [text_of(value, kind) for value, (_, kind) in zip(row, kinds, strict=True)]


def _lead(place: exp.Table, name: str) -> None:
    """Makes a place where a query names a table mean another, by the same name for the rest of the query."""
    if not place.alias:
        place.set("alias", exp.TableAlias(this=exp.to_identifier(place.name, quoted=True)))
    place.set("this", exp.to_identifier(name, quoted=True))
    place.set("db", None)
    place.set("catalog", None)


def reason_of(error: duckdb.Error) -> str:
    """DuckDB's error in Athena's words, as far as they are alike."""
    text = str(error).splitlines()[0]
    if found := re.search(r'Referenced column "([^"]+)"|does not have a column named "([^"]+)"', text):
        column = found[1] or found[2]
        return f"COLUMN_NOT_FOUND: line 1:1: Column '{column}' cannot be resolved or requester is not authorized"
    if found := re.search(r"(?:Function|Type) with name (\S+) does not exist", text):
        return f"FUNCTION_NOT_FOUND: line 1:1: Function '{found[1]}' not registered (or not in the stand-in)"
    if isinstance(error, duckdb.ConversionException):
        return f"INVALID_CAST_ARGUMENT: {text}"
    if isinstance(error, duckdb.BinderException):
        return f"TYPE_MISMATCH: line 1:1: {text}"
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"EXCEEDED_MEMORY_LIMIT: {text}"
    return f"GENERIC_INTERNAL_ERROR: {text}"
