"""How a job says what its work took, the start of Python and the imports not counted."""

import resource
import time


def say(work):
    """Does the work, and prints its seconds by the clock and of user and system time as JSON."""
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    work()
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f'{{"wall": {wall}, "cpu": {cpu}}}')
