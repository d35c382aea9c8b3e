"""What a function finds in its environment: what AWS gives, the function's own variables, and nothing of ours."""

import json
import pathlib
import re
import time
from typing import Any

from stand_in.world import World

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED = {"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"}
RESERVED |= {"AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"}
RESERVED |= {"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"}
RESERVED |= {"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
RESERVED |= {"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
MOST_BYTES = 4096
_NAME = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")


def check_variables(variables: dict[str, str]) -> None:
    """Raises ValueError, in AWS's words, for variables that a function cannot have."""
    unable = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided"
    )
    if reserved := sorted(RESERVED & set(variables)):
        raise ValueError(
            f"{unable} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    if not all(_NAME.fullmatch(name) for name in variables):
        raise ValueError(
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must "
            f"satisfy constraint: [Member must satisfy regular expression pattern: {_NAME.pattern}]"
        )
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > MOST_BYTES:
        raise ValueError(f"{unable} exceeded the 4KB limit. String measured: {measured}")


def environment(
    function: Any, world: World, instance_id: str, task: pathlib.Path, temporary: pathlib.Path
) -> dict[str, str]:
    """The environment of one instance of a moto LambdaFunction."""
    given = {
        "_HANDLER": str(function.handler or "bootstrap"),
        "AWS_ACCESS_KEY_ID": "stand-in-function",
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ENDPOINT_URL": world.endpoint,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time or 'provided.al2023'}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.function_name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[{function.version}]{instance_id}",
        "AWS_LAMBDA_RUNTIME_API": f"{world.endpoint}/_runtime/{instance_id}",
        "AWS_REGION": function.region,
        "AWS_SECRET_ACCESS_KEY": "stand-in-function",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(task),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        # AWS gives each instance a /tmp of its own; this keeps files of functions from staying behind.
        "TMPDIR": str(temporary),
        "TZ": ":UTC",
    }
    own = {str(name): str(value) for name, value in (function.environment_vars or {}).items()}
    return given | own
