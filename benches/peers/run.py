#!/usr/bin/env python3
"""The same CloudTrail corpus through Trailhouse, ClickHouse and DuckDB, one after the other, several times in one run.

Prints a Markdown table of medians and writes every measurement to benches/results/. The corpus is made from real
records where TRAILHOUSE_REALDATA names them, else generated. CPU seconds are user and system time of the process and
its children: for Trailhouse of the whole process, for the peers without the start of Python and their import. Seconds
of one machine mean little; the ratios of one run mean more.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import environment

HERE = environment.HERE
RESULTS = environment.REPOSITORY / "benches" / "results"
# The first one is what the others are compared with.
ENGINES = {
    "trailhouse": "Trailhouse",
    "clickhouse": "ClickHouse (chdb)",
    "clickhouse-level-1": "ClickHouse, zstd level 1",
    "duckdb": "DuckDB",
}
ID_COLUMNS = {"trailhouse": "event_id", "clickhouse": "record.eventID", "duckdb": "eventID"}
MEASURES = (
    "cpu_seconds",
    "wall_seconds",
    "process_cpu_seconds",
    "process_system_seconds",
    "process_wall_seconds",
    "peak_bytes",
    "bytes_out",
)
KIBIBYTE, MEGABYTE = 1_024, 1_000_000
# Records of the real account.
REAL_RECORDS = 30_477
# Records of one generated object, as in the real corpus.
OBJECT_RECORDS = 4_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=at_least_one, default=5, help="measurements of each engine [5]")
    parser.add_argument("--threads", type=at_least_one, default=1, help="threads of each engine [1]")
    parser.add_argument("--records", type=at_least_one, default=15 * REAL_RECORDS, help="records of the corpus, about [457155]")
    parser.add_argument("--corpus", choices=("real", "generated"), help="[real where TRAILHOUSE_REALDATA is set]")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="[all]")
    parser.add_argument("--fail-above", type=float, metavar="RATIO", help="exit 1 above this part of ClickHouse's CPU")
    parser.add_argument("--no-record", action="store_true", help="print the table and write no file")
    options = parser.parse_args()
    if options.fail_above is not None and not {"trailhouse", "clickhouse"} <= set(options.engines):
        parser.error("--fail-above compares Trailhouse with ClickHouse, so --engines must name both")
    options.corpus = options.corpus or ("real" if os.environ.get("TRAILHOUSE_REALDATA") else "generated")
    if options.corpus == "real" and not pathlib.Path(os.environ.get("TRAILHOUSE_REALDATA") or "/dev/null").is_dir():
        parser.error("--corpus real needs TRAILHOUSE_REALDATA to name a folder")
    return options


def at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not at least 1")
    return number


def origin(kind):
    """A short hash of what a corpus comes from, so that another source or generator makes another corpus."""
    if kind == "real":
        source = pathlib.Path(os.environ["TRAILHOUSE_REALDATA"]).resolve()
        parts = [str(source).encode(), (HERE / "real_corpus.py").read_bytes()]
    else:
        parts = [environment.binary("trailhouse-testdata").read_bytes()]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def corpus(kind, records):
    """The folder of the corpus and its counts; made once and kept in the cache."""
    folder = environment.cache() / "peers" / f"{kind}-{records}-{origin(kind)}"
    manifest = folder.with_name(folder.name + ".manifest.json")
    if not manifest.exists():
        print(f"making {folder} (once)", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = subprocess.run(maker(kind, folder, records), stdout=subprocess.PIPE, text=True)
        if made.returncode != 0 or not json.loads(made.stdout)["records"]:
            shutil.rmtree(folder, ignore_errors=True)
            sys.exit("error: no corpus could be made")
        # Written last, so that an interrupted corpus is made again.
        manifest.write_text(made.stdout)
    return folder, json.loads(manifest.read_text())


def maker(kind, folder, records):
    if kind == "real":
        repetitions = str(max(1, round(records / REAL_RECORDS)))
        return [sys.executable, HERE / "real_corpus.py", os.environ["TRAILHOUSE_REALDATA"], folder, repetitions]
    # Without hazards: what is hard to read makes the peers stop.
    sizes = {"--events": records, "--objects": max(1, records // OBJECT_RECORDS), "--days": 30, "--hazards": "off"}
    options = [str(word) for pair in sizes.items() for word in pair]
    return [environment.binary("trailhouse-testdata"), "cloudtrail", "--out", folder, "--json", *options]


def command(engine, source, out, threads):
    if engine == "trailhouse":
        return [environment.binary("trailhouse"), "ingest", source, out, "--threads", str(threads), "--json"]
    peer, _, level = engine.partition("-level-")
    return [environment.python(), HERE / f"{peer}_job.py", source, out, str(threads), *filter(None, [level])]


def measure(engine, source, threads):
    """Runs one engine once into an empty folder: what it took and what it wrote."""
    out = environment.cache() / "peers" / f"out-{engine}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    warm(source)
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as talk:
        start = time.monotonic()
        child = subprocess.Popen(command(engine, source, out, threads), stdout=said, stderr=talk)
        # Unlike `wait`, it says what this very child and its children used.
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0), talk.seek(0)
        if child.returncode != 0:
            sys.exit(f"error: {engine} ended with {child.returncode}:\n{talk.read().decode(errors='replace')[-4_000:]}")
        told = json.loads(said.read()) if engine != "trailhouse" else {}
    cpu = usage.ru_utime + usage.ru_stime
    return {
        "cpu_seconds": told.get("cpu", cpu),
        "wall_seconds": told.get("wall", wall),
        "process_cpu_seconds": cpu,
        "process_system_seconds": usage.ru_stime,
        "process_wall_seconds": wall,
        "peak_bytes": usage.ru_maxrss * KIBIBYTE,
        **written(engine, out),
    }


def warm(source):
    """Reads the corpus, so that no engine pays for bringing it into memory, and waits for what the one before wrote."""
    for path in source.rglob("*.json.gz"):
        path.read_bytes()
    os.sync()


def written(engine, out):
    """The bytes of the table's files, and what a reader finds in them. Trailhouse's plan and receipts count, too."""
    table = out / "cloudtrail" if engine == "trailhouse" else out
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    checked = [environment.python(), HERE / "check_rows.py", table, ID_COLUMNS[engine.partition("-level-")[0]]]
    found = json.loads(subprocess.run(checked, check=True, stdout=subprocess.PIPE).stdout)
    return {"bytes_out": size, **found}


def check(measured, counts):
    """All engines must have read the same records in every round, and all of them."""
    kinds = {engine: {tuple(one[name] for name in ("rows", "ids", "distinct_ids", "id_bytes")) for one in all_of}
             for engine, all_of in measured.items()}
    found = set().union(*kinds.values())
    if len(found) != 1 or next(iter(found))[0] != counts["records"]:
        sys.exit(f"error: the engines disagree, or lost some of {counts['records']} records: {kinds}")


def run(options, source):
    """Measures in rounds, each engine once a round, so that the machine's moods meet all alike."""
    measured = {engine: [] for engine in options.engines}
    for number in range(1, options.rounds + 1):
        for engine in order(options.engines, number):
            one = measure(engine, source, options.threads)
            measured[engine].append(one)
            took = f"{one['cpu_seconds']:.2f} s CPU, {one['peak_bytes'] / MEGABYTE:.0f} MB"
            kernel = f"{one['process_system_seconds']:.2f} s of its process in the kernel"
            print(f"round {number} of {options.rounds}: {engine}: {took}, {kernel}", file=sys.stderr)
    return measured


def order(engines, number):
    """The engines in the order of a round: a Williams design.

    Within as many rounds as there are engines, if that is even, each runs right behind each other one exactly once. So
    what an engine leaves the machine in is met by all of them.
    """
    zigzag = [(place + 1) // 2 * (1 if place % 2 else -1) for place in range(len(engines))]
    return [engines[(place + number - 1) % len(engines)] for place in zigzag]


def medians(measured):
    return {engine: {name: statistics.median(one[name] for one in all_of) for name in MEASURES}
            for engine, all_of in measured.items()}


def table(result):
    counts, base = result["corpus"], next(iter(result["medians"].values()))
    lines = [
        f"CloudTrail, {counts['records']:,} {counts['kind']} records in {counts['objects']:,} objects, "
        f"{counts['json_bytes'] / MEGABYTE:,.0f} MB of JSON; {result['threads']} thread(s), medians of "
        f"{result['rounds']} rounds, {result['date']}; {result['machine']}",
        "",
        "| engine | CPU s (user + sys) | ratio | wall s | MB of JSON per CPU s | peak memory | bytes written |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for engine, median in result["medians"].items():
        cpu, peak, size = median["cpu_seconds"], median["peak_bytes"] / MEGABYTE, median["bytes_out"] / MEGABYTE
        lines.append(
            f"| {ENGINES[engine]} | {cpu:.2f} | {cpu / base['cpu_seconds']:.1f} | {median['wall_seconds']:.2f} "
            f"| {counts['json_bytes'] / MEGABYTE / cpu:,.0f} | {peak:,.0f} MB | {size:,.1f} MB |"
        )
    return "\n".join(lines) + "\n"


def machine():
    cpus = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{cpus[0] if cpus else platform.machine()}, {os.cpu_count()} cores"


def main():
    options = arguments()
    kind = options.corpus
    source, counts = corpus(kind, options.records)
    environment.python()
    measured = run(options, source)
    check(measured, counts)
    result = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "peers": environment.REQUIREMENTS.read_text().split(),
        "corpus": {"kind": kind, **{name: counts[name] for name in ("records", "objects", "json_bytes")}},
        "threads": options.threads,
        "rounds": options.rounds,
        "medians": medians(measured),
        "measurements": measured,
    }
    print(table(result))
    if not options.no_record:
        name = f"{result['date']}-cloudtrail-{kind}-{counts['records']}-threads-{options.threads}.json"
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
