"""Requests as the SDK would send them, and the operations that they are taken for."""

import datetime
import time
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode

import botocore.loaders
import botocore.model
import botocore.serialize
import pytest
from conftest import Client

from stand_in.operations import keep_body, tell

# Directory buckets are listed by the very same request; answers of Object Lambda go to a host of their own.
NOT_TOLD = {"ListDirectoryBuckets": "ListBuckets", "WriteGetObjectResponse": "UnknownPost"}


def environ(
    method: str = "GET", path: str = "/", query: str = "", service: str = "", body: bytes = b"", **more: str
) -> dict[str, Any]:
    """A request in WSGI."""
    found: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "RAW_URI": quote(path, safe="/%:") + (f"?{query}" if query else ""),
        "QUERY_STRING": query,
        "HTTP_HOST": "127.0.0.1:4000",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        **more,
    }
    if service:
        scope = f"AKIA/20260101/us-east-1/{service}/aws4_request"
        found["HTTP_AUTHORIZATION"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    return found


FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/x-amz-json-1.0"


@pytest.mark.parametrize(
    ("request_", "name", "protocol"),
    [
        (environ("PUT", "/b/k", "x-id=PutObject", "s3"), "s3:PutObject", "rest-xml"),
        (environ("PUT", "/b/k", "", "s3", HTTP_X_AMZ_COPY_SOURCE="b/j"), "s3:CopyObject", "rest-xml"),
        (environ("PUT", "/b/k", "partNumber=1&uploadId=u", "s3"), "s3:UploadPart", "rest-xml"),
        (environ("POST", "/b/k", "uploads=", "s3"), "s3:CreateMultipartUpload", "rest-xml"),
        (environ("GET", "/b/", "list-type=2&prefix=a%2F", "s3"), "s3:ListObjectsV2", "rest-xml"),
        (environ("GET", "/b", "prefix=a", "s3"), "s3:ListObjects", "rest-xml"),
        (environ("PATCH", "/b/k", "", "s3"), "s3:UnknownPatch", "rest-xml"),
        (environ("GET", "/b/k"), "s3:GetObject", "rest-xml"),
        (environ("GET", "/b/k", f"X-Amz-Credential={quote('A/20260101/r/s3/aws4_request', safe='')}"),
         "s3:GetObject", "rest-xml"),
        (environ("POST", "/", "", "glue", HTTP_X_AMZ_TARGET="AWSGlue.BatchCreatePartition"),
         "glue:BatchCreatePartition", "json-1.1"),
        (environ("POST", "/", HTTP_X_AMZ_TARGET="AWSStepFunctions.StartExecution", CONTENT_TYPE=JSON),
         "states:StartExecution", "json-1.0"),
        (environ("POST", "/", HTTP_X_AMZ_TARGET="DynamoDB_20120810.PutItem", CONTENT_TYPE=JSON),
         "dynamodb:PutItem", "json-1.0"),
        (environ("POST", "/", "", "sqs", HTTP_X_AMZ_TARGET="AmazonSQS.SendMessage", CONTENT_TYPE=JSON),
         "sqs:SendMessage", "json-1.0"),
        (environ("POST", "/", "", "iam", b"Action=UpdateAccessKey&Version=2010-05-08", CONTENT_TYPE=FORM),
         "iam:UpdateAccessKey", "query"),
        (environ("POST", "/", "", "", b"Version=2010-03-31&Action=Publish", CONTENT_TYPE=FORM),
         "sns:Publish", "query"),
        (environ("POST", "/", "", "ec2", b"Action=DescribeInstances&Version=2016-11-15", CONTENT_TYPE=FORM),
         "ec2:DescribeInstances", "ec2"),
        (environ("POST", "/2015-03-31/functions/hello/invocations", "", "lambda"), "lambda:Invoke", "rest-json"),
        (environ("POST", "/2015-03-31/functions/hello/invocations"), "lambda:Invoke", "rest-json"),
        (environ("GET", "/2015-03-31/functions/", "", "lambda"), "lambda:ListFunctions", "rest-json"),
        (environ("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", "", "monitoring",
                 HTTP_SMITHY_PROTOCOL="rpc-v2-cbor"), "monitoring:PutMetricData", "cbor"),
        (environ("GET", "/", HTTP_HOST="sts.us-east-1.amazonaws.com"), "sts:UnknownGet", "query"),
        (environ("GET", "/k", HTTP_HOST="b.s3.us-east-1.amazonaws.com"), "s3:GetObject", "rest-xml"),
    ],
)  # fmt: skip
def test_it_tells_the_operation(request_: dict[str, Any], name: str, protocol: str) -> None:
    """Of signed, presigned and unsigned requests in every protocol."""
    call = tell(request_)
    assert (call.name, call.protocol) == (name, protocol)


def test_bucket_and_key_are_as_the_user_named_them() -> None:
    """Path style and host style, and letters beyond ASCII."""
    path = "/b/folder/é".encode().decode("latin-1")
    assert tell(environ("GET", path, "", "s3")).resource == "b/folder/é"
    assert tell(environ("GET", "/k", HTTP_HOST="b.s3.us-east-1.amazonaws.com")).resource == "b/k"
    assert tell(environ("GET", "/b//k", "", "s3")).key == "/k"


def test_the_body_stays() -> None:
    """What was read to tell the operation can be read again."""
    request = environ("POST", "/", "", "", b"Action=Publish&Version=2010-03-31", CONTENT_TYPE=FORM)
    tell(request)
    assert keep_body(request) == keep_body(request) == b"Action=Publish&Version=2010-03-31"


@pytest.mark.parametrize("junk", ["Credential=", "AWS4-HMAC-SHA256 Credential=a/b/c", "\x00\xff", "Bearer x.y.z"])
def test_junk_is_some_s3_call(junk: str) -> None:
    """No header makes it fail."""
    found = tell(environ("GET", "/\xff%", "&&=&%zz=%", HTTP_AUTHORIZATION=junk, HTTP_HOST=junk))
    assert found.service == "s3"


def sample(shape: botocore.model.Shape) -> Any:
    """The least value that a shape allows."""
    least = int(shape.metadata.get("min") or 1)
    match shape.type_name:
        case "structure":
            return {name: sample(shape.members[name]) for name in shape.required_members}
        case "list":
            return [sample(shape.member)]
        case "map":
            return {}
        case "string":
            return (shape.metadata.get("enum") or ["x" * least])[0]
        case "boolean":
            return True
        case "timestamp":
            return datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        case "blob":
            return b"x"
    return least


def as_sent(service: str, operation: botocore.model.OperationModel) -> dict[str, Any]:
    """The least request of an operation, as botocore would send it."""
    values = sample(operation.input_shape) if operation.input_shape else {}
    sent = botocore.serialize.create_serializer(operation.metadata["protocol"], False).serialize_to_request(
        values, operation
    )
    headers = {"HTTP_" + name.upper().replace("-", "_"): str(value) for name, value in sent["headers"].items()}
    path, _, fixed = sent["url_path"].partition("?")
    query = "&".join(part for part in (fixed, urlencode(sent["query_string"], doseq=True)) if part)
    return environ(sent["method"], path, query, service, **headers)


@pytest.mark.parametrize(
    ("model", "signed_for", "floor"),
    [
        ("s3", "s3", 100),
        ("lambda", "lambda", 80),
        ("guardduty", "guardduty", 90),
        ("scheduler", "scheduler", 12),
        ("apigatewayv2", "apigateway", 80),
        ("cloudfront", "cloudfront", 150),
        ("accessanalyzer", "access-analyzer", 35),
    ],
)
def test_every_operation_of_the_model_is_told(model: str, signed_for: str, floor: int) -> None:
    """All of S3 and of the REST services of Trailhouse, but what is deprecated."""
    loaded = botocore.loaders.Loader().load_service_model(model, "service-2")
    service = botocore.model.ServiceModel(loaded, model)
    wrong, count = {}, 0
    for name in service.operation_names:
        operation = service.operation_model(name)
        if operation.deprecated:
            continue
        count += 1
        found = tell(as_sent(signed_for, operation)).operation
        if found != NOT_TOLD.get(name, name):
            wrong[name] = found
    assert not wrong and count >= floor


def test_it_is_cheap() -> None:
    """Under 0.2 ms for a typical request, with room for a busy machine by the best of some rounds."""
    requests = [
        environ("PUT", "/b/folder/k", "x-id=PutObject", "s3"),
        environ("GET", "/b/", "list-type=2&prefix=a%2F", "s3"),
        environ("POST", "/2015-03-31/functions/hello/invocations", "", "lambda"),
    ]
    best = float("inf")
    for _ in range(20):
        started = time.perf_counter()
        for request in requests:
            tell(request)
        best = min(best, (time.perf_counter() - started) / len(requests))
    assert best < 0.0002


def test_calls_over_the_wire_are_told(stand_in: Client) -> None:
    """What boto3 sends comes out by name in the list of calls."""
    stand_in.client("s3").create_bucket(Bucket="told")
    stand_in.client("sqs").create_queue(QueueName="told")
    stand_in.client("sns").list_topics()
    stand_in.client("lambda").list_functions()
    names = [call["operation"] for call in stand_in.get("/_stand-in/calls")[1]]
    assert names == ["s3:CreateBucket", "sqs:CreateQueue", "sns:ListTopics", "lambda:ListFunctions"]
