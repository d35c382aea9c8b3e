"""The life of each query: QUEUED, RUNNING, and then SUCCEEDED, FAILED or CANCELLED."""

import concurrent.futures
import logging
import threading
import uuid
import weakref
from typing import Any

from moto.athena.models import AthenaBackend, WorkGroup
from moto.glue.models import glue_backends
from moto.s3.models import S3Backend, s3_backends
from sqlglot import exp

from stand_in.athena import statement
from stand_in.athena.engine import Cancelled, Engine, Result
from stand_in.athena.statement import QueryFailure
from stand_in.athena.values import csv_of
from stand_in.clock import clock

LOG = logging.getLogger(__name__)

ABSENT_STATEMENT = "NOT_SUPPORTED: statements of this kind are not in the stand-in, only queries are"
MOST_AT_ONCE = 2

_POOL = concurrent.futures.ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="athena")
_LIVE: "weakref.WeakSet[Query]" = weakref.WeakSet()


class Query:
    """One query execution."""

    def __init__(
        self,
        backend: AthenaBackend,
        parsed: exp.Query | None,
        request: dict[str, Any],
        workgroup: WorkGroup,
        output: str,
    ) -> None:
        self.id = str(uuid.uuid4())
        self.request = request
        # moto's own list of executions asks for this.
        self.workgroup = workgroup
        self.location = f"{output.rstrip('/')}/{self.id}.csv"
        self.status = "QUEUED"
        self.reason: str | None = None
        self.submitted, self.began, self.completed = clock.now(), 0.0, 0.0
        self.scanned = 0
        self.result: Result | None = None
        self._account, self._region = backend.account_id, backend.region_name
        self._parsed = parsed
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.status not in ("QUEUED", "RUNNING")

    def start(self) -> None:
        """Queues it."""
        _LIVE.add(self)
        _POOL.submit(self._run)

    def stop(self, reason: str = "Query cancelled by user") -> None:
        """Ends it, if it is not over."""
        with self._lock:
            if self._end("CANCELLED", reason) and self._engine is not None:
                self._engine.stop()

    def _end(self, status: str, reason: str | None = None) -> bool:
        if self.is_over:
            return False
        self.status, self.reason, self.completed = status, reason, clock.now()
        return True

    def _run(self) -> None:
        try:
            self._finish(self._answer())
        except Cancelled as error:
            self._fail("CANCELLED", str(error), error.scanned)
        except QueryFailure as error:
            self._fail("FAILED", str(error))
        except Exception as error:
            LOG.exception("query %s", self.id)
            self._fail("FAILED", f"GENERIC_INTERNAL_ERROR: the stand-in failed: {type(error).__name__}")

    def _fail(self, status: str, reason: str, scanned: int = 0) -> None:
        with self._lock:
            if self._end(status, reason):
                self.scanned = scanned

    def _answer(self) -> Result:
        if self._parsed is None:
            raise QueryFailure(ABSENT_STATEMENT)
        with self._lock:
            if self.is_over:
                raise Cancelled("Query cancelled by user")
            self.status, self.began = "RUNNING", clock.now()
            self._engine = self._make_engine()
        statement.bind(self._parsed, self.request.get("ExecutionParameters") or [])
        return self._engine.run(self._parsed)

    def _make_engine(self) -> Engine:
        database = (self.request.get("QueryExecutionContext") or {}).get("Database")
        limit = self.workgroup.configuration.get("BytesScannedCutoffPerQuery")
        return Engine(glue_backends[self._account][self._region], self._s3, database, limit)

    @property
    def _s3(self) -> S3Backend:
        return s3_backends[self._account]["aws"]

    def _finish(self, result: Result) -> None:
        bucket, _, key = self.location.removeprefix("s3://").partition("/")
        with self._lock:
            if self.is_over:
                return
            if bucket not in self._s3.buckets:
                raise QueryFailure(f"The S3 location provided to save your query results is invalid: {self.location}")
            self._s3.put_object(bucket, key, csv_of(result.columns, result.rows))
            self.result, self.scanned = result, result.scanned
            self._end("SUCCEEDED")


def stop_all() -> None:
    """Ends every query, without waiting for it."""
    for query in list(_LIVE):
        query.stop()
    _LIVE.clear()
