"""IAM: what a containment does to keys, policies, logins and devices."""

import json
from typing import Any

import pytest
from conftest import Client
from functions import fails

DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
NONE = "AKIAAAAAAAAAAAAAAAAA"


@pytest.fixture
def iam(stand_in: Client) -> Any:
    """A client, the users "ann" and "bob", and the role "role"."""
    client = stand_in.client("iam")
    for name in ("ann", "bob"):
        client.create_user(UserName=name)
    client.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    return client


def test_keys_are_switched_off(iam: Any) -> None:
    first, second = (iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"] for _ in range(2))
    fails("LimitExceeded", iam.create_access_key, UserName="ann")
    iam.update_access_key(UserName="ann", AccessKeyId=first, Status="Inactive")
    found = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]
    assert {one["AccessKeyId"]: one["Status"] for one in found} == {first: "Inactive", second: "Active"}
    iam.update_access_key(UserName="ann", AccessKeyId=first, Status="Inactive")
    fails("NoSuchEntity", iam.update_access_key, UserName="ann", AccessKeyId=NONE, Status="Inactive")
    fails("NoSuchEntity", iam.update_access_key, UserName="bob", AccessKeyId=second, Status="Inactive")
    fails("NoSuchEntity", iam.list_access_keys, UserName="none")
    iam.delete_access_key(UserName="ann", AccessKeyId=first)
    assert [one["AccessKeyId"] for one in iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]] == [second]


def test_the_last_use_of_a_key_tells_its_user(stand_in: Client, iam: Any) -> None:
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    found = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert found["UserName"] == "ann" and "LastUsedDate" not in found["AccessKeyLastUsed"]
    stand_in.client("s3", key["AccessKeyId"], key["SecretAccessKey"]).list_buckets()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert used["ServiceName"] == "s3" and used["LastUsedDate"]
    fails("NoSuchEntity", iam.get_access_key_last_used, AccessKeyId=NONE)


@pytest.mark.parametrize("kind", ["user", "role"])
def test_inline_policies(iam: Any, kind: str) -> None:
    owner = {"UserName": "ann"} if kind == "user" else {"RoleName": "role"}
    put, get, delete = (getattr(iam, f"{verb}_{kind}_policy") for verb in ("put", "get", "delete"))
    put(**owner, PolicyName="deny", PolicyDocument=json.dumps(DENY))
    assert get(**owner, PolicyName="deny")["PolicyDocument"] == DENY
    listed = getattr(iam, f"list_{kind}_policies")
    assert listed(**owner)["PolicyNames"] == ["deny"]
    fails("MalformedPolicyDocument", put, **owner, PolicyName="bad", PolicyDocument="{")
    delete(**owner, PolicyName="deny")
    assert listed(**owner)["PolicyNames"] == []
    fails("NoSuchEntity", delete, **owner, PolicyName="deny")
    fails("NoSuchEntity", get, **owner, PolicyName="deny")


@pytest.mark.parametrize("kind", ["user", "role"])
def test_attached_policies(iam: Any, kind: str) -> None:
    owner = {"UserName": "ann"} if kind == "user" else {"RoleName": "role"}
    arn = iam.create_policy(PolicyName="deny", PolicyDocument=json.dumps(DENY))["Policy"]["Arn"]
    attach, detach = (getattr(iam, f"{verb}_{kind}_policy") for verb in ("attach", "detach"))
    listed = getattr(iam, f"list_attached_{kind}_policies")
    attach(**owner, PolicyArn=arn)
    attach(**owner, PolicyArn=arn)
    assert [one["PolicyArn"] for one in listed(**owner)["AttachedPolicies"]] == [arn]
    detach(**owner, PolicyArn=arn)
    assert listed(**owner)["AttachedPolicies"] == []
    fails("NoSuchEntity", detach, **owner, PolicyArn=arn)
    fails("NoSuchEntity", attach, **owner, PolicyArn=arn + "x")


def test_logins_are_deleted(iam: Any) -> None:
    iam.create_login_profile(UserName="ann", Password="A-long-password-1!")
    assert iam.get_login_profile(UserName="ann")["LoginProfile"]["UserName"] == "ann"
    iam.delete_login_profile(UserName="ann")
    fails("NoSuchEntity", iam.delete_login_profile, UserName="ann")
    fails("NoSuchEntity", iam.get_login_profile, UserName="ann")


def test_devices_are_deactivated(iam: Any) -> None:
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, **codes)
    assert [one["SerialNumber"] for one in iam.list_mfa_devices(UserName="ann")["MFADevices"]] == [serial]
    iam.deactivate_mfa_device(UserName="ann", SerialNumber=serial)
    assert iam.list_mfa_devices(UserName="ann")["MFADevices"] == []
    fails("NoSuchEntity", iam.deactivate_mfa_device, UserName="ann", SerialNumber=serial)


def test_users_and_roles_have_tags(iam: Any) -> None:
    tags = [{"Key": "case", "Value": "1"}]
    iam.tag_user(UserName="ann", Tags=tags)
    iam.tag_role(RoleName="role", Tags=tags)
    assert iam.list_user_tags(UserName="ann")["Tags"] == iam.list_role_tags(RoleName="role")["Tags"] == tags
    iam.untag_user(UserName="ann", TagKeys=["case"])
    assert iam.list_user_tags(UserName="ann")["Tags"] == []
    fails("NoSuchEntity", iam.tag_user, UserName="none", Tags=tags)
