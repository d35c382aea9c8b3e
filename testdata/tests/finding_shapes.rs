//! Findings as a responder reads them: every resource with its details, every action with its member, in each casing and
//! wrapping, and hazards that are what they are called.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "shared/findings.rs"]
mod reading;
mod shared;

use std::collections::BTreeSet;

use reading::{info, made_on, rows, text, wide};
use serde_json::{Deserializer, Value};
use shared::inflate;
use trailhouse_testdata::{Carrier, FINDING_HAZARDS, FindingHazard, FindingOptions};

/// What a finding about a resource must have of it.
const DETAILS: [(&str, &[&str]); 15] = [
    ("AccessKey", &["/resource/accessKeyDetails/principalId"]),
    ("AttackSequence", &["/service/detection/sequence/resources/0/uid", "/service/detection/sequence/actors/0/user"]),
    ("Container", &["/resource/containerDetails/image", "/resource/instanceDetails/instanceId"]),
    ("EBSRecoveryPoint", &["/resource/recoveryPointDetails/recoveryPointArn", "/service/malwareScanDetails/scanId"]),
    ("EBSSnapshot", &["/resource/ebsSnapshotDetails/snapshotArn", "/service/malwareScanDetails/threats/0/itemDetails"]),
    ("EC2Image", &["/resource/ec2ImageDetails/imageArn"]),
    ("ECSCluster", &["/resource/ecsClusterDetails/taskDetails/containers/0/name"]),
    ("EKSCluster", &["/resource/eksClusterDetails/name", "/resource/kubernetesDetails/kubernetesUserDetails"]),
    ("Instance", &["/resource/instanceDetails/networkInterfaces/0/networkInterfaceId"]),
    ("Lambda", &["/resource/lambdaDetails/functionArn"]),
    ("RDSDBInstance", &["/resource/rdsDbInstanceDetails/dbInstanceArn", "/resource/rdsDbUserDetails/user"]),
    ("RDSLimitlessDB", &["/resource/rdsLimitlessDbDetails/dbShardGroupArn", "/resource/rdsDbUserDetails/user"]),
    ("S3Bucket", &["/resource/s3BucketDetails/0/publicAccess", "/resource/accessKeyDetails/userType"]),
    ("S3Object", &["/resource/s3BucketDetails/0/s3ObjectDetails/0/objectArn"]),
    ("S3RecoveryPoint", &["/resource/recoveryPointDetails/backupVaultName"]),
];

/// The member of each kind of action.
const ACTIONS: [(&str, &str); 6] = [
    ("AWS_API_CALL", "awsApiCallAction"),
    ("DNS_REQUEST", "dnsRequestAction"),
    ("KUBERNETES_API_CALL", "kubernetesApiCallAction"),
    ("NETWORK_CONNECTION", "networkConnectionAction"),
    ("PORT_PROBE", "portProbeAction"),
    ("RDS_LOGIN_ATTEMPT", "rdsLoginAttemptAction"),
];

#[test]
fn types_have_the_shape_of_their_resource() {
    let (objects, _) = made_on(2, FindingOptions { hazards: false, ..wide(Some(Carrier::Export)) });
    let (mut resources, mut actions) = (BTreeSet::new(), BTreeSet::new());
    for (_, finding) in rows(&objects) {
        let (kind, resource) = (text(&finding, "type"), text(&finding["resource"], "resourceType").to_owned());
        let (_, paths) = DETAILS.iter().find(|(known, _)| *known == resource).unwrap();
        for path in *paths {
            assert!(finding.pointer(path).is_some(), "{kind} has no `{path}`");
        }
        let action = text(&finding["service"]["action"], "actionType").to_owned();
        match ACTIONS.iter().find(|(known, _)| *known == action) {
            Some((_, member)) => assert!(finding["service"]["action"][member].is_object(), "{kind}"),
            None => {
                let others = ["runtimeDetails", "malwareScanDetails", "ebsVolumeScanDetails", "detection"];
                assert!(others.iter().any(|other| finding["service"][other].is_object()), "{kind}");
            }
        }
        resources.insert(resource);
        actions.insert(action);
        assert!(finding["severity"].is_i64() && text(&finding, "id").len() == 32);
        assert!(info(&finding)["sample"].is_null() != text(&finding, "title").starts_with("[SAMPLE] "));
    }
    assert_eq!(resources.len(), DETAILS.len());
    assert_eq!(actions.len(), ACTIONS.len() + 1);
}

/// Members whose keys are data.
const MAPS: [&str; 3] = ["AffectedResources", "Profiles", "Behavior"];

fn assert_capitals(value: &Value) {
    match value {
        Value::Array(elements) => elements.iter().for_each(assert_capitals),
        Value::Object(members) => {
            for (key, value) in members {
                assert!(key.starts_with(char::is_uppercase), "`{key}`");
                assert!(!value.is_null(), "`{key}`");
                if !MAPS.contains(&key.as_str()) {
                    assert_capitals(value);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn the_command_line_prints_capitals_all_the_way_down() {
    let (objects, _) = made_on(2, wide(Some(Carrier::Cli)));
    let all = rows(&objects);
    all.iter().for_each(|(_, finding)| assert_capitals(finding));
    let paths = [
        "/Resource/EcsClusterDetails/TaskDetails/TaskCreatedAt",
        "/Service/Action/KubernetesApiCallAction/SourceIps",
        "/Service/Action/AwsApiCallAction/AffectedResources/AWS::S3::Bucket",
        "/Service/Detection/Sequence/Endpoints/0/Location/Latitude",
        "/Service/Detection/Anomaly/Profiles/account/api/0/ProfileType",
        "/Service/AdditionalInfo/Value",
    ];
    for path in paths {
        assert!(all.iter().any(|(_, finding)| finding.pointer(path).is_some()), "{path}");
    }
    let text = String::from_utf8(inflate(objects.values().next().unwrap())).unwrap();
    assert!(
        text.starts_with("{\n    \"Findings\": [\n        {\n            \"AccountId\": \"") && text.ends_with("\n}\n")
    );
}

#[test]
fn events_wrap_findings_with_and_without_line_breaks() {
    let (objects, _) = made_on(2, wide(Some(Carrier::EventBridge)));
    let (mut with, mut without) = (0, 0);
    for stored in objects.values() {
        let text = String::from_utf8(inflate(stored)).unwrap();
        for event in Deserializer::from_str(&text).into_iter::<Value>() {
            let event = event.unwrap();
            assert_eq!(
                (&event["detail-type"], &event["source"]),
                (&"GuardDuty Finding".into(), &"aws.guardduty".into())
            );
            assert_eq!(event["region"], event["detail"]["region"]);
        }
        *if text.contains("}{") { &mut without } else { &mut with } += 1;
    }
    assert!(with > 10 && without > 10, "{with} {without}");
}

#[test]
fn hazards_are_what_they_are_called() {
    let (objects, counts) = made_on(2, wide(Some(Carrier::Export)));
    let all = rows(&objects);
    let count = |test: &dyn Fn(&Value) -> bool| all.iter().filter(|(_, finding)| test(finding)).count() as u64;
    let had = |wanted: FindingHazard| {
        let place = FINDING_HAZARDS.iter().position(|(hazard, _)| *hazard == wanted).unwrap();
        counts.hazards[place]
    };
    let unusual = |finding: &Value| finding["service"]["additionalInfo"]["unusual"].clone();
    let launched = |finding: &Value| finding["resource"]["instanceDetails"]["launchTime"].clone();
    let asn = |finding: &Value| {
        let action = finding["service"]["action"].as_object()?;
        let found = action.values().find_map(|action| action.get("remoteIpDetails"));
        let probed = action.get("portProbeAction").map(|probe| &probe["portProbeDetails"][0]["remoteIpDetails"]);
        Some(found.or(probed)?["organization"]["asn"].clone())
    };
    assert_eq!(count(&|finding| asn(finding).is_some_and(|asn| asn.is_i64())), had(FindingHazard::AsnNumber));
    assert_eq!(count(&|finding| unusual(finding).is_i64()), had(FindingHazard::UnusualNumber));
    assert_eq!(count(&|finding| unusual(finding).is_string()), had(FindingHazard::UnusualText));
    assert_eq!(count(&|finding| launched(finding).is_i64()), had(FindingHazard::LaunchTimeNumber));
    assert_eq!(count(&|finding| finding["severity"].is_f64()), had(FindingHazard::DecimalSeverity));
    assert_eq!(count(&|finding| finding.get("x-trace").is_some()), had(FindingHazard::UnknownKeys));
    assert_eq!(count(&|finding| finding["findingTypeVersion"]["present"] == false), had(FindingHazard::TypeVersion));
    assert_eq!(count(&|finding| finding["title"] == "The second one."), had(FindingHazard::RepeatedKey));
    let evidence = |finding: &Value| finding["service"].get("evidence").is_some_and(Value::is_null);
    assert_eq!(count(&evidence), had(FindingHazard::Nulls));
    assert!(count(&|finding| unusual(finding).is_object()) > 0);
}
