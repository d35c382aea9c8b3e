"""What the peers are asked to write of a record: hot fields typed, open-ended objects as JSON text.

One value a format, which each engine's declaration is rendered from. It is what they can do; Trailhouse writes all of
its tables.
"""

TEXT, TIME, FLAG, JSON, NUMBER, LARGE = "text", "time", "flag", "json", "number", "large"

ISSUER = {name: TEXT for name in ("type", "principalId", "arn", "accountId", "userName")}
ATTRIBUTES = {"creationDate": TEXT, "mfaAuthenticated": TEXT}
IDENTITY = {
    **{name: TEXT for name in ("type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy")},
    "sessionContext": {"sessionIssuer": ISSUER, "attributes": ATTRIBUTES},
}
RECORD = {
    "eventVersion": TEXT,
    "eventTime": TIME,
    "eventSource": TEXT,
    "eventName": TEXT,
    "awsRegion": TEXT,
    "sourceIPAddress": TEXT,
    "userAgent": TEXT,
    "errorCode": TEXT,
    "errorMessage": TEXT,
    "requestParameters": JSON,
    "responseElements": JSON,
    "additionalEventData": JSON,
    "requestID": TEXT,
    "eventID": TEXT,
    "readOnly": FLAG,
    "resources": JSON,
    "eventType": TEXT,
    "apiVersion": TEXT,
    "managementEvent": FLAG,
    "recipientAccountId": TEXT,
    "sharedEventID": TEXT,
    "serviceEventDetails": JSON,
    "vpcEndpointId": TEXT,
    "eventCategory": TEXT,
    "tlsDetails": {"tlsVersion": TEXT, "cipherSuite": TEXT, "clientProvidedHostHeader": TEXT},
    "userIdentity": IDENTITY,
}

# The default format of VPC flow logs in its order; windows are left as the seconds since 1970 that the lines hold.
FLOW = {
    "version": NUMBER,
    "account_id": TEXT,
    "interface_id": TEXT,
    "srcaddr": TEXT,
    "dstaddr": TEXT,
    "srcport": NUMBER,
    "dstport": NUMBER,
    "protocol": NUMBER,
    "packets": LARGE,
    "bytes": LARGE,
    "start": LARGE,
    "end": LARGE,
    "action": TEXT,
    "log_status": TEXT,
}
# What a flow log writes for what is not known.
FLOW_NOTHING = "-"


def render(shape, leaves, structure, member):
    """The declaration of `shape`, given an engine's names of leaves and its way to write structures."""
    if isinstance(shape, str):
        return leaves[shape]
    members = ", ".join(member(name, render(inner, leaves, structure, member)) for name, inner in shape.items())
    return f"{structure}({members})"
