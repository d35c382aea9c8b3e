//! A whole finding, as S3 exports hold it.

use crate::guardduty::action::action;
use crate::guardduty::case::{Case, instant};
use crate::guardduty::json::{Json, list, object};
use crate::guardduty::malware::{scan, volume_scan};
use crate::guardduty::resource::resource;
use crate::guardduty::runtime::runtime;
use crate::guardduty::sequence::detection;
use crate::guardduty::types::{Family, Severity, Source};

/// From what was first seen until GuardDuty said so, in milliseconds.
const NOTICE: i64 = 300_000;

/// The finding of a case.
pub(crate) fn finding(case: &mut Case<'_>) -> Json {
    let (title, severity) = (title(case), severity(case));
    let mut finding = object! {
        "schemaVersion": "2.0",
        "accountId": case.account(),
        "region": case.region,
        "partition": "aws",
        "id": case.id.clone(),
        "arn": case.finding_arn(),
        "type": case.kind.name,
        "resource": resource(case),
        "service": service(case),
        "severity": severity,
        "createdAt": instant(case.first),
        "updatedAt": instant(case.updated),
        "title": title.clone(),
        "description": format!("{title} This is not usual for account {} in {}.", case.account(), case.region),
    };
    if case.random.percent(3) {
        finding.push("confidence", Json::Raw("7.5".to_owned()));
    }
    if case.kind.family != Family::AttackSequence && case.random.percent(4) {
        let sequence = case.hex(32);
        let arn = case.arn("guardduty", &format!("detector/{}/finding/{sequence}", case.detector()));
        finding.push("associatedAttackSequenceArn", arn);
    }
    finding
}

fn severity(case: &mut Case<'_>) -> i64 {
    let choices: &[i64] = match case.kind.severity {
        Severity::Low => &[2],
        Severity::LowOrMore => &[2, 2, 2, 8],
        Severity::Medium => &[5],
        Severity::MediumOrMore => &[5, 5, 5, 8],
        Severity::High => &[8],
        Severity::HighOrLess => &[8, 8, 8, 5],
        Severity::Critical => &[9],
        Severity::Any => &[2, 5, 8],
    };
    choices[case.random.below(choices.len() as u32) as usize]
}

/// What the type's name says, in words.
fn title(case: &Case<'_>) -> String {
    let what = case.kind.name.rsplit('/').next().unwrap_or_default();
    let mut words = if case.is_sample { "[SAMPLE] ".to_owned() } else { String::new() };
    let mut before = ' ';
    for letter in what.chars() {
        if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            words.push(' ');
        }
        words.push(if matches!(letter, '.' | '!') { ' ' } else { letter });
        before = letter;
    }
    let subject = match case.kind.family {
        Family::AccessKey => case.user().name.to_owned(),
        Family::S3Bucket | Family::S3Object => case.bucket(),
        Family::Instance | Family::Workload => case.instance(),
        _ => case.account().to_owned(),
    };
    format!("{words} was seen at {subject}.")
}

fn service(case: &mut Case<'_>) -> Json {
    let mut service = object! { "serviceName": "guardduty", "detectorId": case.detector() };
    if let Some(feature) = feature(case.kind.source) {
        service.push("featureName", feature);
    }
    if let Some(action) = action(case) {
        service.push("action", action);
    }
    if !matches!(case.kind.source, Source::Runtime | Source::Objects) {
        service.push("resourceRole", if is_actor(case) { "ACTOR" } else { "TARGET" });
    }
    service.push("additionalInfo", additional_info(case));
    if case.is_threat() {
        service.push("evidence", evidence(case));
    }
    details(case, &mut service);
    service.push("eventFirstSeen", instant(case.first - NOTICE));
    service.push("eventLastSeen", instant(case.updated - NOTICE / 2));
    service.push("archived", false);
    service.push("count", case.count);
    service
}

fn feature(source: Source) -> Option<&'static str> {
    Some(match source {
        Source::Volumes => "EbsVolumeScan",
        Source::Backups => "MalwareProtectionForBackup",
        Source::Objects => "S3MalwareProtection",
        Source::Runtime => "RuntimeMonitoring",
        Source::Logins => "RdsLoginEvents",
        Source::FunctionTraffic => "LambdaNetworkLogs",
        Source::Models => "AIProtection",
        _ => return None,
    })
}

/// Whether the resource itself does harm, and not somebody to it.
fn is_actor(case: &Case<'_>) -> bool {
    let purposes = ["Backdoor:", "CryptoCurrency:", "Trojan:", "PortSweep", "Portscan", "TorClient", "TorRelay", "DNS"];
    let is_either = case.is("BruteForce") && case.kind.family == Family::Instance;
    purposes.iter().any(|purpose| case.is(purpose)) || is_either && case.machine.number.is_multiple_of(2)
}

fn details(case: &mut Case<'_>, service: &mut Json) {
    match case.kind.source {
        Source::Volumes => service.push("ebsVolumeScanDetails", volume_scan(case)),
        Source::Backups => service.push("malwareScanDetails", scan(case, true)),
        Source::Objects => service.push("malwareScanDetails", scan(case, false)),
        Source::Runtime => service.push("runtimeDetails", runtime(case)),
        _ => {}
    }
    if let Some(detection) = detection(case) {
        service.push("detection", detection);
    }
}

fn evidence(case: &mut Case<'_>) -> Json {
    let mut threat = object! { "threatListName": "ProofPoint", "threatNames": list!["Example.C2"] };
    if case.is("File") {
        threat.push("threatFileSha256", case.hex(64));
    }
    object! { "threatIntelligenceDetails": list![threat] }
}

/// What GuardDuty adds from case to case, without a model.
fn additional_info(case: &mut Case<'_>) -> Json {
    let mut info = object! {};
    if case.is_threat() {
        info.push("threatListName", "ProofPoint");
        info.push("threatName", "Example.C2");
    }
    match case.kind.source {
        Source::Management if case.is("AnomalousBehavior") => anomalous(case, &mut info),
        Source::Management => {
            let calls = list![object! { "api": "GetCallerIdentity", "count": 1 + case.random.below(40) }];
            info.push("recentApiCalls", calls);
            info.push(
                "unusual",
                object! { "hoursOfDay": list![1_513_609_200_000_i64], "userNames": list!["mara.weiss"] },
            );
        }
        Source::FlowLogs if case.is("Portscan") => {
            info.push("portsScannedSample", list![22_i64, 80_i64, 443_i64]);
        }
        Source::FlowLogs if case.is("Unusual") || case.is("DenialOfService") => {
            info.push("inBytes", "321987");
            info.push("outBytes", "6841");
            info.push("localPort", "34875");
            info.push("unusualProtocol", "UDP");
        }
        Source::Logins => {
            let user = object! {
                "userName": "ledger_app",
                "successfulLoginCount": 1_i64,
                "failedLoginCount": 0_i64,
                "incompleteConnectionCount": 0_i64,
            };
            info.push("unusualBehavior", object! { "unusualUserNameClusterProfiling": user });
        }
        Source::DnsLogs => info.push("domain", "guarddutyc2activityb.example.com"),
        _ => {}
    }
    if case.is_sample {
        info.push("sample", true);
    }
    info
}

fn anomalous(case: &Case<'_>, info: &mut Json) {
    let agent = "aws-cli/2.27.49 ua/2.1 os/linux#6.12";
    info.push("userAgent", object! { "fullUserAgent": agent, "userAgentCategory": "AWS CLI" });
    info.push("anomalies", object! { "anomalousAPIs": "iam.amazonaws.com:[CreateAccessKey:success]" });
    let profiled = object! {
        "frequentProfiledAPIsAccountProfiling": "DescribeInstances , GetObject",
        "rareProfiledUserNamesAccountProfiling": case.user().name,
        "rareProfiledASNsUserIdentityProfiling": "",
    };
    info.push("profiledBehavior", profiled);
    let unusual = object! {
        "unusualAPIsAccountProfiling": "CreateAccessKey",
        "unusualASNsAccountProfiling": "asnNumber: 64500 asnOrg: EXAMPLE-HOSTING",
        "isUnusualUserIdentity": "false",
    };
    info.push("unusualBehavior", unusual);
}

/// A finding as the API gives it: members by name, and what GuardDuty adds as text.
pub(crate) fn of_api(mut finding: Json) -> Json {
    if let Some(info) = finding.at_mut(&["service", "additionalInfo"]) {
        let mut text = Vec::new();
        info.write_wire(&mut text);
        *info = object! { "value": String::from_utf8_lossy(&text).into_owned(), "type": "default" };
    }
    if let Json::Object(members) = &mut finding {
        members.sort_by_key(|(key, _)| *key);
    }
    finding
}
