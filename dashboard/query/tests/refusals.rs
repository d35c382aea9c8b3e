//! Statements that are not answered, and why.

mod common;

use common::{Columns, ask, empty_lake, lake, parquet_of, refusal, session, text};
use trailhouse_lake::Lake;
use trailhouse_query::{Options, QueryError, Session};
use trailhouse_schemas::CLOUDTRAIL;

#[tokio::test]
async fn nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open_or_create(folder.path().to_str().unwrap(), None).await.unwrap();
    let session = session(&lake).await;
    let target = tempfile::tempdir().unwrap();
    let file = target.path().join("x.parquet");
    let file = file.display();
    let statements = [
        format!("COPY (SELECT 1) TO '{file}'"),
        format!("EXPLAIN ANALYZE COPY (SELECT 1) TO '{file}'"),
        format!("CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '{file}'"),
        "CREATE TABLE x AS SELECT 1".to_owned(),
        "CREATE VIEW x AS SELECT 1".to_owned(),
        "SELECT 1 AS x INTO y".to_owned(),
        "WITH x AS (INSERT INTO cloudtrail SELECT * FROM cloudtrail) SELECT 1".to_owned(),
        "SELECT 1 UNION ALL (DELETE FROM cloudtrail)".to_owned(),
        "INSERT INTO cloudtrail SELECT * FROM cloudtrail".to_owned(),
        "EXPLAIN INSERT INTO cloudtrail SELECT * FROM cloudtrail".to_owned(),
        "EXPLAIN ANALYZE INSERT INTO cloudtrail SELECT * FROM cloudtrail".to_owned(),
        "DELETE FROM cloudtrail".to_owned(),
        "UPDATE cloudtrail SET event_name = 'x'".to_owned(),
        "TRUNCATE cloudtrail".to_owned(),
        "DROP TABLE cloudtrail".to_owned(),
        "SET datafusion.execution.time_zone = 'CET'".to_owned(),
        "RESET datafusion.execution.time_zone".to_owned(),
        "PREPARE x AS SELECT 1".to_owned(),
        "BEGIN".to_owned(),
    ];
    for sql in statements {
        let error = refusal(&session, &sql).await;
        assert!(matches!(error, QueryError::NotReading { .. }), "{sql}: {error:?}");
        assert!(error.is_usage(), "{sql}");
    }
    assert_eq!(target.path().read_dir().unwrap().count(), 0);
    assert_eq!(ask(&session, "SHOW datafusion.execution.time_zone").await, ["datafusion.execution.time_zone|UTC"]);
}

#[tokio::test]
async fn no_other_file_of_the_machine_is_read() {
    let session = session(&empty_lake().await).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.parquet");
    std::fs::write(&file, parquet_of(&CLOUDTRAIL, &Columns::from([("event_id", text(["x"]))]))).unwrap();
    for sql in [
        format!("SELECT * FROM '{}'", file.display()),
        format!("SELECT * FROM \"{}\"", file.display()),
        format!("SELECT * FROM read_parquet('{}')", file.display()),
    ] {
        let error = refusal(&session, &sql).await;
        assert!(matches!(error, QueryError::UnknownTable { .. }), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn mistakes_are_told_in_a_sentence() {
    let session = session(&lake().await).await;
    let cases = [
        ("", "there is no statement", None),
        ("-- nothing", "there is no statement", None),
        ("SELECT 1; SELECT 2", "there is more than one statement", Some("ask one at a time")),
        ("SELECT 1; DROP TABLE cloudtrail", "there is more than one statement", Some("ask one at a time")),
        ("SELEC 1", "this is not SQL: Expected: an SQL statement, found: SELEC at Line: 1, Column: 1", None),
        ("SELECT * FROM cloudtrial", "no table `cloudtrial`", Some("did you mean `cloudtrail`?")),
        (
            "SELECT * FROM zzzz",
            "no table `zzzz`",
            Some(
                "the tables are `cloudtrail`, `cloudtrail_insights`, `cloudtrail_digests`, `vpc_flow`, `tgw_flow`, `guardduty`, `cloudwatch_logs`, `incidents`, `rejects`, `receipts`",
            ),
        ),
        ("SELECT evnt_name FROM cloudtrail", "no column `evnt_name`", Some("did you mean `event_name`?")),
        ("SELECT eventName FROM cloudtrail", "no column `eventname`", Some("did you mean `event_name`?")),
        ("SELECT foo(1)", "no function `foo`", Some("`SHOW FUNCTIONS` lists them")),
        (
            "SELECT json_extract(event_id, 'a') FROM cloudtrail",
            "`a` is no JSON path for `json_extract`",
            Some("a path looks like `$.a.b[0][\"c d\"]`"),
        ),
        (
            "SELECT event_name FROM cloudtrail a JOIN cloudtrail b USING (event_id)",
            "column `event_name` stands in more than one table of the statement",
            Some("put the table's name and a dot before it"),
        ),
        ("SELECT 1 / 0", "divide by zero error", None),
        ("SELECT regexp_like(event_name, '(') FROM cloudtrail", "regex parse error: unclosed group", None),
        (
            "SELECT CAST(event_time AS date), CAST(event_time AS varchar) FROM cloudtrail",
            "two columns of the answer have the same name",
            Some("name them apart: `CAST(event_time AS date) AS day`"),
        ),
        (
            "SHOW PARTITIONS cloudtrail",
            "`SHOW partitions cloudtrail` is nothing that can be asked for",
            Some(
                "`SHOW TABLES`, `SHOW FUNCTIONS` and `DESCRIBE cloudtrail` show what there is; `trailhouse tables --format ddl` has the definitions",
            ),
        ),
        (
            "SHOW CREATE TABLE cloudtrail",
            "`SHOW CREATE` is nothing that can be asked for",
            Some(
                "`SHOW TABLES`, `SHOW FUNCTIONS` and `DESCRIBE cloudtrail` show what there is; `trailhouse tables --format ddl` has the definitions",
            ),
        ),
        (
            "SELECT event_id FROM cloudtrail WHERE request_parameters->>'x' = 'y'",
            "`->` and `->>` take a JSON text and a key",
            Some(
                "put brackets around it: `(request_parameters->>'bucketName') = 'x'`; the operators behind it come first",
            ),
        ),
        (
            "SELECT date_format(event_time, '%D') FROM cloudtrail",
            "`date_format` has no `%D`",
            Some("patterns are Athena's, such as `%Y-%m-%d %H:%i:%s`; `to_char` takes those of `strftime`"),
        ),
        (
            "SELECT event_id FROM cloudtrail WHERE CAST(event_name AS INT) = 1",
            "cannot cast string 'ConsoleLogin' to value of Int32 type",
            Some("`TRY_CAST` gives null where a value does not fit"),
        ),
        ("SELECT event_id FROM cloudtrail WHERE length(event_name) / 0 = 1", "divide by zero error", None),
        (
            "SELECT CAST(event_name AS INT) FROM cloudtrail",
            "cannot cast string 'ConsoleLogin' to value of Int32 type",
            Some("`TRY_CAST` gives null where a value does not fit"),
        ),
    ];
    for (sql, text, hint) in cases {
        let error = refusal(&session, sql).await;
        assert_eq!((error.to_string().as_str(), error.hint().as_deref()), (text, hint), "{sql}");
        assert!(error.is_usage(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_spill_ends_with_advice() {
    let options = Options { memory_bytes: Some(4 << 20), threads: Some(2) };
    let session = Session::open(&empty_lake().await, &options).await.unwrap();
    let sql = "SELECT count(DISTINCT value::text || 'padding padding padding') FROM generate_series(1, 1000000)";
    let error = refusal(&session, sql).await;
    assert!(matches!(error, QueryError::Memory { .. }), "{error:?}");
    assert!(!error.is_usage());
    assert!(!error.to_string().ends_with(':'), "{error}");
    assert!(error.hint().is_some());
}
