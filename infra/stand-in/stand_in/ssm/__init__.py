"""Systems Manager beyond moto: managed instances, and commands that say what tests planted, when they planted it.

POST /_stand-in/ssm/instances {"id": ..., "ping": "Online", "platform": "Linux", "name": ...} plants a managed instance.
POST /_stand-in/ssm/commands {"document": glob, "instance": glob, "status": "Success", "stdout": "", "stderr": "",
"code": number, "seconds": 0} plants how a command to such an instance ends; of several that fit the last one counts.
A command that none fits succeeds and says nothing.
"""

from stand_in.answers import Wsgi
from stand_in.ssm import control, operations
from stand_in.ssm.plans import PLANS
from stand_in.world import World


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto and gives the controls."""
    operations.install()
    world.on_reset += [PLANS.clear, operations.RUNS.clear]
    return {"/_stand-in/ssm/instances": control.instances, "/_stand-in/ssm/commands": control.commands}
