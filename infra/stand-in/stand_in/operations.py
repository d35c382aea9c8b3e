"""Which AWS operation a request is: "s3:PutObject", "glue:BatchCreatePartition", "lambda:Invoke".

The service is the one that the request is signed for, so the names are those of IAM ("states", not "stepfunctions").
RPC services name the operation themselves; for REST services the paths of botocore's service models tell.
"""

import dataclasses
import functools
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import botocore.loaders

from stand_in.answers import Environ, keep_body

# Unsigned requests: the start of X-Amz-Target, the Version of a query call, or a path of old fame tell the service.
_BY_TARGET = {
    "AWSGlue": "glue",
    "AWSStepFunctions": "states",
    "AmazonAthena": "athena",
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
    "AWSEvents": "events",
    "TrentService": "kms",
    "GraniteServiceVersion20100801": "monitoring",
    "CloudTrail_20131101": "cloudtrail",
    "AWSBudgetServiceGateway": "budgets",
}
_BY_VERSION = {
    "2010-05-08": "iam",
    "2011-06-15": "sts",
    "2010-03-31": "sns",
    "2012-11-05": "sqs",
    "2016-11-15": "ec2",
    "2010-08-01": "monitoring",
    "2010-05-15": "cloudformation",
}
_BY_PATH = {"/2015-03-31/": "lambda", "/v2/apis": "apigateway", "/2020-05-31/": "cloudfront", "/2013-04-01/": "route53"}
# Models whose name is not the name that is signed for.
MODELS = {
    "access-analyzer": ("accessanalyzer",),
    "apigateway": ("apigatewayv2", "apigateway"),
    "elasticloadbalancing": ("elb", "elbv2"),
    "monitoring": ("cloudwatch",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
}
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(?:[^/,\s]*)/(?:[^/,\s]*)/([^/,\s]+)")
_VERSION_2 = re.compile(r"AWS ([^:\s]+):")
_HOST = re.compile(r"(?:^|\.)([a-z0-9-]+?)(?:[.-][a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com")
_BUCKET_HOST = re.compile(r"^(.+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com")
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
_VERSION = re.compile(rb"(?:^|&)Version=([\d-]+)")
_CBOR_PATH = re.compile(r"^/service/(\w+)/operation/(\w+)$")


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of AWS. `protocol` is how its client wants errors told."""

    service: str
    operation: str
    protocol: str
    bucket: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        """Service and operation in one."""
        return f"{self.service}:{self.operation}"

    @property
    def resource(self) -> str:
        """Bucket and key of S3; of other services nothing."""
        return f"{self.bucket}/{self.key}" if self.key else self.bucket


def tell(environ: Environ) -> Call:
    """The operation of a request. Reads a body only of calls that name their operation there, and puts it back."""
    query = environ.get("QUERY_STRING", "")
    service = _service(environ, query)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        prefix, _, operation = target.rpartition(".")
        version = "1.0" if environ.get("CONTENT_TYPE", "").startswith("application/x-amz-json-1.0") else "1.1"
        return Call(service or _by_target(prefix), operation, f"json-{version}")
    path = environ.get("PATH_INFO", "/")
    cbor = _CBOR_PATH.match(path) if environ.get("HTTP_SMITHY_PROTOCOL") else None
    if cbor:
        return Call(service or _by_target(cbor[1]), cbor[2], "cbor")
    if service != "s3":
        form = _form(environ, query)
        action = _ACTION.search(form)
        if action:
            version_sent = _VERSION.search(form)
            service = service or _BY_VERSION.get(version_sent[1].decode() if version_sent else "", "unknown")
            return Call(service, action[1].decode(), "ec2" if service == "ec2" else "query")
    service = service or next((name for start, name in _BY_PATH.items() if path.startswith(start)), "s3")
    return _s3_call(environ, path, query) if service == "s3" else _rest_call(service, environ, path, query)


def signer(environ: Environ) -> tuple[str, str]:
    """Whose key signed a request, and for which service; empty strings if it is unsigned."""
    header = environ.get("HTTP_AUTHORIZATION", "")
    if found := _CREDENTIAL.search(header):
        return found[1], found[2]
    if found := _VERSION_2.match(header):
        return found[1], "s3"
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    if "AWSAccessKeyId" in query:
        return query["AWSAccessKeyId"], "s3"
    scope = query.get("X-Amz-Credential", "").split("/")
    return scope[0], scope[3] if len(scope) > 3 else ""


def path_of(environ: Environ) -> str:
    """The path as it was sent: %2F within a name is no slash."""
    return str(environ.get("RAW_URI") or environ.get("PATH_INFO", "/")).partition("?")[0]


def _service(environ: Environ, query: str) -> str:
    if signed := signer(environ)[1]:
        return signed.lower()
    host = environ.get("HTTP_HOST", "")
    named = _HOST.search(host) if "amazonaws" in host else None
    if named:
        return named[1]
    return ""


def _by_target(prefix: str) -> str:
    last = prefix.rpartition(".")[2]
    return _BY_TARGET.get(last, last.partition("_")[0].lower() or "unknown")


def _form(environ: Environ, query: str) -> bytes:
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return keep_body(environ) or query.encode("latin-1", "replace")
    return query.encode("latin-1", "replace")


def _s3_call(environ: Environ, path: str, query: str) -> Call:
    path = path.encode("latin-1", "replace").decode("utf-8", "replace")
    named = _BUCKET_HOST.match(environ.get("HTTP_HOST", ""))
    bucket, _, key = (f"{named[1]}{path}" if named else path[1:]).partition("/")
    level = "object" if key else "bucket" if bucket else "service"
    operation = _best(_s3_routes().get((environ["REQUEST_METHOD"], level), ()), environ, query)
    return Call("s3", operation or f"Unknown{environ['REQUEST_METHOD'].title()}", "rest-xml", bucket, key)


def _rest_call(service: str, environ: Environ, path: str, query: str) -> Call:
    protocol, routes = _rest_routes(service)
    sent = path_of(environ).rstrip("/") or "/"
    fitting = [route for route in routes if route.method == environ["REQUEST_METHOD"] and route.path.fullmatch(sent)]
    literal = max((route.literals for route in fitting), default=0)
    operation = _best([route for route in fitting if route.literals == literal], environ, query)
    return Call(service, operation or f"Unknown{environ['REQUEST_METHOD'].title()}", protocol)


@dataclasses.dataclass(frozen=True)
class _Route:
    """One operation of a REST service, and what a request of it must have."""

    operation: str
    method: str
    uri: str
    path: re.Pattern[str]
    literals: int
    query: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]


def _best(routes: Iterable[_Route], environ: Environ, query: str) -> str:
    """Of the routes whose conditions the request meets the one with the most conditions."""
    given = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    best, most = "", -1
    for route in routes:
        marks = len(route.query) + len(route.headers)
        if marks <= most or not all(header in environ for header in route.headers):
            continue
        if all(name in given and (not value or given[name] == value) for name, value in route.query):
            best, most = route.operation, marks
    return best


@functools.cache
def _s3_routes() -> dict[tuple[str, str], list[_Route]]:
    levels = {"/": "service", "/{Bucket}": "bucket", "/{Bucket}/{Key+}": "object"}
    found: dict[tuple[str, str], list[_Route]] = {}
    for route in _rest_routes("s3")[1]:
        if route.uri in levels:
            found.setdefault((route.method, levels[route.uri]), []).append(route)
    return found


@functools.cache
def _rest_routes(service: str) -> tuple[str, list[_Route]]:
    """Protocol and routes of a REST service; none for a service that is unknown or not REST."""
    loader = botocore.loaders.Loader()
    routes: list[_Route] = []
    protocol = "rest-json"
    for name in MODELS.get(service, (service,)):
        if name not in loader.list_available_services("service-2"):
            continue
        model = loader.load_service_model(name, "service-2")
        protocol = model["metadata"]["protocol"]
        if protocol.startswith("rest"):
            routes += [
                _route(operation_name, operation, model["shapes"])
                for operation_name, operation in model["operations"].items()
                if not operation.get("deprecated")
            ]
    return protocol, routes


def _route(name: str, operation: dict[str, Any], shapes: dict[str, Any]) -> _Route:
    uri, _, fixed = operation["http"]["requestUri"].partition("?")
    shape = shapes.get(operation.get("input", {}).get("shape"), {})
    required = [shape["members"][member] for member in shape.get("required", ())]
    named = [(member["locationName"], "") for member in required if member.get("location") == "querystring"]
    headers = [member["locationName"] for member in required if member.get("location") == "header"]
    parts = re.split(r"(\{[^}]+\})", uri.rstrip("/") or "/")
    pattern = "".join(
        (".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts
    )
    return _Route(
        name,
        operation["http"]["method"],
        uri,
        re.compile(pattern),
        sum(len(part) for part in parts if not part.startswith("{")),
        tuple(dict(parse_qsl(fixed, keep_blank_values=True) + named).items()),
        tuple("HTTP_" + header.upper().replace("-", "_") for header in headers),
    )
