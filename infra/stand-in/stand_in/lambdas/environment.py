"""What a function finds in its environment: what AWS gives, the function's own variables, and nothing of ours."""

import pathlib
import time
from typing import Any

from stand_in.world import World


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
