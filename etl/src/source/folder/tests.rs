use super::super::Roots;
use super::*;

fn folders(sources: &[String], lake: &str) -> Folders {
    match Roots::resolve(sources, lake).unwrap() {
        Roots::Folders(folders) => folders,
        Roots::Bucket(parts) => panic!("{parts:?}"),
    }
}

fn list_in(folder: &Path, sources: &[&str]) -> Listing {
    let full = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let sources: Vec<String> = sources.iter().map(|source| full(source)).collect();
    let lake = folder.with_extension("lake");
    let roots = folders(&sources, lake.to_str().unwrap());
    list(&roots, &StopFlag::new()).unwrap()
}

fn write(folder: &Path, names: &[&str]) {
    for name in names {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
}

fn addresses(listing: &Listing) -> Vec<&str> {
    listing.objects.iter().map(Listed::address).collect()
}

fn key(account: u64, region: &str, day: u32, name: &str) -> String {
    format!("AWSLogs/{account}/CloudTrail/{region}/2026/01/{day:02}/{name}.json.gz")
}

#[test]
fn all_regions_of_a_day_are_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let keys = [
        "unknown.gz".to_owned(),
        key(111_122_223_333, "eu-west-1", 1, "a"),
        key(111_122_223_333, "us-east-1", 1, "a"),
        key(111_122_223_333, "eu-west-1", 2, "a"),
        key(111_122_223_333, "us-east-1", 2, "b"),
        key(444_455_556_666, "eu-west-1", 1, "a"),
    ];
    let mut shuffled: Vec<&str> = keys.iter().map(String::as_str).collect();
    shuffled.sort_unstable_by_key(|key| key.len() % 7);
    write(folder.path(), &shuffled);
    assert_eq!(addresses(&list_in(folder.path(), &["."])), keys);
}

#[test]
fn an_address_begins_at_the_last_logs_folder() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(111_122_223_333, "eu-west-1", 1, "a");
    write(folder.path(), &[&format!("copy/AWSLogs/old/{key}"), "other/deep/file.gz", "MyAWSLogs/x"]);
    let parent = folder.path().join("copy/AWSLogs/old").join(&key);
    let (parent, file) = (parent.parent().unwrap(), parent.to_str().unwrap());
    for source in ["copy", "copy/AWSLogs/old", parent.to_str().unwrap(), file] {
        assert_eq!(addresses(&list_in(folder.path(), &[source])), [key.as_str()], "{source}");
    }
    assert_eq!(addresses(&list_in(folder.path(), &["other"])), ["deep/file.gz"]);
    assert_eq!(addresses(&list_in(folder.path(), &["other/deep/file.gz"])), ["file.gz"]);
    assert_eq!(addresses(&list_in(folder.path(), &["MyAWSLogs"])), ["x"]);
}

#[test]
fn a_file_is_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["AWSLogs/a", "AWSLogs/deep/b"]);
    let listing = list_in(folder.path(), &["AWSLogs/deep/b", ".", "AWSLogs", "."]);
    assert_eq!(addresses(&listing), ["AWSLogs/a", "AWSLogs/deep/b"]);
    assert_eq!(listing.bytes(), 2);
    write(folder.path(), &["plain/c"]);
    let listing = list_in(folder.path(), &["plain", "."]);
    assert_eq!(addresses(&listing), ["AWSLogs/a", "AWSLogs/deep/b", "plain/c"]);
}

#[cfg(unix)]
#[test]
fn names_that_cannot_be_handled_are_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    write(&source, &["good", "with space", "50%", "a#b", "é?*", "new\nline", "x#12", "~", "a\\b"]);
    std::fs::write(source.join(OsStr::from_bytes(b"bad\xff")), "x").unwrap();
    symlink("nowhere", source.join("broken")).unwrap();
    symlink(".", source.join("circle")).unwrap();
    symlink("good", source.join("link")).unwrap();
    write(folder.path(), &["outside/c"]);
    symlink("../outside", source.join("out")).unwrap();
    symlink("../outside", source.join("out-again")).unwrap();
    symlink("../outside/c", source.join("z-file-of-out")).unwrap();
    symlink("../lone", source.join("lone-1")).unwrap();
    symlink("../lone", source.join("lone-2")).unwrap();
    write(folder.path(), &["lone"]);
    let _socket = std::os::unix::net::UnixListener::bind(source.join("socket")).unwrap();

    let listing = list_in(folder.path(), &["source"]);
    let objects = addresses(&listing);
    assert_eq!(objects.len(), 9, "{objects:?}");
    for name in ["good", "with space", "50%", "a#b", "é?*", "~", "lone-1", "a\\b"] {
        assert!(objects.contains(&name), "{name}");
    }
    assert!(objects.contains(&"out/c"), "of two links to one folder, the first by name is followed");
    let mut reasons: Vec<String> = listing.skipped.iter().map(|(_, reason)| format!("{reason:?}")).collect();
    reasons.sort_unstable();
    // The circle, `link`, `out-again`, `z-file-of-out`, `lone-2`.
    let read = ["ReadAlready"; 5];
    let expected = [&["BrokenLink", "NotAFile", "NotUtf8", "OddName", "OddName"][..], &read].concat();
    assert_eq!(reasons, expected);

    let store = super::super::Source::folder(&source.canonicalize().unwrap()).unwrap();
    for object in &listing.objects {
        assert_eq!(store.read(&object.location).map(|reader| reader.meta().size).unwrap(), 1, "{}", object.location);
    }
}

#[cfg(unix)]
#[test]
fn links_to_a_folder_and_to_the_one_above_it_lead_to_each_file_once() {
    use std::os::unix::fs::symlink;

    for links in [["1", "2"], ["2", "1"]] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["other/a/x", "other/b/y", "other/z", "source/own"]);
        symlink("../other/a", folder.path().join("source").join(links[0])).unwrap();
        symlink("../other", folder.path().join("source").join(links[1])).unwrap();
        symlink("..", folder.path().join("other/b/up")).unwrap();
        let listing = list_in(folder.path(), &["source"]);
        let mut names: Vec<&str> = addresses(&listing).iter().map(|name| &name[name.len() - 1..]).collect();
        names.sort_unstable();
        assert_eq!(names, ["n", "x", "y", "z"], "{links:?}: {listing:?}");
    }
}

#[cfg(unix)]
#[test]
fn an_address_is_that_of_the_file_whatever_link_leads_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let key = key(111_122_223_333, "eu-west-1", 1, "a");
    write(folder.path(), &[&format!("archive/{key}"), "source/own"]);
    std::os::unix::fs::symlink("../archive/AWSLogs", folder.path().join("source/logs")).unwrap();
    let through_link = list_in(folder.path(), &["source"]);
    assert_eq!(addresses(&through_link), ["own", &key]);
    assert_eq!(addresses(&list_in(folder.path(), &["archive"])), [&key]);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_of_the_lake_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["source/a", "lake/cloudtrail/x.parquet"]);
    std::os::unix::fs::symlink("../lake/cloudtrail/x.parquet", folder.path().join("source/link")).unwrap();
    let full = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let roots = folders(&[full("source")], &full("lake"));
    assert!(matches!(list(&roots, &StopFlag::new()), Err(IngestError::LakeInSource { .. })));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_looked_at_is_no_broken_link() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["source/a"]);
    // More links than any system follows: an error that even root gets.
    std::os::unix::fs::symlink("loop", folder.path().join("source/loop")).unwrap();
    let listing = list_in(folder.path(), &["source"]);
    assert_eq!((listing.skipped.len(), listing.unlisted.len()), (0, 1), "{listing:?}");
}

#[cfg(unix)]
#[test]
fn a_link_into_the_lake_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["source/a", "lake/cloudtrail/x.parquet"]);
    std::os::unix::fs::symlink("../lake/cloudtrail", folder.path().join("source/link")).unwrap();
    let full = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let roots = folders(&[full("source")], &full("lake"));
    let error = list(&roots, &StopFlag::new()).unwrap_err();
    assert!(matches!(error, IngestError::LakeInSource { .. }), "{error}");
}
