"""The table of operations in the README is held to the tests that it names."""

import re

from conftest import ROOT

KINDS = {"faithful", "approximated", "absent", "ours"}


def rows() -> list[tuple[str, str, str, str]]:
    """Operation, kind, difference and tests of each row."""
    found = []
    for line in (ROOT / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("| ") else []
        if len(cells) == 4 and cells[0] != "operation":
            found.append((cells[0], cells[1], cells[2], cells[3]))
    return found


def test_each_row_has_its_tests() -> None:
    texts = [file.read_text() for file in (ROOT / "tests").glob("test_*.py")]
    tests = {name for text in texts for name in re.findall(r"def (test_\w+)", text)}
    assert len(rows()) > 50
    for operation, kind, _, named in rows():
        assert kind in KINDS, operation
        names = named.split(", ")
        assert names != [""], f"{operation} has no test"
        assert set(names) <= tests, f"{operation}: {set(names) - tests}"


def test_what_is_approximated_says_how() -> None:
    assert [operation for operation, kind, how, _ in rows() if kind == "approximated" and not how] == []
