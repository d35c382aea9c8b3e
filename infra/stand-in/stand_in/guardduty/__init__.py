"""GuardDuty beyond moto: findings, which it lacks, and one detector for a region.

POST /_stand-in/guardduty/findings {"detector": id, "findings": [finding, ...]} plants findings in the form of
GetFindings on the wire; each needs an id, a type and a severity, and its times are now where it does not tell them.
"""

import functools
import json
from collections.abc import Iterable
from typing import Any

from moto.guardduty import urls
from moto.guardduty.exceptions import GuardDutyException
from moto.guardduty.models import GuardDutyBackend, guardduty_backends
from moto.guardduty.responses import GuardDutyResponse

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.clock import clock
from stand_in.fields import checked_object, number, object_of, text
from stand_in.guardduty.criteria import fits, sort_key
from stand_in.world import ACCOUNT, REGION, World

PAGE = 50
Finding = dict[str, Any]
_FINDINGS: dict[str, dict[str, Finding]] = {}


class Rejected(GuardDutyException):
    """A request that GuardDuty does not take."""

    code = 400

    def __init__(self, reason: str) -> None:
        super().__init__("InvalidInputException", f"The request is rejected because {reason}.")

    def get_headers(self, *values: Any, **named: Any) -> list[tuple[str, str]]:
        """The header that tells the SDKs which error it is."""
        return [("X-Amzn-ErrorType", "BadRequestException")]


def _findings(request: GuardDutyResponse) -> dict[str, Finding]:
    detector = request.path.split("/")[2]
    request.guardduty_backend.get_detector(detector)
    return _FINDINGS.setdefault(detector, {})


def list_findings(self: GuardDutyResponse) -> str:
    """Answers ListFindings: ids, in pages."""
    most, token = self._get_param("maxResults") or PAGE, self._get_param("nextToken") or "0"
    if not 1 <= most <= PAGE or not token.isdecimal():
        raise Rejected("the parameter maxResults or nextToken is invalid")
    criterion = (self._get_param("findingCriteria") or {}).get("criterion") or {}
    try:
        found = [one for one in list(_findings(self).values()) if fits(one, criterion)]
    except ValueError as error:
        raise Rejected(str(error)) from error
    order = self._get_param("sortCriteria") or {}
    found.sort(key=sort_key(order.get("attributeName", "updatedAt")), reverse=order.get("orderBy", "DESC") == "DESC")
    start = int(token)
    following = str(start + most) if start + most < len(found) else ""
    return json.dumps({"findingIds": [one["id"] for one in found[start : start + most]], "nextToken": following})


def get_findings(self: GuardDutyResponse) -> str:
    """Answers GetFindings."""
    stored = _findings(self)
    return json.dumps({"findings": [stored[one] for one in _wanted(self) if one in stored]})


def archive_findings(self: GuardDutyResponse) -> str:
    """Answers ArchiveFindings."""
    return _archive(self, True)


def unarchive_findings(self: GuardDutyResponse) -> str:
    """Answers UnarchiveFindings."""
    return _archive(self, False)


def _archive(request: GuardDutyResponse, archived: bool) -> str:
    stored = _findings(request)
    for one in _wanted(request):
        if one in stored:
            stored[one]["service"]["archived"] = archived
    return "{}"


def _wanted(request: GuardDutyResponse) -> list[str]:
    ids = request._get_param("findingIds") or []
    if not 1 <= len(ids) <= PAGE:
        raise Rejected(f"the parameter findingIds must have from 1 to {PAGE} items")
    return ids


def create_sample_findings(self: GuardDutyResponse) -> str:
    """Answers CreateSampleFindings: one finding, with little in it, of each type that is named."""
    stored, detector = _findings(self), self.path.split("/")[2]
    for kind in self._get_param("findingTypes") or []:
        sample = {"id": f"sample{len(stored):026x}", "type": kind, "severity": 5, "title": f"[SAMPLE] {kind}"}
        _plant(detector, sample)
    return "{}"


def _plant(detector: str, finding: Finding) -> None:
    now = clock.iso()
    known = {"schemaVersion": "2.0", "accountId": ACCOUNT, "region": REGION, "partition": "aws"}
    arn = f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/{detector}/finding/{finding['id']}"
    full = {**known, "arn": arn, "createdAt": now, "updatedAt": now, "resource": {}, **finding}
    full["service"] = {"serviceName": "guardduty", "archived": False, "count": 1, **finding.get("service", {})}
    full["service"]["detectorId"] = detector
    _FINDINGS.setdefault(detector, {})[finding["id"]] = full


def _control(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "POST":
        return answer(start, 405)
    order = object_of(environ, "detector", "findings")
    detector, findings = text(order, "detector"), order.get("findings")
    if detector not in guardduty_backends[ACCOUNT][REGION].detectors:
        raise ValueError(f"there is no detector {detector!r}")
    if not isinstance(findings, list):
        raise ValueError('"findings" must be a list')
    for one in findings:
        finding = checked_object(one, "a finding")
        text(finding, "id"), text(finding, "type"), number(finding, "severity")
        checked_object(finding.get("service", {}), '"service"')
    for one in findings:
        _plant(detector, one)
    return answer_json(start, {"planted": len(findings)})


def _one_detector() -> None:
    create = GuardDutyBackend.create_detector

    @functools.wraps(create)
    def once(self: GuardDutyBackend, *values: Any, **named: Any) -> str:
        if self.detectors:
            raise Rejected("a detector already exists for the current account")
        return create(self, *values, **named)

    # Moto makes as many as are asked for.
    GuardDutyBackend.create_detector = once  # type: ignore[method-assign]


def install(world: World) -> dict[str, Wsgi]:
    """Adds the missing operations to moto, and the control."""
    for operation, path in (
        (list_findings, ""),
        (get_findings, "/get"),
        (archive_findings, "/archive"),
        (unarchive_findings, "/unarchive"),
        (create_sample_findings, "/create"),
    ):
        setattr(GuardDutyResponse, operation.__name__, operation)
        urls.url_paths[f"{{0}}/detector/(?P<detector_id>[^/]+)/findings{path}$"] = GuardDutyResponse.dispatch
    _one_detector()
    world.on_reset.append(_FINDINGS.clear)
    return {"/_stand-in/guardduty/findings": _control}
