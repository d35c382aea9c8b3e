"""The code of functions: checked when it is uploaded, unpacked once per version."""

import hashlib
import io
import os
import pathlib
import shutil
import stat
import threading
import zipfile

from stand_in.lambdas.model import UNZIPPED_BYTES, CannotStart


def check(package: bytes) -> None:
    """Raises ValueError, in AWS's words, unless `package` is a zip that Lambda would take."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            broken = archive.testzip() if size < UNZIPPED_BYTES else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        broken, size = "all", 0
    if broken:
        raise ValueError("Could not unzip uploaded file. Please check your file, then try to upload again.")
    if size >= UNZIPPED_BYTES:
        raise ValueError(f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes")


class CodeStore:
    """Unpacked packages by their digest: functions with the same package share a folder, also across resets."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def bootstrap(self, package: bytes) -> pathlib.Path:
        """The unpacked package's program. Raises CannotStart."""
        folder = self._folder / hashlib.sha256(package).hexdigest()
        with self._lock:
            if not folder.exists():
                _unpack(package, folder)
        program = folder / "bootstrap"
        if not program.is_file():
            raise CannotStart("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
        if not os.access(program, os.X_OK):
            raise CannotStart("fork/exec /var/task/bootstrap: permission denied")
        return program


def copy_of(program: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """The program in a new folder with the whole package: what an instance leaves in its own is no other's.

    The files are links, for copies are slow, and a program that is open for writing cannot be run.
    """
    shutil.copytree(program.parent, folder, copy_function=os.link)
    return folder / program.name


def _unpack(package: bytes, folder: pathlib.Path) -> None:
    # Moved into place when complete, so that a failure half-way leaves no folder that looks whole.
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            for entry in archive.infolist():
                path = archive.extract(entry, partial)
                mode = stat.S_IMODE(entry.external_attr >> 16)
                if mode and not entry.is_dir():
                    pathlib.Path(path).chmod((mode | stat.S_IRUSR) & ~0o222)
    except zipfile.BadZipFile as error:
        raise CannotStart(f"the function's package is no zip: {error}") from error
    partial.rename(folder)
