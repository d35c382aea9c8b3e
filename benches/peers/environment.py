"""Where things are kept and found: the cache, the other engines, our own binaries."""

import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"


def cache():
    """The folder for what can be made again: the same as the Makefile's."""
    home = os.environ.get("HOME")
    base = pathlib.Path(home, ".cache") if home else REPOSITORY / "target"
    return base / "trailhouse"


def python():
    """A Python that has the other engines; made, if it is missing, by pip from its registry.

    TRAILHOUSE_PEERS_VENV names one that exists already.
    """
    chosen = os.environ.get("TRAILHOUSE_PEERS_VENV")
    if chosen:
        return pathlib.Path(chosen) / "bin" / "python"
    folder = cache() / "peers-venv"
    binary, installed = folder / "bin" / "python", folder / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if not installed.exists() or installed.read_text() != wanted:
        print(f"making {folder} with chdb, duckdb and pyarrow (once)", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([binary, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        # Written last, so that an interrupted installation is done again.
        installed.write_text(wanted)
    return binary


def binary(name):
    """The release build of one of our binaries."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or cache() / "target")
    path = target / "release" / name
    if not path.exists():
        sys.exit(f"error: `{path}` is missing; build it: cargo build --release -p trailhouse -p trailhouse-testdata")
    return path
