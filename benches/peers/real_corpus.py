"""Makes a corpus of any size from real records. Usage: real_corpus.py REALDATA OUT REPETITIONS

Every record of the real account in REALDATA/suzaku-sans504 is written REPETITIONS times, each time on another day, with
ids, access keys and addresses of its own, into objects of 4,000 records under CloudTrail's keys. So values, key orders
and the mix of events are real, sizes nearly so, and no two records are equal. Prints the counts as JSON.
"""

import gzip
import json
import pathlib
import random
import re
import sys
from datetime import date, timedelta

ACCOUNT_FOLDER = "suzaku-sans504"
OBJECT_RECORDS = 4_000
FIRST_DAY = date(2026, 1, 1)
DAYS = 30
ACCOUNT, REGION = "123456789012", "us-east-1"
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
DAY = re.compile(r"\b20\d\d-\d\d-\d\d(?=T)")
ACCESS_KEY = re.compile(r"\b(A[KS]IA)[A-Z0-9]{16}\b")
ADDRESS = re.compile(r'(?<="sourceIPAddress":")\d+\.\d+\.\d+\.\d+(?=")')


class Disguise:
    """Gives a record's text ids, keys, addresses and a day of its own."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.keys = [f"{self.random.getrandbits(64):016X}" for _ in range(5_000)]
        self.addresses = [".".join(str(self.random.randrange(1, 255)) for _ in range(4)) for _ in range(3_000)]

    def uuid(self, _):
        digits = f"{self.random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def apply(self, text, day):
        text = DAY.sub(day, UUID.sub(self.uuid, text))
        text = ACCESS_KEY.sub(lambda match: match[1] + self.random.choice(self.keys), text)
        return ADDRESS.sub(lambda _: self.random.choice(self.addresses), text)


def real_records(realdata):
    """The text of every real record, with the values and the order that AWS wrote, in Python's way of writing JSON.

    So blanks between tokens go, and an escape or a number can be written in another way.
    """
    for path in sorted(pathlib.Path(realdata, ACCOUNT_FOLDER).rglob("*.gz")):
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            yield json.dumps(record, separators=(",", ":"))


def main(realdata, out, repetitions):
    disguise, records = Disguise(seed=7), list(real_records(realdata))
    if not records:
        sys.exit(f"error: `{realdata}` has no record below `{ACCOUNT_FOLDER}`")
    counts = {"objects": 0, "records": 0, "json_bytes": 0}
    for repetition in range(int(repetitions)):
        day = FIRST_DAY + timedelta(days=repetition % DAYS)
        disguise.random.shuffle(records)
        for start in range(0, len(records), OBJECT_RECORDS):
            chosen = [disguise.apply(text, day.isoformat()) for text in records[start : start + OBJECT_RECORDS]]
            body = ('{"Records":[' + ",".join(chosen) + "]}").encode()
            folder = pathlib.Path(out, f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{day:%Y/%m/%d}")
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{ACCOUNT}_CloudTrail_{REGION}_{day:%Y%m%d}T0000Z_{counts['objects']:016d}.json.gz"
            (folder / name).write_bytes(gzip.compress(body, 6, mtime=0))
            counts["objects"] += 1
            counts["records"] += len(chosen)
            counts["json_bytes"] += len(body)
    print(json.dumps(counts))


main(*sys.argv[1:])
