"""What the API of Athena answers."""

import base64
import json
from typing import Any

from moto.athena.models import WorkGroup
from moto.athena.responses import AthenaResponse
from moto.core.exceptions import JsonRESTError

from stand_in.athena import queries, statement
from stand_in.athena.queries import Query
from stand_in.athena.statement import Malformed
from stand_in.world import World

MOST_ROWS = 1_000
SUBMITTED = ("QueryString", "QueryExecutionContext", "ResultConfiguration", "WorkGroup", "ExecutionParameters")

FIELDS = {"QueryExecutionContext": dict, "ResultConfiguration": dict, "WorkGroup": str, "ExecutionParameters": list}

# By client request token: what was asked with it, and the query.
_TOKENS: dict[str, tuple[str, Query]] = {}


class InvalidRequest(JsonRESTError):
    """A request that Athena does not take."""

    code = 400

    def __init__(self, message: str, code: str = "INVALID_INPUT") -> None:
        super().__init__("InvalidRequestException", message)
        error = {"__type": "InvalidRequestException", "AthenaErrorCode": code, "Message": message}
        self.description = json.dumps(error)


def install(world: World) -> None:
    """Replaces moto's operations."""
    world.on_reset.append(_reset)
    for operation in (
        start_query_execution,
        get_query_execution,
        batch_get_query_execution,
        stop_query_execution,
        get_query_results,
    ):
        setattr(AthenaResponse, operation.__name__, operation)


def _reset() -> None:
    queries.stop_all()
    _TOKENS.clear()


def start_query_execution(self: AthenaResponse) -> str:
    """Takes a query."""
    request = {name: self._get_param(name) for name in SUBMITTED if self._get_param(name) is not None}
    token = self._get_param("ClientRequestToken")
    if token in _TOKENS:
        asked, query = _TOKENS[token]
        if asked != json.dumps(request):
            raise InvalidRequest("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        return json.dumps({"QueryExecutionId": query.id})
    query = _make_query(self, request)
    if token:
        _TOKENS[token] = (json.dumps(request), query)
    self.athena_backend.executions[query.id] = query  # type: ignore[assignment]
    query.start()
    return json.dumps({"QueryExecutionId": query.id})


def _make_query(self: AthenaResponse, request: dict[str, Any]) -> Query:
    text, name = request.get("QueryString"), request.get("WorkGroup", "primary")
    if not isinstance(text, str):
        raise InvalidRequest("QueryString is required")
    for field, kind in FIELDS.items():
        if not isinstance(request.get(field, kind()), kind):
            raise InvalidRequest(f"{field} is of the wrong type")
    workgroup = self.athena_backend.work_groups.get(name)
    if workgroup is None:
        raise InvalidRequest(f"WorkGroup {name} is not found.")
    try:
        parsed = statement.read(text)
    except Malformed as error:
        raise InvalidRequest(str(error), "MALFORMED_QUERY") from error
    return Query(self.athena_backend, parsed, request, workgroup, _output(request, workgroup))


def _output(request: dict[str, Any], workgroup: WorkGroup) -> str:
    """Where results go: a workgroup may insist on its own place."""
    own = (workgroup.configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    asked = (request.get("ResultConfiguration") or {}).get("OutputLocation")
    found = own or asked if workgroup.configuration.get("EnforceWorkGroupConfiguration") else asked or own
    if not found or not found.startswith("s3://"):
        raise InvalidRequest(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    return found


def _find(self: AthenaResponse, query_id: Any) -> Query:
    found = self.athena_backend.executions.get(query_id)
    if not isinstance(found, Query):
        raise InvalidRequest(f"QueryExecution {query_id} was not found")
    return found


def get_query_execution(self: AthenaResponse) -> str:
    """Tells how a query is."""
    return json.dumps({"QueryExecution": describe(_find(self, self._get_param("QueryExecutionId")))})


def batch_get_query_execution(self: AthenaResponse) -> str:
    """Tells how some queries are."""
    wanted = self._get_param("QueryExecutionIds") or []
    known = self.athena_backend.executions
    return json.dumps(
        {
            "QueryExecutions": [describe(_find(self, one)) for one in wanted if one in known],
            "UnprocessedQueryExecutionIds": [
                {"QueryExecutionId": one, "ErrorCode": "INVALID_INPUT", "ErrorMessage": "It was not found"}
                for one in wanted
                if one not in known
            ],
        }
    )


def describe(query: Query) -> dict[str, Any]:
    """A query as the API tells it."""
    status: dict[str, Any] = {"State": query.status, "SubmissionDateTime": query.submitted}
    if query.is_over:
        status["CompletionDateTime"] = query.completed
    if query.reason is not None:
        status["StateChangeReason"] = query.reason
    if query.status == "FAILED":
        status["AthenaError"] = {"ErrorCategory": 2, "ErrorMessage": query.reason, "Retryable": False}
    total = int(1000 * max(0.0, query.completed - query.submitted))
    engine = int(1000 * max(0.0, query.completed - query.began)) if query.began else 0
    text = query.request["QueryString"]
    return {
        "QueryExecutionId": query.id,
        "Query": text,
        "StatementType": "DDL" if statement.first_word(text) in statement.ABSENT else "DML",
        "ResultConfiguration": {"OutputLocation": query.location},
        "QueryExecutionContext": query.request.get("QueryExecutionContext") or {},
        "ExecutionParameters": query.request.get("ExecutionParameters") or [],
        "Status": status,
        "Statistics": {
            "DataScannedInBytes": query.scanned,
            "EngineExecutionTimeInMillis": engine,
            "TotalExecutionTimeInMillis": total,
            "QueryQueueTimeInMillis": max(0, total - engine),
        },
        "WorkGroup": query.workgroup.name,
        "EngineVersion": query.workgroup.configuration["EngineVersion"],
    }


def stop_query_execution(self: AthenaResponse) -> str:
    """Ends a query; one that is over stays as it is."""
    _find(self, self._get_param("QueryExecutionId")).stop()
    return "{}"


def get_query_results(self: AthenaResponse) -> str:
    """A page of rows; the first row of the first page is the header."""
    query = _find(self, self._get_param("QueryExecutionId"))
    if query.result is None:
        if query.is_over:
            raise InvalidRequest(f"Query did not finish successfully. Final query state: {query.status}")
        raise InvalidRequest(f"Query has not yet finished. Current state: {query.status}")
    most = self._get_param("MaxResults", MOST_ROWS)
    if not isinstance(most, int) or not 1 <= most <= MOST_ROWS:
        raise InvalidRequest(f"MaxResults must be from 1 to {MOST_ROWS}")
    first = _offset(query, self._get_param("NextToken"))
    lines = [[one["Name"] for one in query.result.columns], *query.result.rows]
    answer: dict[str, Any] = {
        "UpdateCount": 0,
        "ResultSet": {
            "Rows": [{"Data": [_cell(value) for value in line]} for line in lines[first : first + most]],
            "ResultSetMetadata": {"ColumnInfo": query.result.columns},
        },
    }
    if first + most < len(lines):
        answer["NextToken"] = base64.urlsafe_b64encode(f"{query.id}:{first + most}".encode()).decode()
    return json.dumps(answer)


def _cell(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}


def _offset(query: Query, token: Any) -> int:
    if token is None:
        return 0
    try:
        owner, _, offset = base64.urlsafe_b64decode(token).decode().partition(":")
        if owner == query.id:
            return int(offset)
    except (ValueError, TypeError):
        pass
    raise InvalidRequest("NextToken is not of this query")
