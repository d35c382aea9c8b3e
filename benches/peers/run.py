#!/usr/bin/env python3
"""The same logs through Trailhouse, ClickHouse and DuckDB, one after the other, several times in one run.

Prints a Markdown table of medians and writes every measurement to benches/results/. A corpus of CloudTrail is made from
real records where TRAILHOUSE_REALDATA names them, else generated; one of VPC flow logs is always generated. CPU seconds
are user and system time of the process and its children: for Trailhouse of the whole process, for the peers without the
start of Python and their import. Seconds of one machine mean little; the ratios of one run mean more.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import sys

import environment
from corpora import FORMATS, corpus
from measure import ENGINES, MEASURES, MEGABYTE, facts, run

RESULTS = environment.REPOSITORY / "benches" / "results"


def arguments():
    sizes = ", ".join(f"{log_format.records} of {name}" for name, log_format in FORMATS.items())
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--format", choices=FORMATS, default=next(iter(FORMATS)), help="what is read [cloudtrail]")
    parser.add_argument("--rounds", type=at_least_one, default=5, help="measurements of each engine [5]")
    parser.add_argument("--threads", type=at_least_one, default=1, help="threads of each engine [1]")
    parser.add_argument("--records", type=at_least_one, help=f"records of the corpus, about [{sizes}]")
    parser.add_argument(
        "--corpus", choices=("real", "generated"), help="[of cloudtrail: real where TRAILHOUSE_REALDATA is set]"
    )
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="[all]")
    parser.add_argument("--fail-above", type=float, metavar="RATIO", help="exit 1 above this part of ClickHouse's CPU")
    parser.add_argument("--no-record", action="store_true", help="print the table and write no file")
    options = parser.parse_args()
    if options.fail_above is not None and not {"trailhouse", "clickhouse"} <= set(options.engines):
        parser.error("--fail-above compares Trailhouse with ClickHouse, so --engines must name both")
    log_format, realdata = FORMATS[options.format], os.environ.get("TRAILHOUSE_REALDATA")
    options.records = options.records or log_format.records
    options.corpus = options.corpus or ("real" if realdata and "real" in log_format.kinds else "generated")
    if options.corpus not in log_format.kinds:
        parser.error(f"there are no {options.corpus} logs of {options.format}; leave --corpus out")
    if options.corpus == "real" and not pathlib.Path(realdata or "/dev/null").is_dir():
        parser.error("--corpus real needs TRAILHOUSE_REALDATA to name a folder")
    return options


def at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not at least 1")
    return number


def check(measured, counts):
    """All engines must have read the same records in every round, and all of them."""
    found = {engine: sorted({json.dumps(facts(one)) for one in all_of}) for engine, all_of in measured.items()}
    kinds = set().union(*found.values())
    if len(kinds) != 1 or json.loads(next(iter(kinds)))["rows"] != counts["records"]:
        lines = [f"{engine}: {kind}" for engine, kinds in found.items() for kind in kinds]
        sys.exit("\n".join([f"error: the engines disagree, or lost some of {counts['records']} records:", *lines]))


def medians(measured):
    return {
        engine: {name: statistics.median(one[name] for one in all_of) for name in MEASURES}
        for engine, all_of in measured.items()
    }


def table(log_format, result):
    counts, base = result["corpus"], next(iter(result["medians"].values()))
    body, megabytes = log_format.body, counts[log_format.size] / MEGABYTE
    lines = [
        f"{log_format.title}, {counts['records']:,} {counts['kind']} records in {counts['objects']:,} objects, "
        f"{megabytes:,.0f} MB of {body}; {result['threads']} thread(s), medians of "
        f"{result['rounds']} rounds, {result['date']}; {result['machine']}",
        "",
        f"| engine | CPU s (user + sys) | ratio | wall s | MB of {body} per CPU s | peak memory | bytes written |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for engine, median in result["medians"].items():
        cpu, peak, size = median["cpu_seconds"], median["peak_bytes"] / MEGABYTE, median["bytes_out"] / MEGABYTE
        lines.append(
            f"| {ENGINES[engine]} | {cpu:.2f} | {cpu / base['cpu_seconds']:.1f} | {median['wall_seconds']:.2f} "
            f"| {megabytes / cpu:,.0f} | {peak:,.0f} MB | {size:,.1f} MB |"
        )
    return "\n".join(lines) + "\n"


def machine():
    cpus = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{cpus[0] if cpus else platform.machine()}, {os.cpu_count()} cores"


def main():
    options = arguments()
    kind, log_format = options.corpus, FORMATS[options.format]
    source, counts = corpus(log_format, kind, options.records)
    environment.python()
    measured = run(options, source)
    check(measured, counts)
    result = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "peers": environment.REQUIREMENTS.read_text().split(),
        "format": options.format,
        "corpus": {"kind": kind, **{name: counts[name] for name in ("records", "objects", log_format.size)}},
        "threads": options.threads,
        "rounds": options.rounds,
        "medians": medians(measured),
        "measurements": measured,
    }
    print(table(log_format, result))
    if not options.no_record:
        name = f"{result['date']}-{options.format}-{kind}-{counts['records']}-threads-{options.threads}.json"
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / name).write_text(json.dumps(result, indent=2) + "\n")
    judge(options, result["medians"])


def judge(options, median):
    if options.fail_above is None:
        return
    ratio = median["trailhouse"]["cpu_seconds"] / median["clickhouse"]["cpu_seconds"]
    if ratio > options.fail_above:
        sys.exit(f"error: {ratio:.3f} of ClickHouse's CPU seconds, more than {options.fail_above}")


if __name__ == "__main__":
    main()
