"""Step Functions: moto's interpreter, mended where it differs from AWS.

`interpreter` mends how states run, `expressions` evaluates JSONata, `operations` mends what the API answers.
"""

from stand_in.answers import Wsgi
from stand_in.machines import expressions, interpreter, operations
from stand_in.world import World


def install(world: World) -> dict[str, Wsgi]:
    """Switches the interpreter on and patches it."""
    interpreter.install(world)
    expressions.install()
    operations.install(world)
    return {}
