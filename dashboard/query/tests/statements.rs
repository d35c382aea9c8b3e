//! Statements that are answered.

mod common;

use common::{Columns, ask, empty_lake, lake, parquet_of, put, rows, session, text};
use trailhouse_query::{Options, Session, memory};
use trailhouse_schemas::CLOUDTRAIL;

#[tokio::test]
async fn a_lake_shows_what_it_has() {
    let session = session(&lake().await).await;
    let tables = ask(&session, "SHOW TABLES").await;
    assert!(tables.contains(&"datafusion|public|cloudtrail|BASE TABLE".to_owned()), "{tables:?}");
    let columns = ask(&session, "DESCRIBE cloudtrail").await;
    assert!(columns.contains(&"event_date|Date32|NO".to_owned()), "{columns:?}");
    assert!(!ask(&session, "EXPLAIN SELECT 1").await.is_empty());
    assert!(!ask(&session, "EXPLAIN ANALYZE SELECT count(*) FROM cloudtrail").await.is_empty());
    assert_eq!(ask(&session, "WITH one AS (SELECT 1 AS x) SELECT x FROM one;").await, ["1"]);
}

#[tokio::test]
async fn statements_as_in_athena_are_answered() {
    let session = session(&lake().await).await;
    let sql = "
        -- who signed in
        SELECT account_id, event_date, count(*) AS logins, min(event_time) AS first
        FROM cloudtrail
        WHERE event_name = 'ConsoleLogin'
          AND event_date BETWEEN DATE '2026-01-01' AND DATE '2026-01-02'
          AND event_time >= TIMESTAMP '2026-01-01 00:00:00'
        GROUP BY account_id, event_date
        ORDER BY event_date DESC, account_id
        LIMIT 3";
    let expected = [
        "111111111111|2026-01-02|8|2026-01-02T00:00:00Z",
        "222222222222|2026-01-02|8|2026-01-02T00:00:00Z",
        "111111111111|2026-01-01|8|2026-01-01T00:00:00Z",
    ];
    assert_eq!(ask(&session, sql).await, expected);
}

#[tokio::test]
async fn nulls_come_last() {
    let session = session(&empty_lake().await).await;
    for direction in ["ASC", "DESC"] {
        let sql = format!("SELECT coalesce(x, 0) FROM (VALUES (NULL), (1)) AS v(x) ORDER BY x {direction}");
        assert_eq!(ask(&session, &sql).await, ["1", "0"], "{direction}");
    }
}

#[tokio::test]
async fn json_is_looked_into() {
    let lake = empty_lake().await;
    let values = [r#"{"a":{"b":[{"c d":"x\ny"}, 1.50]},"n":null,"t":true}"#, r#"{"a":{}}"#, "no JSON"];
    let file = Columns::from([("event_id", text(["1", "2", "3"])), ("request_parameters", text(values))]);
    put(&lake, "cloudtrail/account_id=1/event_date=2026-01-01/a.parquet", parquet_of(&CLOUDTRAIL, &file)).await;
    let session = session(&lake).await;
    let of =
        async |expression: &str| ask(&session, &format!("SELECT {expression} FROM cloudtrail ORDER BY event_id")).await;
    let p = "request_parameters";
    assert_eq!(
        of(&format!(r#"replace(json_extract_scalar({p}, '$.a.b[0]["c d"]'), chr(10), '/')"#)).await,
        ["x/y", "", ""]
    );
    assert_eq!(of(&format!("json_extract_scalar({p}, '$.a.b[1]')")).await, ["1.50", "", ""], "as it was written");
    assert_eq!(of(&format!("json_extract_scalar({p}, '$.t')")).await, ["true", "", ""]);
    assert_eq!(of(&format!("json_extract_scalar({p}, '$.a')")).await, ["", "", ""], "no object is a scalar");
    assert_eq!(of(&format!("json_extract({p}, '$.n')")).await, ["null", "", ""]);
    assert_eq!(of(&format!("json_extract({p}, '$.a')")).await, [r#"{"b":[{"c d":"x\ny"}, 1.50]}"#, "{}", ""]);
    assert_eq!(of(&format!("json_extract_scalar({p}, NULL)")).await, ["", "", ""]);
    assert_eq!(of(&format!("{p}->'a'->'b'->>1")).await, ["1.50", "", ""]);
    assert_eq!(of(&format!("json_get_bool({p}, 't')")).await, ["true", "", ""]);
    let filtered = format!("SELECT event_id FROM cloudtrail WHERE json_extract_scalar({p}, '$.t') = 'true'");
    assert_eq!(ask(&session, &filtered).await, ["1"]);
    assert_eq!(ask(&session, r#"SELECT json_extract_scalar('{"a":1}', '$.a')"#).await, ["1"]);
}

#[tokio::test]
async fn half_a_surrogate_pair_hides_nothing_else() {
    let session = session(&empty_lake().await).await;
    let of = async |path: &str| {
        let json = r#"{"\ud800":1,"bucketName":"x","half":"a\udc00b","\u0062oth":"\ud83d\ude00"}"#;
        ask(&session, &format!("SELECT json_extract_scalar('{json}', '{path}')")).await
    };
    assert_eq!(of("$.bucketName").await, ["x"]);
    assert_eq!(of("$.half").await, ["a\u{fffd}b"]);
    assert_eq!(of("$.both").await, ["😀"]);
}

#[tokio::test]
async fn dates_are_written_by_athenas_patterns() {
    let session = session(&lake().await).await;
    let sql = "SELECT date_format(event_time, '%Y-%m-%d %H:%i:%s'), date_format(event_date, '%d/%c/%y %T')
               FROM cloudtrail WHERE event_date = '2026-01-02' ORDER BY event_time DESC LIMIT 1";
    assert_eq!(ask(&session, sql).await, ["2026-01-02 13:19:00|02/1/26 00:00:00"]);
    let sql = "SELECT date_format(TIMESTAMP '2026-01-02 03:04:05.678', '%W %a %b %e, %l:%i %p %f %j'), date_format(NULL, '%Y')";
    assert_eq!(ask(&session, sql).await, ["Friday Fri Jan 2, 3:04 AM 678000 002|"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sort_larger_than_its_memory_spills() {
    const ROWS: usize = 1_500_000;
    let options = Options { memory_bytes: Some(memory::MEMORY_BYTES_MIN), threads: Some(2) };
    let session = Session::open(&empty_lake().await, &options).await.unwrap();
    let sql = format!(
        "EXPLAIN ANALYZE SELECT value, repeat('x', 40) || value AS padding FROM generate_series(1, {ROWS}) ORDER BY value % 997, value"
    );
    let plan = ask(&session, &sql).await.join("\n");
    let spilled = plan.split("spill_count=").skip(1).any(|rest| !rest.starts_with('0'));
    assert!(spilled, "{plan}");
    let sorted = rows(&session, sql.trim_start_matches("EXPLAIN ANALYZE ")).await.unwrap();
    assert_eq!(sorted.iter().map(|batch| batch.num_rows()).sum::<usize>(), ROWS);
}
