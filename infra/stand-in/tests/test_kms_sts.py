"""KMS signatures, and who calls by STS."""

import hashlib
import json
from typing import Any

import pytest
from conftest import Client
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from functions import fails

CURVE = {"SigningAlgorithm": "ECDSA_SHA_256"}


@pytest.fixture
def kms(stand_in: Client) -> Any:
    """A client."""
    return stand_in.client("kms")


def make(kms: Any, spec: str = "ECC_NIST_P256") -> str:
    """A new signing key's id."""
    return kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]


def public(kms: Any, key: str) -> Any:
    """The public key, as others use it."""
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])


def test_the_public_key_checks_signatures(kms: Any) -> None:
    key = make(kms)
    found = kms.get_public_key(KeyId=key)
    assert found["KeyId"].startswith("arn:aws:kms:") and found["KeyId"].endswith(key)
    assert (found["KeySpec"], found["SigningAlgorithms"]) == ("ECC_NIST_P256", ["ECDSA_SHA_256"])
    for message, more in ((b"text", {}), (hashlib.sha256(b"text").digest(), {"MessageType": "DIGEST"})):
        signature = kms.sign(KeyId=key, Message=message, **CURVE, **more)["Signature"]
        public(kms, key).verify(signature, b"text", ec.ECDSA(hashes.SHA256()))
        assert kms.verify(KeyId=key, Message=message, Signature=signature, **CURVE, **more)["SignatureValid"]


def test_rsa_pss_has_the_salt_of_aws(kms: Any) -> None:
    key = make(kms, "RSA_2048")
    signature = kms.sign(KeyId=key, Message=b"text", SigningAlgorithm="RSASSA_PSS_SHA_256")["Signature"]
    pad = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    public(kms, key).verify(signature, b"text", pad, hashes.SHA256())


def test_a_wrong_signature_is_an_error(kms: Any) -> None:
    key = make(kms)
    signature = kms.sign(KeyId=key, Message=b"text", **CURVE)["Signature"]
    fails("KMSInvalidSignatureException", kms.verify, KeyId=key, Message=b"other", Signature=signature, **CURVE)


def test_bad_orders_to_sign(kms: Any) -> None:
    key = make(kms)
    kms.sign(KeyId=key, Message=b"x" * 4_096, **CURVE)
    fails("ValidationException", kms.sign, KeyId=key, Message=b"x" * 4_097, **CURVE)
    fails("ValidationException", kms.sign, KeyId=key, Message=b"x", MessageType="DIGEST", **CURVE)
    fails("ValidationException", kms.sign, KeyId=key, Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256")
    fails("NotFoundException", kms.sign, KeyId="11111111-2222-3333-4444-555555555555", Message=b"x", **CURVE)


def test_keys_have_states_and_aliases(kms: Any) -> None:
    key = make(kms)
    kms.create_alias(AliasName="alias/sign", TargetKeyId=key)
    kms.sign(KeyId="alias/sign", Message=b"x", **CURVE)
    kms.disable_key(KeyId=key)
    fails("DisabledException", kms.sign, KeyId="alias/sign", Message=b"x", **CURVE)
    kms.enable_key(KeyId=key)
    kms.sign(KeyId=key, Message=b"x", **CURVE)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    fails("KMSInvalidStateException", kms.sign, KeyId=key, Message=b"x", **CURVE)


def test_encryption_has_a_context(kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"})["Plaintext"] == b"x"
    fails("InvalidCiphertextException", kms.decrypt, CiphertextBlob=sealed, EncryptionContext={"a": "c"})


def test_the_caller(stand_in: Client) -> None:
    iam = stand_in.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    caller = stand_in.client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:user/ann")


def test_a_role_is_assumed(stand_in: Client) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = stand_in.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    found = stand_in.client("sts").assume_role(RoleArn=role, RoleSessionName="session")
    arn = "arn:aws:sts::123456789012:assumed-role/role/session"
    assert found["AssumedRoleUser"]["Arn"] == arn
    key = found["Credentials"]
    assert key["AccessKeyId"].startswith("ASIA") and key["SessionToken"]
    caller = stand_in.client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()
    assert caller["Arn"] == arn
