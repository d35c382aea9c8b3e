"""Makes VPC flow logs of the default format, version 2, always the same ones. Usage: flow_corpus.py OUT RECORDS

Objects of 80,000 lines under the keys that the service gives them, each ten minutes of one of 30 days. One line in a
hundred is of an interface without traffic; the others are flows between a network and the world, half of them in and
half of them out. Prints the counts as JSON.
"""

import gzip
import json
import pathlib
import random
import sys
from datetime import datetime, timedelta, timezone

from columns import FLOW

ACCOUNT, REGION, FLOW_LOG = "123456789012", "us-east-1", "fl-0123456789abcdef0"
OBJECT_RECORDS = 80_000
FIRST_DAY = datetime(2026, 1, 1, tzinfo=timezone.utc)
DAYS = 30
# Of an object, and of the window that one line tells of.
OBJECT_SECONDS, LINE_SECONDS = 600, 60
INTERFACES, INTERNAL, EXTERNAL = 400, 2_000, 20_000
SILENT = 0.01
ACCEPTED = 0.9
WELL_KNOWN_PORTS = (443, 80, 22, 53)
FIRST_FREE_PORT, LAST_PORT = 1_024, 65_535
# Three flows of TCP for one of UDP.
PROTOCOLS = (6, 6, 6, 17)
PACKETS_MAX, BYTES_MIN, BYTES_MAX = 200, 40, 200_000
HEADER = " ".join(name.replace("_", "-") for name in FLOW)


class Network:
    """Draws lines of a flow log."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.interfaces = [f"eni-{self.random.getrandbits(68):017x}" for _ in range(INTERFACES)]
        self.internal = [f"10.{self.number(0, 3)}.{self.number(0, 255)}.{self.number(1, 254)}" for _ in range(INTERNAL)]
        self.external = [".".join(str(self.number(1, 254)) for _ in range(4)) for _ in range(EXTERNAL)]

    def number(self, least, greatest):
        return self.random.randint(least, greatest)

    def line(self, second):
        """One line, whose window starts within the object that starts at `second`."""
        choose, chance = self.random.choice, self.random.random
        start = second + self.number(0, OBJECT_SECONDS - 1)
        head, window = f"2 {ACCOUNT} {choose(self.interfaces)}", f"{start} {start + LINE_SECONDS}"
        if chance() < SILENT:
            return f"{head} - - - - - - - {window} - NODATA"
        source, target = choose(self.internal), choose(self.external)
        if chance() < 0.5:
            source, target = target, source
        # A fifth of the flows is for each of the well-known ports, and a fifth for any other.
        port = choose((*WELL_KNOWN_PORTS, self.number(FIRST_FREE_PORT, LAST_PORT)))
        ports = f"{port} {self.number(FIRST_FREE_PORT, LAST_PORT)}"
        amount = f"{choose(PROTOCOLS)} {self.number(1, PACKETS_MAX)} {self.number(BYTES_MIN, BYTES_MAX)}"
        action = "ACCEPT" if chance() < ACCEPTED else "REJECT"
        return f"{head} {source} {target} {ports} {amount} {window} {action} OK"


def main(out, records):
    network, records = Network(seed=11), int(records)
    counts = {"objects": 0, "records": 0, "text_bytes": 0}
    while counts["records"] < records:
        round_of_days, day = divmod(counts["objects"], DAYS)
        since = FIRST_DAY + timedelta(days=day, seconds=round_of_days * OBJECT_SECONDS)
        lines = min(OBJECT_RECORDS, records - counts["records"])
        text = "\n".join([HEADER, *(network.line(int(since.timestamp())) for _ in range(lines)), ""]).encode()
        folder = pathlib.Path(out, f"AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/{since:%Y/%m/%d}")
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{ACCOUNT}_vpcflowlogs_{REGION}_{FLOW_LOG}_{since:%Y%m%dT%H%MZ}_{counts['objects']:08x}.log.gz"
        (folder / name).write_bytes(gzip.compress(text, 6, mtime=0))
        counts["objects"] += 1
        counts["records"] += lines
        counts["text_bytes"] += len(text)
    print(json.dumps(counts))


main(*sys.argv[1:])
