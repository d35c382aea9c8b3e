//! `service.action`: what was seen to be done. Malware, runtime and attack sequences have none.

use crate::guardduty::case::Case;
use crate::guardduty::json::{Json, list, object};
use crate::guardduty::types::Source;

/// The action of a case, where it has one.
pub(crate) fn action(case: &mut Case<'_>) -> Option<Json> {
    Some(match case.kind.source {
        Source::Management | Source::DataEvents | Source::Models => {
            object! { "actionType": "AWS_API_CALL", "awsApiCallAction": api_call(case) }
        }
        Source::FlowLogs if case.is("PortProbe") => {
            object! { "actionType": "PORT_PROBE", "portProbeAction": port_probe(case) }
        }
        Source::FlowLogs | Source::FunctionTraffic => {
            object! { "actionType": "NETWORK_CONNECTION", "networkConnectionAction": connection(case) }
        }
        Source::DnsLogs => object! { "actionType": "DNS_REQUEST", "dnsRequestAction": dns_request(case) },
        Source::AuditLogs => kubernetes_call(case),
        Source::Logins => {
            object! { "actionType": "RDS_LOGIN_ATTEMPT", "rdsLoginAttemptAction": login_attempt(case) }
        }
        Source::Volumes | Source::Backups | Source::Objects => return None,
        Source::Runtime | Source::Sequences | Source::Rules => return None,
    })
}

/// Where the other side is. Those of findings are intruders, whose addresses nobody else has.
pub(crate) fn remote(case: &mut Case<'_>) -> Json {
    const PLACES: [(&str, &str, &str, &str, &str); 4] = [
        ("FR", "France", "Roubaix", "50.6974", "3.178"),
        ("DE", "Germany", "Falkenstein", "50.4777", "12.3649"),
        ("BR", "Brazil", "São Paulo", "-23.5475", "-46.6361"),
        ("SG", "Singapore", "Singapore", "1.2897", "103.8501"),
    ];
    let (code, country, city, lat, lon) = PLACES[case.random.below(4) as usize];
    let asn = 64_496 + case.random.below(16);
    let organization = object! {
        "asn": asn.to_string(),
        "asnOrg": "EXAMPLE-HOSTING",
        "isp": "Example Hosting",
        "org": "Example Hosting",
    };
    let address = intruder(case);
    let mut remote = object! { "ipAddressV4": address };
    if case.random.percent(8) {
        remote.push("ipAddressV6", format!("2001:db8:bad::{:x}", 1 + case.random.below(0xfffe)));
    }
    remote.push("organization", organization);
    remote.push("country", object! { "countryCode": code, "countryName": country });
    remote.push("city", object! { "cityName": city });
    let place = object! { "lat": Json::Raw(lat.to_owned()), "lon": Json::Raw(lon.to_owned()) };
    remote.push("geoLocation", place);
    remote
}

/// An address that only intruders have.
pub(crate) fn intruder(case: &mut Case<'_>) -> String {
    format!("198.51.100.{}", 1 + case.random.below(254))
}

fn api_call(case: &mut Case<'_>) -> Json {
    let (service, api) = call_of(case);
    let mut call = object! { "api": api, "serviceName": format!("{service}.amazonaws.com"), "callerType": "Remote IP" };
    if case.random.percent(30) {
        call.push("errorCode", "AccessDenied");
    }
    if case.random.percent(50) {
        call.push("userAgent", "aws-cli/2.27.49 md/awscrt#0.26.1 ua/2.1 os/linux#6.12 lang/python#3.13.4");
    }
    if case.random.percent(6) {
        call.push("domainDetails", object! { "domain": "signin.aws.amazon.com" });
    }
    call.push("remoteIpDetails", remote(case));
    if case.is("InsideAWS") {
        call.push("remoteAccountDetails", object! { "accountId": "999999999999", "affiliated": false });
    }
    let affected = match service {
        "s3" => vec![("AWS::S3::Bucket".to_owned(), case.bucket().into())],
        "cloudtrail" => vec![("AWS::CloudTrail::Trail".to_owned(), Json::from("house"))],
        "ec2" => vec![("AWS::EC2::Instance".to_owned(), case.instance().into())],
        _ => Vec::new(),
    };
    call.push("affectedResources", Json::Map(affected));
    call
}

/// The service and the call that a type is seen in.
fn call_of(case: &mut Case<'_>) -> (&'static str, &'static str) {
    let calls: &[(&str, &str)] = match case.kind.source {
        Source::Models => &[("bedrock", "InvokeModel"), ("bedrock", "Converse")],
        Source::DataEvents => &[("s3", "GetObject"), ("s3", "ListObjects"), ("s3", "DeleteObject")],
        _ if case.is(":S3/") => &[("s3", "PutBucketPolicy"), ("s3", "DeletePublicAccessBlock")],
        _ if case.is("CloudTrail") => &[("cloudtrail", "StopLogging"), ("cloudtrail", "DeleteTrail")],
        _ if case.is("ConsoleLogin") => &[("signin", "ConsoleLogin")],
        _ if case.is("Password") => &[("iam", "UpdateAccountPasswordPolicy")],
        _ => &[
            ("iam", "CreateAccessKey"),
            ("ec2", "DescribeInstances"),
            ("ec2", "RunInstances"),
            ("sts", "GetCallerIdentity"),
        ],
    };
    calls[case.random.below(calls.len() as u32) as usize]
}

fn port(number: u32) -> Json {
    const NAMES: [(u32, &str); 6] =
        [(22, "SSH"), (53, "DNS"), (80, "HTTP"), (443, "HTTPS"), (3389, "RDP"), (25, "SMTP")];
    let name = NAMES.iter().find(|(known, _)| *known == number).map_or("Unknown", |(_, name)| name);
    object! { "port": number, "portName": name }
}

fn local(case: &Case<'_>) -> Json {
    let mut local = object! { "ipAddressV4": case.machine.address().to_string() };
    if case.machine.number.is_multiple_of(4) {
        local.push("ipAddressV6", case.machine.address_v6().to_string());
    }
    local
}

fn connection(case: &mut Case<'_>) -> Json {
    let (direction, local_port, remote_port) = match () {
        () if case.is("SSHBruteForce") => ("INBOUND", 22, 32_938),
        () if case.is("RDPBruteForce") => ("INBOUND", 3_389, 40_112),
        () if case.is("Spambot") => ("OUTBOUND", 38_120, 25),
        () if case.is("Dns") || case.is("DNS") || case.is("DoT") => ("OUTBOUND", 51_111, 53),
        () => ("OUTBOUND", 32_768 + case.random.below(20_000), 443),
    };
    object! {
        "connectionDirection": direction,
        "remoteIpDetails": remote(case),
        "remotePortDetails": port(remote_port),
        "localPortDetails": port(local_port),
        "localIpDetails": local(case),
        "localNetworkInterface": case.machine.id().to_string(),
        "protocol": if case.is("Udp") || remote_port == 53 { "UDP" } else { "TCP" },
        "blocked": false,
    }
}

fn port_probe(case: &mut Case<'_>) -> Json {
    let ports: &[u32] = if case.is("EMR") { &[8_088] } else { &[80, 443, 3_389] };
    let probes = ports.iter().map(|number| {
        object! {
            "localPortDetails": port(*number),
            "remoteIpDetails": remote(case),
            "localIpDetails": local(case),
        }
    });
    object! { "blocked": false, "portProbeDetails": Json::List(probes.collect()) }
}

fn dns_request(case: &mut Case<'_>) -> Json {
    let domain = case.pick(&["guarddutyc2activityb.example.com", "pool.minergate.example", "xn--80ak6aa92e.example"]);
    let mut request = object! { "domain": domain, "protocol": "UDP", "blocked": case.random.percent(20) };
    if case.random.percent(40) {
        request.push("domainWithSuffix", format!("{domain}.ec2.internal"));
        request.push("vpcOwnerAccountId", case.account());
    }
    request
}

fn kubernetes_call(case: &mut Case<'_>) -> Json {
    let (verb, uri, resource) = match () {
        () if case.is("Secrets") => ("list", "/api/v1/namespaces/default/secrets", "secrets"),
        () if case.is("ExecIn") => ("create", "/api/v1/namespaces/kube-system/pods/web-1/exec", "pods"),
        () if case.is("Workload") => ("create", "/apis/apps/v1/namespaces/default/deployments", "deployments"),
        () => ("get", "/api/v1/namespaces/default/pods?limit=500", "pods"),
    };
    let call = object! {
        "requestUri": uri,
        "verb": verb,
        "sourceIPs|SourceIps": list![intruder(case)],
        "userAgent": "kubectl/v1.33.1 (linux/amd64) kubernetes/8adc0f0",
        "remoteIpDetails": remote(case),
        "statusCode": 200_i64,
        "parameters": "limit=500",
        "resource": resource,
        "resourceName": "web-1",
        "subresource": if case.is("ExecIn") { "exec" } else { "" },
        "namespace": "default",
    };
    let mut action = object! { "actionType": "KUBERNETES_API_CALL", "kubernetesApiCallAction": call };
    let (name, uid) = ("cluster-admin-2", case.uuid());
    if case.is("PermissionChecked") {
        let checked = object! { "verb": "get", "resource": "secrets", "namespace": "default", "allowed": true };
        action.push("kubernetesPermissionCheckedDetails", checked);
    } else if case.is("RoleBindingCreated") || case.is("Granted") || case.is("AdminAccess") {
        let binding = object! {
            "kind": "ClusterRoleBinding",
            "name": name,
            "uid": uid,
            "roleRefName": "cluster-admin",
            "roleRefKind": "ClusterRole",
        };
        action.push("kubernetesRoleBindingDetails", binding);
    } else if case.is("RoleCreated") {
        action.push("kubernetesRoleDetails", object! { "kind": "ClusterRole", "name": name, "uid": uid });
    }
    action
}

fn login_attempt(case: &mut Case<'_>) -> Json {
    let failed = if case.is("Failed") || case.is("BruteForce") { 1 + case.random.below(900) } else { 0 };
    let attributes = object! {
        "user": "ledger_app",
        "application": "psql",
        "failedLoginAttempts": failed,
        "successfulLoginAttempts": u32::from(!case.is("Failed")),
    };
    object! { "remoteIpDetails": remote(case), "LoginAttributes": list![attributes] }
}
