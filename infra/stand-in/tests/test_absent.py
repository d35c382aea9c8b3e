"""What neither moto nor the stand-in has fails, and never seems to work."""

from typing import Any

import botocore.exceptions
import botocore.parsers
import pytest
from conftest import Client

USER = "arn:aws:iam::123456789012:user/ann"
DESTINATION = {"DestinationArn": "arn:aws:s3:::bucket", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k"}
ABSENT: list[tuple[str, str, dict[str, Any]]] = [
    ("ssm", "start_automation_execution", {"DocumentName": "AWS-StopEC2Instance"}),
    ("iam", "simulate_principal_policy", {"PolicySourceArn": USER, "ActionNames": ["s3:GetObject"]}),
    ("iam", "put_user_permissions_boundary", {"UserName": "ann", "PermissionsBoundary": USER}),
    (
        "guardduty",
        "create_publishing_destination",
        {"DetectorId": "d", "DestinationType": "S3", "DestinationProperties": DESTINATION},
    ),
]


@pytest.mark.parametrize(("service", "operation", "values"), ABSENT)
def test_absent_operations_fail(stand_in: Client, service: str, operation: str, values: dict[str, Any]) -> None:
    failures = (botocore.exceptions.ClientError, botocore.parsers.ResponseParserError)
    with pytest.raises(failures):
        getattr(stand_in.client(service), operation)(**values)
