"""Runs the engines over a corpus: what each takes, and what it writes."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import environment
from corpora import FORMATS

HERE = environment.HERE
# The first one is what the others are compared with.
ENGINES = {
    "trailhouse": "Trailhouse",
    "clickhouse": "ClickHouse (chdb)",
    "clickhouse-level-1": "ClickHouse, zstd level 1",
    "duckdb": "DuckDB",
}
# What one run takes; all else that is told of it are facts of what it wrote, on which the engines must agree.
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
TALK_CHARACTERS_MAX = 4_000


def peer(engine):
    """What an engine is, and at which level of compression where that is not its own."""
    name, _, level = engine.partition("-level-")
    return name, level


def command(log_format, engine, source, out, threads):
    if engine == "trailhouse":
        return [environment.binary("trailhouse"), "ingest", source, out, "--threads", str(threads), "--json"]
    name, level = peer(engine)
    words = [log_format, source, out, str(threads), *filter(None, [level])]
    return [environment.python(), HERE / f"{name}_job.py", *words]


def measure(log_format, engine, source, threads):
    """Runs one engine once into an empty folder: what it took and what it wrote."""
    out = environment.cache() / "peers" / f"out-{engine}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    warm(source)
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as talk:
        start = time.monotonic()
        child = subprocess.Popen(command(log_format, engine, source, out, threads), stdout=said, stderr=talk)
        # Unlike `wait`, it says what this very child and its children used.
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0), talk.seek(0)
        if child.returncode != 0:
            sys.exit(f"error: {engine} ended with {child.returncode}:\n{ending(talk.read())}")
        told = json.loads(said.read()) if engine != "trailhouse" else {}
    cpu = usage.ru_utime + usage.ru_stime
    return {
        "cpu_seconds": told.get("cpu", cpu),
        "wall_seconds": told.get("wall", wall),
        "process_cpu_seconds": cpu,
        "process_system_seconds": usage.ru_stime,
        "process_wall_seconds": wall,
        "peak_bytes": usage.ru_maxrss * KIBIBYTE,
        **written(log_format, engine, out),
    }


def ending(talk):
    return talk.decode(errors="replace")[-TALK_CHARACTERS_MAX:]


def warm(source):
    """Reads the corpus, so that no engine pays for bringing it into memory, and waits for what the one before wrote."""
    for path in source.rglob("*.gz"):
        path.read_bytes()
    os.sync()


def written(log_format, engine, out):
    """The bytes of the table's files, and what a reader finds in them. Trailhouse's plan and receipts count, too."""
    table = out / FORMATS[log_format].table if engine == "trailhouse" else out
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    asked = [environment.python(), HERE / "check_rows.py", log_format, peer(engine)[0], table]
    checked = subprocess.run(asked, capture_output=True)
    if checked.returncode != 0:
        sys.exit(f"error: what {engine} wrote cannot be read as {log_format}:\n{ending(checked.stderr)}")
    return {"bytes_out": size, **json.loads(checked.stdout)}


def facts(measured):
    """What one run wrote, without what it took."""
    return {name: value for name, value in measured.items() if name not in MEASURES}


def run(options, source):
    """Measures in rounds, each engine once a round, so that the machine's moods meet all alike."""
    measured = {engine: [] for engine in options.engines}
    for number in range(1, options.rounds + 1):
        for engine in order(options.engines, number):
            one = measure(options.format, engine, source, options.threads)
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
