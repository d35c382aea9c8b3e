"""Access keys and the size of inline policies."""

import json
from typing import Any

import botocore.exceptions
import pytest
from conftest import Client


def make_key(stand_in: Client) -> tuple[str, str]:
    """A user "ann" and her key."""
    iam = stand_in.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def call(stand_in: Client, service: str, operation: str, key: tuple[str, str], **values: Any) -> tuple[int, str]:
    """Status and error code of a call that is refused."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        getattr(stand_in.client(service, *key), operation)(**values)
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


REFUSALS = [
    ("s3", "list_buckets", {}, 403, "InvalidAccessKeyId"),
    ("s3", "head_bucket", {"Bucket": "some"}, 403, "403"),
    ("iam", "list_users", {}, 403, "InvalidClientTokenId"),
    ("sts", "get_caller_identity", {}, 403, "InvalidClientTokenId"),
    ("sns", "list_topics", {}, 403, "InvalidClientTokenId"),
    ("sqs", "list_queues", {}, 403, "InvalidClientTokenId"),
    ("ec2", "describe_instances", {}, 401, "AuthFailure"),
    ("glue", "get_databases", {}, 400, "UnrecognizedClientException"),
    ("dynamodb", "list_tables", {}, 400, "UnrecognizedClientException"),
    ("lambda", "list_functions", {}, 403, "UnrecognizedClientException"),
]


@pytest.mark.parametrize(("service", "operation", "values", "status", "code"), REFUSALS)
def test_an_inactive_key_is_refused(
    stand_in: Client, service: str, operation: str, values: dict[str, Any], status: int, code: str
) -> None:
    """Each service refuses it in its own words."""
    key = make_key(stand_in)
    stand_in.client("iam").update_access_key(UserName="ann", AccessKeyId=key[0], Status="Inactive")
    assert call(stand_in, service, operation, key, **values) == (status, code)


def test_a_key_can_be_active_again(stand_in: Client) -> None:
    """Off and on."""
    iam, key = stand_in.client("iam"), make_key(stand_in)
    iam.update_access_key(UserName="ann", AccessKeyId=key[0], Status="Inactive")
    assert call(stand_in, "s3", "list_buckets", key)[0] == 403
    iam.update_access_key(UserName="ann", AccessKeyId=key[0], Status="Active")
    assert stand_in.client("s3", *key).list_buckets()["Buckets"] == []


def test_a_deleted_key_is_refused_and_unknown_ones_are_not(stand_in: Client) -> None:
    """What IAM never made is a test's dummy."""
    key = make_key(stand_in)
    stand_in.client("iam").delete_access_key(UserName="ann", AccessKeyId=key[0])
    assert call(stand_in, "glue", "get_databases", key) == (400, "UnrecognizedClientException")
    assert stand_in.client("glue", "AKIAIOSFODNN7EXAMPLE", "x").get_databases()["DatabaseList"] == []


def test_a_presigned_url_of_an_inactive_key_is_refused(stand_in: Client) -> None:
    """The key may also be in the query."""
    stand_in.client("s3").create_bucket(Bucket="some")
    stand_in.client("s3").put_object(Bucket="some", Key="one", Body=b"1")
    key = make_key(stand_in)
    s3 = stand_in.client("s3", *key)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "some", "Key": "one"})
    path = url.removeprefix(stand_in.endpoint)
    assert stand_in.get(path) == (200, 1)
    stand_in.client("iam").update_access_key(UserName="ann", AccessKeyId=key[0], Status="Inactive")
    status, body = stand_in.get(path)
    assert status == 403
    assert b"InvalidAccessKeyId" in body


def test_the_caller_of_a_key_is_told(stand_in: Client) -> None:
    """GetCallerIdentity."""
    key = make_key(stand_in)
    found = stand_in.client("sts", *key).get_caller_identity()
    assert found["Arn"] == "arn:aws:iam::123456789012:user/ann"
    assert found["Account"] == "123456789012"


def document(size: int) -> str:
    """A policy of `size` bytes that count, and many that do not."""
    statement = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/"}
    value = {"Version": "2012-10-17", "Statement": [statement]}
    bare = len(json.dumps(value, separators=(",", ":")))
    statement["Resource"] += "x" * (size - bare)
    return json.dumps(value, indent=40)


def test_inline_user_policies_have_a_limit_in_sum(stand_in: Client) -> None:
    """2,048 bytes, whitespace not counted; a policy that is replaced does not count."""
    iam = stand_in.client("iam")
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="one", PolicyDocument=document(1_000))
    iam.put_user_policy(UserName="ann", PolicyName="two", PolicyDocument=document(1_048))
    iam.put_user_policy(UserName="ann", PolicyName="two", PolicyDocument=document(1_048))
    with pytest.raises(iam.exceptions.LimitExceededException) as caught:
        iam.put_user_policy(UserName="ann", PolicyName="two", PolicyDocument=document(1_049))
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert answer["Error"]["Message"] == "Maximum policy size of 2048 bytes exceeded for user ann"
    assert iam.get_user_policy(UserName="ann", PolicyName="two")["PolicyDocument"]["Statement"]


def test_inline_policies_of_roles_and_groups_have_larger_limits(stand_in: Client) -> None:
    """10,240 and 5,120 bytes."""
    iam = stand_in.client("iam")
    iam.create_role(RoleName="job", AssumeRolePolicyDocument=document(200))
    iam.put_role_policy(RoleName="job", PolicyName="one", PolicyDocument=document(10_240))
    with pytest.raises(iam.exceptions.LimitExceededException):
        iam.put_role_policy(RoleName="job", PolicyName="one", PolicyDocument=document(10_241))
    iam.create_group(GroupName="crew")
    iam.put_group_policy(GroupName="crew", PolicyName="one", PolicyDocument=document(5_120))
    with pytest.raises(iam.exceptions.LimitExceededException):
        iam.put_group_policy(GroupName="crew", PolicyName="two", PolicyDocument=document(200))
