"""Reads Athena's SQL: one query, with its parameters bound to it."""

import sqlglot
import sqlglot.errors
from sqlglot import exp
from sqlglot.tokens import TokenType

# Queries are in Trino's SQL. Only DDL, which the stand-in does not run, is in Hive's.
DIALECT = "trino"
ABSENT = ("ALTER", "CREATE", "DELETE", "DESC", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN", "INSERT", "MERGE", "MSCK")
ABSENT += ("OPTIMIZE", "PREPARE", "DEALLOCATE", "SHOW", "TRUNCATE", "UNLOAD", "UPDATE", "USE", "VACUUM", "CALL", "SET")
LONGEST_STATEMENT_BYTES = 262_144

_MARK = "stand_in_parameter_"
_CONSTANTS = (exp.Literal, exp.Boolean, exp.Null, exp.Neg, exp.Paren, exp.Array, exp.Cast, exp.DataType)
_CONSTANTS += (exp.DataTypeParam, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Interval, exp.Var)


class QueryFailure(Exception):
    """Why a query fails once it runs, in Athena's words as far as we know them."""


class Malformed(Exception):
    """Why a statement is not even taken."""


def first_word(text: str) -> str:
    """The word that tells what kind of statement it is; comments do not count."""
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
    except sqlglot.errors.TokenError as error:
        raise Malformed(f"line 1:1: {error}") from error
    return tokens[0].text.upper() if tokens else ""


def read(text: str) -> exp.Query | None:
    """The query in `text`, its parameters marked; None for what is not in the stand-in. Raises Malformed."""
    word = first_word(text)
    if not word or len(text.encode()) > LONGEST_STATEMENT_BYTES:
        raise Malformed("queryString must have 1 to 262144 bytes")
    if word in ABSENT:
        return None
    try:
        found = [one for one in sqlglot.parse(_marked(text), read=DIALECT) if one is not None]
    except sqlglot.errors.ParseError as error:
        raise Malformed(_position(error)) from error
    except RecursionError as error:
        raise Malformed("line 1:1: statement is too deep") from error
    if len(found) != 1:
        raise Malformed("Only one sql statement is allowed.")
    if not isinstance(found[0], exp.Query):
        raise Malformed(f"line 1:1: mismatched input '{word}'. Expecting: <query>")
    return found[0]


def _marked(text: str) -> str:
    """The text with a name for each parameter: the parser forgets their order."""
    marks = [one for one in sqlglot.tokenize(text, read=DIALECT) if one.token_type == TokenType.PLACEHOLDER]
    for number, mark in reversed(list(enumerate(marks))):
        text = f"{text[: mark.start]}:{_MARK}{number}{text[mark.end + 1 :]}"
    return text


def _position(error: sqlglot.errors.ParseError) -> str:
    found = error.errors[0] if error.errors else {}
    line, column, what = found.get("line", 1), found.get("col", 1), found.get("highlight", "")
    return f"line {line}:{column}: mismatched input '{what or '<EOF>'}'. {found.get('description', '')}".strip()


def bind(query: exp.Query, parameters: list[str]) -> None:
    """Puts values where the parameters are, as values: none can become more than a constant."""
    marks = [one for one in query.find_all(exp.Placeholder) if str(one.this or "").startswith(_MARK)]
    if len(marks) != len(parameters):
        raise QueryFailure(
            "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: "
            f"expected {len(marks)} but found {len(parameters)}"
        )
    for mark in marks:
        mark.replace(constant(parameters[int(mark.this.removeprefix(_MARK))]))


def constant(text: str) -> exp.Expression:
    """A constant in SQL, as execution parameters are: texts are in quotes. Raises QueryFailure."""
    try:
        found = sqlglot.parse_one(text, read=DIALECT)
    except (sqlglot.errors.ParseError, sqlglot.errors.TokenError) as error:
        raise QueryFailure(f"SYNTAX_ERROR: the execution parameter {text!r} is no expression") from error
    for node in found.walk():
        if isinstance(node, exp.Column):
            raise QueryFailure(f"COLUMN_NOT_FOUND: line 1:1: Column '{node.name}' cannot be resolved")
        if not isinstance(node, _CONSTANTS):
            raise QueryFailure(f"NOT_SUPPORTED: the execution parameter {text!r} is no constant")
    return exp.paren(found, copy=False) if isinstance(found, exp.Binary) else found


def name_columns(query: exp.Query) -> None:
    """Gives columns without a name those that Athena gives."""
    for number, column in enumerate(query.selects):
        if not column.output_name and not column.is_star:
            column.replace(exp.alias_(column.copy(), f"_col{number}"))
