"""GuardDuty: detectors and planted findings."""

from typing import Any

import pytest
from conftest import Client
from functions import fails

KIND = "UnauthorizedAccess:EC2/SSHBruteForce"


@pytest.fixture
def guardduty(stand_in: Client) -> Any:
    """A client."""
    return stand_in.client("guardduty")


@pytest.fixture
def detector(guardduty: Any) -> str:
    """The id of a detector."""
    return guardduty.create_detector(Enable=True)["DetectorId"]


def finding(name: str, severity: float, **more: Any) -> dict[str, Any]:
    """A finding to plant."""
    return {"id": name, "type": KIND, "severity": severity, **more}


def plant(client: Client, detector: str, *findings: dict[str, Any]) -> None:
    """Plants findings."""
    order = {"detector": detector, "findings": list(findings)}
    assert client.post("/_stand-in/guardduty/findings", order) == (200, {"planted": len(findings)})


def test_detectors(guardduty: Any, detector: str) -> None:
    assert guardduty.list_detectors()["DetectorIds"] == [detector]
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"
    fails("BadRequestException", guardduty.create_detector, Enable=True)
    guardduty.update_detector(DetectorId=detector, Enable=False)
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "DISABLED"
    guardduty.delete_detector(DetectorId=detector)
    fails("BadRequestException", guardduty.get_detector, DetectorId=detector)


def test_planted_findings_are_got(stand_in: Client, guardduty: Any, detector: str) -> None:
    resource = {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-1"}}
    plant(stand_in, detector, finding("f1", 8, resource=resource, title="t"))
    [found] = guardduty.get_findings(DetectorId=detector, FindingIds=["f1", "none"])["Findings"]
    assert (found["Id"], found["Type"], found["Severity"], found["Title"]) == ("f1", KIND, 8, "t")
    assert found["Resource"]["InstanceDetails"]["InstanceId"] == "i-1"
    assert found["Service"]["DetectorId"] == detector and not found["Service"]["Archived"]
    assert found["AccountId"] == "123456789012" and found["Arn"].endswith("/finding/f1")


def test_findings_are_listed_by_criteria(stand_in: Client, guardduty: Any, detector: str) -> None:
    times = [f"2024-01-0{day}T00:00:00.000Z" for day in (1, 2, 3)]
    plant(stand_in, detector, *(finding(f"f{n}", n, updatedAt=times[n - 1]) for n in (2, 3, 1)))

    def listed(criterion: dict[str, Any], **more: Any) -> list[str]:
        criteria = {"Criterion": criterion}
        return guardduty.list_findings(DetectorId=detector, FindingCriteria=criteria, **more)["FindingIds"]

    assert listed({}) == ["f3", "f2", "f1"]
    assert listed({}, SortCriteria={"AttributeName": "severity", "OrderBy": "ASC"}) == ["f1", "f2", "f3"]
    assert listed({"severity": {"GreaterThanOrEqual": 2}}) == ["f3", "f2"]
    assert listed({"severity": {"Gt": 1, "Lt": 3}}) == ["f2"]
    assert listed({"updatedAt": {"LessThan": 1_704_153_600_000}}) == ["f1"]
    assert listed({"id": {"Eq": ["f1", "f3"]}, "type": {"NotEquals": ["other"]}}) == ["f3", "f1"]
    fails("BadRequestException", guardduty.list_findings, DetectorId="0" * 32)


def test_lists_have_pages(stand_in: Client, guardduty: Any, detector: str) -> None:
    plant(stand_in, detector, *(finding(f"f{n}", n) for n in range(5)))
    order = {"DetectorId": detector, "MaxResults": 3, "SortCriteria": {"AttributeName": "severity", "OrderBy": "ASC"}}
    first = guardduty.list_findings(**order)
    second = guardduty.list_findings(**order, NextToken=first["NextToken"])
    assert first["FindingIds"] + second["FindingIds"] == [f"f{n}" for n in range(5)] and second["NextToken"] == ""


def test_findings_are_archived(stand_in: Client, guardduty: Any, detector: str) -> None:
    plant(stand_in, detector, finding("f1", 1), finding("f2", 2))
    guardduty.archive_findings(DetectorId=detector, FindingIds=["f1"])

    def archived(value: str) -> list[str]:
        criteria = {"Criterion": {"service.archived": {"Eq": [value]}}}
        return guardduty.list_findings(DetectorId=detector, FindingCriteria=criteria)["FindingIds"]

    assert (archived("true"), archived("false")) == (["f1"], ["f2"])
    guardduty.unarchive_findings(DetectorId=detector, FindingIds=["f1"])
    assert archived("true") == []


def test_sample_findings(guardduty: Any, detector: str) -> None:
    guardduty.create_sample_findings(DetectorId=detector, FindingTypes=[KIND])
    ids = guardduty.list_findings(DetectorId=detector)["FindingIds"]
    [found] = guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]
    assert found["Type"] == KIND and found["Title"].startswith("[SAMPLE]")


def test_bad_orders_are_told_and_plant_nothing(stand_in: Client, guardduty: Any, detector: str) -> None:
    good = finding("f1", 1)
    for findings in ("f1", [good, {"id": "f2"}], [good, finding("f2", 1, service="x")], [good, 3]):
        order = {"detector": detector, "findings": findings}
        assert stand_in.post("/_stand-in/guardduty/findings", order)[0] == 400
    assert stand_in.post("/_stand-in/guardduty/findings", {"detector": "none", "findings": []})[0] == 400
    assert stand_in.get("/_stand-in/guardduty/findings")[0] == 405
    assert guardduty.list_findings(DetectorId=detector)["FindingIds"] == []
