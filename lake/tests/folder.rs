//! What a folder must do to be a store of finished files.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::path::Path as FolderPath;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::TryStreamExt;
use futures::executor::block_on;
use object_store::path::Path;
use object_store::{CopyOptions, Error, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutPayload};
use trailhouse_lake::{FolderStore, names};

fn put(store: &FolderStore, path: &str, content: &'static str, mode: PutMode) -> object_store::Result<()> {
    let path = Path::parse(path).unwrap();
    block_on(store.put_opts(&path, PutPayload::from_static(content.as_bytes()), mode.into())).map(|_| ())
}

fn get(store: &FolderStore, path: &str) -> String {
    let path = Path::parse(path).unwrap();
    let bytes = block_on(async { store.get(&path).await?.bytes().await }).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn names_in(store: &FolderStore, prefix: &str) -> Vec<String> {
    let prefix = Path::parse(prefix).unwrap();
    let mut found: Vec<String> =
        block_on(store.list(Some(&prefix)).map_ok(|meta| meta.location.to_string()).try_collect()).unwrap();
    found.sort();
    found
}

fn staged(folder: &FolderPath) -> usize {
    let names = std::fs::read_dir(folder.join(names::STAGING)).into_iter().flatten();
    names.filter(|entry| !entry.as_ref().unwrap().file_name().to_str().unwrap().ends_with(".lock")).count()
}

#[test]
fn the_second_put_leaves_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::create(folder.path()).unwrap();
    put(&store, "t/a=1/x.parquet", "one", PutMode::Create).unwrap();
    let second = put(&store, "t/a=1/x.parquet", "two", PutMode::Create);
    assert!(matches!(second, Err(Error::AlreadyExists { .. })), "{second:?}");
    assert_eq!(get(&store, "t/a=1/x.parquet"), "one");
    put(&store, "t/a=1/x.parquet", "three", PutMode::Overwrite).unwrap();
    assert_eq!(get(&store, "t/a=1/x.parquet"), "three");
    assert_eq!(names_in(&store, "t"), ["t/a=1/x.parquet"]);
    assert_eq!(staged(folder.path()), 0);
}

#[test]
fn of_many_puts_at_once_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let contents = ["0", "1", "2", "3", "4", "5", "6", "7"];
    for round in 0..20 {
        let path = format!("t/{round}/x");
        let winners: Vec<&str> = std::thread::scope(|scope| {
            let racers = contents.map(|content| {
                // A store each, as processes would have.
                let store = FolderStore::create(folder.path()).unwrap();
                let path = &path;
                scope.spawn(move || put(&store, path, content, PutMode::Create).ok().map(|()| content))
            });
            racers.into_iter().filter_map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(winners.len(), 1, "round {round}");
        assert_eq!(get(&FolderStore::open(folder.path()).unwrap(), &path), winners[0]);
    }
    assert_eq!(staged(folder.path()), 0);
}

#[test]
fn names_are_taken_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::create(folder.path()).unwrap();
    let name = format!("t/account_id={}/x", names::encode_value("../é /#1"));
    put(&store, &name, "here", PutMode::Create).unwrap();
    assert_eq!(names_in(&store, "t"), [name.as_str()]);
    assert_eq!(get(&store, &name), "here");
    assert!(folder.path().join(&name).is_file());
}

#[test]
fn it_works_inside_a_runtime_and_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(FolderStore::create(folder.path()).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let inside = Arc::clone(&store);
    let put_inside = async move {
        let puts = (0..40).map(|n| {
            let store = Arc::clone(&inside);
            tokio::spawn(async move { store.put(&Path::from(format!("t/{n}")), "x".into()).await })
        });
        for put in puts.collect::<Vec<_>>() {
            put.await.unwrap().unwrap();
        }
    };
    runtime.block_on(put_inside);
    assert_eq!(names_in(&store, "t").len(), 40);
}

#[test]
fn what_a_dead_writer_left_is_removed_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let staging = folder.path().join(names::STAGING);
    std::fs::create_dir_all(&staging).unwrap();
    let (old, young) = (staging.join("1-dead-0"), staging.join("2-alive-0"));
    for path in [&old, &young] {
        std::fs::write(path, "half a fi").unwrap();
    }
    let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(two_days_ago).unwrap();

    FolderStore::open(folder.path()).unwrap();
    assert_eq!(staged(folder.path()), 2, "a reader changes nothing");
    let store = FolderStore::create(folder.path()).unwrap();
    assert!(!old.exists() && young.exists());
    put(&store, "t/x", "whole", PutMode::Create).unwrap();
    assert_eq!(names_in(&store, "t"), ["t/x"]);
}

#[test]
fn what_a_dead_writer_left_is_removed_at_once_where_its_lock_tells() {
    let folder = tempfile::tempdir().unwrap();
    let writer = FolderStore::create(folder.path()).unwrap();
    put(&writer, "t/x", "x", PutMode::Create).unwrap();
    let staging = folder.path().join(names::STAGING);
    let locks: Vec<_> = std::fs::read_dir(&staging).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [lock] = &locks[..] else { panic!("{locks:?}") };
    let alive = staging.join(format!("{}-7", lock.file_stem().unwrap().to_str().unwrap()));
    let (dead_lock, dead) = (staging.join("9-dead.lock"), staging.join("9-dead-0"));
    for path in [&alive, &dead_lock, &dead] {
        std::fs::write(path, "half a fi").unwrap();
    }
    FolderStore::create(folder.path()).unwrap();
    assert!(alive.exists() && lock.exists(), "a writer that lives");
    assert!(!dead.exists() && !dead_lock.exists(), "one that is dead");
    drop(writer);
    assert!(!lock.exists());
}

#[test]
fn what_would_show_unfinished_files_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::create(folder.path()).unwrap();
    put(&store, "t/x", "x", PutMode::Create).unwrap();
    let (from, to) = (Path::from("t/x"), Path::from("t/y"));
    let multipart = block_on(store.put_multipart_opts(&to, PutMultipartOptions::default()));
    assert!(matches!(multipart, Err(Error::NotImplemented { .. })));
    let overwrite = block_on(store.copy_opts(&from, &to, CopyOptions::default()));
    assert!(matches!(overwrite, Err(Error::NotImplemented { .. })));
    assert_eq!(names_in(&store, "t"), ["t/x"]);
}
