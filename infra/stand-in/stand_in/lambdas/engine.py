"""Invoking a function: finds it, runs the event in an instance, and notes the attempt."""

import uuid
from typing import Any

from stand_in.lambdas.fleet import Fleet
from stand_in.lambdas.model import CannotStart, Invocation, Outcome, error_payload
from stand_in.lambdas.records import Records
from stand_in.world import ACCOUNT, REGION


class Engine:
    """The one way into functions, for all that invoke them."""

    def __init__(self, fleet: Fleet, records: Records) -> None:
        self.fleet = fleet
        self.records = records

    @staticmethod
    def function(name_or_arn: str, qualifier: str | None = None) -> Any:
        """Moto's LambdaFunction. Raises moto's UnknownFunctionException."""
        from moto.awslambda.models import lambda_backends

        region = name_or_arn.split(":")[3] if name_or_arn.startswith("arn:") else REGION
        return lambda_backends[ACCOUNT][region].get_function(name_or_arn, qualifier)

    def call(
        self,
        function: Any,
        event: bytes,
        source: str,
        attempt: int = 1,
        request_id: str | None = None,
        wait: bool = False,
    ) -> Outcome:
        """Invokes once and waits for the outcome. Raises Throttled, unless `wait`, and Closed at a reset."""
        version = str(function.version)
        request_id = request_id or str(uuid.uuid4())
        work = Invocation(event, function.function_arn, float(function.timeout or 3), version, request_id)
        try:
            with self.fleet.lease(function, wait) as instance:
                record = self.records.begin(function.function_name, request_id, event, source, attempt)
                outcome = instance.run(work)
        except CannotStart as error:
            record = self.records.begin(function.function_name, request_id, event, source, attempt)
            payload = error_payload("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {error}")
            outcome = Outcome(payload, True, request_id, version)
        self.records.finish(record, outcome)
        return outcome
