"""The formats that are compared, and where the objects of each come from: made once, kept in the cache."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import environment

HERE = environment.HERE
# Records of the real account.
REAL_RECORDS = 30_477
# Records of one generated object of CloudTrail, as in the real corpus.
OBJECT_RECORDS = 4_000


class CloudTrail:
    title, table = "CloudTrail", "cloudtrail"
    # What an object holds, and how its maker calls the bytes of that.
    body, size = "JSON", "json_bytes"
    kinds = ("real", "generated")
    records = 15 * REAL_RECORDS

    def folder(self, kind):
        return kind

    def origin(self, kind):
        if kind == "real":
            source = pathlib.Path(os.environ["TRAILHOUSE_REALDATA"]).resolve()
            return [str(source).encode(), (HERE / "real_corpus.py").read_bytes()]
        return [environment.binary("trailhouse-testdata").read_bytes()]

    def maker(self, kind, folder, records):
        if kind == "real":
            repetitions = str(max(1, round(records / REAL_RECORDS)))
            return [sys.executable, HERE / "real_corpus.py", os.environ["TRAILHOUSE_REALDATA"], folder, repetitions]
        # Without hazards: what is hard to read makes the peers stop.
        sizes = {"--events": records, "--objects": max(1, records // OBJECT_RECORDS), "--days": 30, "--hazards": "off"}
        options = [str(word) for pair in sizes.items() for word in pair]
        return [environment.binary("trailhouse-testdata"), "cloudtrail", "--out", folder, "--json", *options]


class VpcFlow:
    title, table = "VPC flow logs", "vpc_flow"
    body, size = "text", "text_bytes"
    kinds = ("generated",)
    # Sixty objects.
    records = 4_800_000

    def folder(self, kind):
        return f"vpc-flow-{kind}"

    def origin(self, kind):
        return [(HERE / name).read_bytes() for name in ("flow_corpus.py", "columns.py")]

    def maker(self, kind, folder, records):
        return [sys.executable, HERE / "flow_corpus.py", folder, str(records)]


# The first one is what is compared unless another is asked for.
FORMATS = {"cloudtrail": CloudTrail(), "vpc-flow": VpcFlow()}


def corpus(log_format, kind, records):
    """The folder of the corpus and its counts.

    A short hash of what it comes from is in its name, so that another source or generator makes another corpus.
    """
    origin = hashlib.sha256(b"".join(log_format.origin(kind))).hexdigest()[:12]
    folder = environment.cache() / "peers" / f"{log_format.folder(kind)}-{records}-{origin}"
    manifest = folder.with_name(folder.name + ".manifest.json")
    if not manifest.exists():
        print(f"making {folder} (once)", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = subprocess.run(log_format.maker(kind, folder, records), stdout=subprocess.PIPE, text=True)
        if made.returncode != 0 or not json.loads(made.stdout)["records"]:
            shutil.rmtree(folder, ignore_errors=True)
            sys.exit("error: no corpus could be made")
        # Written last, so that an interrupted corpus is made again.
        manifest.write_text(made.stdout)
    return folder, json.loads(manifest.read_text())
