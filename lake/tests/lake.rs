//! Lakes: opening them, planning into them, at once and again.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::HashSet;

use bytes::Bytes;
use futures::executor::block_on;
use object_store::path::Path;
use trailhouse_lake::plan::GroupLimits;
use trailhouse_lake::{
    Content, ContentHash, GroupId, Lake, LakeError, Location, Log, Loss, LostObject, Place, PlanSettings,
    PlannedObject, PlannerId, Put, Receipt, names, receipt,
};
use trailhouse_schemas::{CLOUDTRAIL, Partition, PartitionColumn, Partitioning};

fn settings() -> PlanSettings {
    PlanSettings {
        partitioning: Partitioning::AccountDate,
        inflated_bytes_max: 1 << 30,
        part_bytes: 64 << 20,
        part_records: 1 << 17,
        unwrap: false,
        flow_header: None,
        group: GroupLimits { objects_soft: 3, objects_max: 5, ..GroupLimits::default() },
    }
}

fn object(name: &str) -> (Place, PlannedObject) {
    let content = Content::Sha256 { sha256: ContentHash::of(name.as_bytes()) };
    let source_id = content.source_id(name);
    let location = name.to_owned();
    let object =
        PlannedObject { location, address: None, source_id, content, stored_bytes: 1, modified_day: 0, format: None };
    (Place::default(), object)
}

fn objects(names: impl IntoIterator<Item = usize>) -> Vec<(Place, PlannedObject)> {
    names.into_iter().map(|name| object(&format!("{name:04}"))).collect()
}

fn create(folder: &std::path::Path, asked: Option<Partitioning>) -> Result<Lake, LakeError> {
    block_on(Lake::open_or_create(folder.to_str().unwrap(), asked))
}

fn claim(lake: &Lake, log: &mut Log, names: impl IntoIterator<Item = usize>) -> Option<u32> {
    let claimed = block_on(lake.claim(log, PlannerId::random(), settings(), "/logs", objects(names))).unwrap();
    claimed.map(|claimed| claimed.number)
}

fn empty_receipt(plan: u32, group: GroupId) -> Receipt {
    let (objects, files, lost) = (Vec::new(), Vec::new(), Vec::new());
    Receipt { version: receipt::VERSION, plan, group, objects, files, lost }
}

#[test]
fn a_lake_keeps_its_partitioning() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("deep/lake");
    assert_eq!(create(&place, Some(Partitioning::Date)).unwrap().partitioning(), Partitioning::Date);
    assert_eq!(create(&place, None).unwrap().partitioning(), Partitioning::Date);
    assert_eq!(create(&place, Some(Partitioning::Date)).unwrap().partitioning(), Partitioning::Date);
    let other = create(&place, Some(Partitioning::AccountDate)).unwrap_err();
    assert!(matches!(other, LakeError::OtherPartitioning { .. }) && other.is_usage(), "{other}");
    assert_eq!(other.to_string(), "the lake is partitioned by `date`, not by `account-date`");
    let text = std::fs::read_to_string(place.join(names::CONFIG)).unwrap();
    assert_eq!(text, "{\"version\":1,\"partitioning\":\"date\"}\n");
}

#[test]
fn only_a_lake_opens_and_only_an_empty_folder_becomes_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().to_str().unwrap();
    assert!(matches!(block_on(Lake::open(text)), Err(LakeError::NotALake { .. })));
    assert!(matches!(block_on(Lake::open(&format!("{text}/missing"))), Err(LakeError::NotALake { .. })));
    assert!(matches!(block_on(Lake::open("s3://bucket/lake")), Err(LakeError::Remote { .. })));
    assert!(matches!(Location::parse("gs://bucket/lake"), Err(LakeError::Scheme { .. })));

    std::fs::write(folder.path().join(".hidden"), "").unwrap();
    std::fs::create_dir_all(folder.path().join(names::STAGING)).unwrap();
    let logs = folder.path().join("AWSLogs");
    std::fs::create_dir(&logs).unwrap();
    let error = create(folder.path(), None).unwrap_err();
    assert!(matches!(&error, LakeError::NotEmpty { found, .. } if found == "AWSLogs"), "{error}");
    std::fs::remove_dir(&logs).unwrap();
    let lake = create(folder.path(), None).unwrap();
    assert_eq!(lake.folder(), Some(folder.path().canonicalize().unwrap().as_path()));
    assert!(block_on(Lake::open(text)).is_ok());
}

#[test]
fn what_a_later_version_wrote_is_refused_and_garbage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), None).unwrap();
    let config = folder.path().join(names::CONFIG);
    std::fs::write(&config, r#"{"version":2,"partitioning":{"of":"another shape"}}"#).unwrap();
    let error = create(folder.path(), None).unwrap_err();
    assert!(matches!(error, LakeError::Version { found: 2, known: 1, .. }), "{error}");
    std::fs::write(&config, "{").unwrap();
    let error = create(folder.path(), None).unwrap_err();
    assert_eq!(error.to_string(), "`_trailhouse/lake.json` cannot be understood");
}

#[test]
fn makers_of_one_lake_at_once_agree() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let made: Vec<_> = std::thread::scope(|scope| {
            let makers = Partitioning::ALL.map(|asked| {
                let folder = folder.path();
                scope.spawn(move || create(folder, Some(asked)).map(|lake| lake.partitioning()))
            });
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        let winners: Vec<_> = made.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(create(folder.path(), None).unwrap().partitioning(), winners[0]);
    }
}

#[test]
fn an_object_is_planned_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = create(folder.path(), None).unwrap();
    let mut log = block_on(lake.log()).unwrap();
    assert_eq!(claim(&lake, &mut log, 0..7), Some(0));
    assert_eq!(claim(&lake, &mut log, 0..7), None);
    assert_eq!(claim(&lake, &mut log, 5..9), Some(1));

    let mut again = block_on(lake.log()).unwrap();
    assert_eq!(again.planned(), 9);
    assert_eq!(again.take_unfinished(), [0, 1]);
    assert_eq!(claim(&lake, &mut again, 0..10), Some(2));
    let last = block_on(lake.plan(2)).unwrap();
    assert_eq!(last.groups[0].objects, [object("0009").1]);
}

#[test]
fn a_plan_ends_with_its_last_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let lake = create(folder.path(), None).unwrap();
    claim(&lake, &mut Log::default(), 0..7);
    let plan = block_on(lake.plan(0)).unwrap();
    assert_eq!(plan.groups.len(), 2);
    for (index, group) in plan.groups.iter().enumerate() {
        assert_eq!(block_on(lake.log()).unwrap().take_unfinished(), [0], "before group {index}");
        assert_eq!(block_on(lake.receipt_if_any(0, group.id)).unwrap(), None);
        let receipt = empty_receipt(0, group.id);
        assert_eq!(block_on(lake.put_receipt(&receipt)).unwrap(), Put::Created);
        assert_eq!(block_on(lake.put_receipt(&receipt)).unwrap(), Put::Exists);
        assert_eq!(block_on(lake.receipt(0, group.id)).unwrap(), receipt);
    }
    assert!(block_on(lake.log()).unwrap().take_unfinished().is_empty());
}

#[test]
fn equal_objects_give_equal_plans() {
    let plans: Vec<_> = (0..2)
        .map(|_| {
            let folder = tempfile::tempdir().unwrap();
            let lake = create(folder.path(), None).unwrap();
            claim(&lake, &mut Log::default(), 0..20);
            let plan = block_on(lake.plan(0)).unwrap();
            (plan.settings, plan.source, plan.groups)
        })
        .collect();
    assert_eq!(plans[0], plans[1]);
}

/// Planners that want overlapping objects, all from the same empty log.
#[test]
fn planners_that_race_never_plan_an_object_twice() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), None).unwrap();
    std::thread::scope(|scope| {
        for planner in 0..6 {
            let folder = folder.path();
            scope.spawn(move || {
                let lake = create(folder, None).unwrap();
                let mut log = Log::default();
                for round in 0..10 {
                    let first = round * 10 + planner;
                    claim(&lake, &mut log, first..first + 15);
                }
            });
        }
    });
    let lake = create(folder.path(), None).unwrap();
    let numbers = std::fs::read_dir(folder.path().join(names::PLANS)).unwrap().count();
    let mut seen = HashSet::new();
    for number in 0..u32::try_from(numbers).unwrap() {
        for object in block_on(lake.plan(number)).unwrap().groups.into_iter().flat_map(|group| group.objects) {
            assert!(seen.insert(object.source_id), "`{}` is planned twice", object.location);
        }
    }
    assert_eq!(seen.len(), 90 + 5 + 15, "0..110 are wanted by somebody");
}

fn put_file(lake: &Lake, group: GroupId) -> Path {
    let partition = Partition(vec![(PartitionColumn::EventDate, "2026-01-31".to_owned())]);
    let path = names::table_file(group, 0, &CLOUDTRAIL, &partition).unwrap();
    let staged = block_on(lake.stage(Bytes::from_static(b"rows"))).unwrap();
    assert_eq!(block_on(lake.size(&path)).unwrap(), None, "a staged file is not seen");
    assert_eq!(block_on(lake.publish(&staged, &path)).unwrap(), Put::Created);
    assert_eq!(block_on(lake.publish(&staged, &path)).unwrap(), Put::Exists);
    assert!(block_on(lake.is_same(&staged, &path)).unwrap());
    let other = block_on(lake.stage(Bytes::from_static(b"ROWS"))).unwrap();
    assert!(!block_on(lake.is_same(&other, &path)).unwrap());
    path
}

#[test]
fn an_abandoned_group_frees_its_objects_and_loses_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let lake = create(folder.path(), None).unwrap();
    claim(&lake, &mut Log::default(), 0..7);
    let groups = block_on(lake.plan(0)).unwrap().groups;
    let (abandoned, whole) = (&groups[0], &groups[1]);
    let lost = vec![LostObject { source_id: abandoned.objects[0].source_id, loss: Loss::Gone }];
    let files = [abandoned.id, whole.id].map(|group| put_file(&lake, group));

    assert_eq!(block_on(lake.put_receipt(&empty_receipt(0, whole.id))).unwrap(), Put::Created);
    assert_eq!(
        block_on(lake.abandon(0, whole.id, lost.clone())).unwrap(),
        empty_receipt(0, whole.id),
        "the first counts"
    );
    for _ in 0..2 {
        assert!(block_on(lake.abandon(0, abandoned.id, lost.clone())).unwrap().is_abandoned());
    }
    assert_eq!(block_on(lake.put_receipt(&empty_receipt(0, abandoned.id))).unwrap(), Put::Exists);
    block_on(lake.remove_files_of(&HashSet::from([abandoned.id]))).unwrap();
    let standing = files.map(|file| block_on(lake.size(&file)).unwrap().is_some());
    assert_eq!(standing, [false, true]);

    let mut log = block_on(lake.log()).unwrap();
    assert!(log.take_unfinished().is_empty());
    assert_eq!(block_on(lake.lately_abandoned()).unwrap(), HashSet::from([abandoned.id]));
    let groups = [abandoned, whole];
    let is_planned =
        |log: &Log| groups.map(|group| group.objects.iter().all(|object| log.is_planned(object.source_id)));
    assert_eq!(is_planned(&log), [false, true]);
    assert_eq!(claim(&lake, &mut log, 0..7), Some(1));
    let again = block_on(lake.plan(1)).unwrap().groups;
    assert_eq!(again[0].objects, abandoned.objects);
    assert_ne!(again[0].id, abandoned.id, "files of the old name may be removed at any time");
    assert_eq!(is_planned(&block_on(lake.log()).unwrap()), [true, true], "who reads later sees the later plan");
}
