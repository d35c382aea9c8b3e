//! Clusters, workloads and containers.

use crate::guardduty::case::Case;
use crate::guardduty::json::{Json, list, object};
use crate::guardduty::types::Source;

/// A cluster of EKS.
pub(crate) fn eks_cluster(case: &mut Case<'_>) -> Json {
    let created = case.moment_before(400) + i64::from(case.random.below(1_000));
    object! {
        "name": "port",
        "arn": case.arn("eks", "cluster/port"),
        "createdAt": Json::Moment(created),
        "vpcId": case.machine.vpc().to_string(),
        "status": "ACTIVE",
        "tags": case.tags(),
    }
}

/// Who acted in a cluster, and the workload; audit logs often know of none.
pub(crate) fn kubernetes(case: &mut Case<'_>) -> Json {
    let has_workload = case.kind.source != Source::AuditLogs || case.is("Workload") || case.is("ExecIn");
    let workload = if has_workload { workload(case) } else { Json::Null };
    if case.kind.source != Source::AuditLogs {
        return object! { "kubernetesWorkloadDetails": workload, "kubernetesUserDetails": Json::Null };
    }
    let is_anonymous = case.is("Anonymous") && !case.is("AnomalousBehavior");
    let (name, group) = match is_anonymous {
        true => ("system:anonymous", "system:unauthenticated"),
        false => ("system:serviceaccount:default:default", "system:serviceaccounts"),
    };
    let mut user = object! {
        "username": name,
        "uid": case.uuid(),
        "groups": list![group, "system:authenticated"],
        "sessionName": list![],
    };
    if case.machine.number.is_multiple_of(4) {
        user.push("impersonatedUser", object! { "username": "admin", "groups": list!["system:masters"] });
    }
    object! { "kubernetesUserDetails": user, "kubernetesWorkloadDetails": workload }
}

fn workload(case: &mut Case<'_>) -> Json {
    let (name, kind) = (case.pick(&["orders-api", "rates", "web"]), case.pick(&["pods", "deployments", "daemonsets"]));
    object! {
        "name": name,
        "type": kind,
        "uid": case.uuid(),
        "namespace": "default",
        "hostNetwork": false,
        "hostIPC": false,
        "hostPID": case.is("Privileged"),
        "serviceAccountName": "default",
        "containers": list![container(case)],
        "volumes": list![volume()],
    }
}

fn volume() -> Json {
    object! { "name": "host", "hostPath": object! { "path": "/var/run" } }
}

/// A container.
pub(crate) fn container(case: &mut Case<'_>) -> Json {
    let (name, id) = (case.pick(&["orders-api", "rates", "web"]), case.hex(64));
    let registry = format!("{}.dkr.ecr.{}.amazonaws.com", case.account(), case.region);
    object! {
        "containerRuntime": "containerd",
        "id": id,
        "name": name,
        "image": format!("{registry}/{name}:1.9.{}", case.random.below(40)),
        "imagePrefix": registry,
        "volumeMounts": list![object! { "name": "host", "mountPath": "/host" }],
        "securityContext": object! {
            "privileged": case.is("Privileged"),
            "allowPrivilegeEscalation": case.is("Escalation"),
        },
    }
}

/// A cluster of ECS with the task.
pub(crate) fn ecs_cluster(case: &mut Case<'_>) -> Json {
    let (task, created) = (case.hex(32), case.moment_before(9));
    let task_details = object! {
        "arn": case.arn("ecs", &format!("task/orders/{task}")),
        "definitionArn": case.arn("ecs", "task-definition/orders-api:76"),
        "version": "3",
        "createdAt|TaskCreatedAt": Json::Moment(created),
        "startedAt": Json::Moment(created + 41_000),
        "startedBy": "ecs-svc/1234567890123456789",
        "tags": list![],
        "volumes": list![volume()],
        "containers": list![container(case)],
        "group": "service:orders-api",
        "launchType": if case.machine.number.is_multiple_of(2) { "FARGATE" } else { "EC2" },
    };
    object! {
        "name": "orders",
        "arn": case.arn("ecs", "cluster/orders"),
        "status": "ACTIVE",
        "activeServicesCount": 3_i64,
        "registeredContainerInstancesCount": 2_i64,
        "runningTasksCount": 7_i64,
        "tags": case.tags(),
        "taskDetails": task_details,
    }
}
