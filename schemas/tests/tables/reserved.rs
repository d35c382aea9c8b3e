//! Names that need no quotes: neither in a query nor in a statement that somebody writes by hand.
//!
//! The lists are those of "Escape reserved keywords in queries" of the Athena manual, with what it listed before, and
//! "Keywords and identifiers" of Trino's. DataFusion reserves less than either.

use std::collections::BTreeSet;

use trailhouse_schemas::PartitionColumn;

use crate::all_tables;

/// Words that Athena's DDL, which is Hive's, takes in back quotes alone.
const OF_DDL: &str = "
    ALL ALTER AND ARRAY AS AUTHORIZATION BETWEEN BIGINT BINARY BOOLEAN BOTH BY CACHE CASE CASHE CAST CHAR COLUMN COMMIT
    CONF CONSTRAINT CREATE CROSS CUBE CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURSOR DATABASE DATE DAYOFWEEK DECIMAL
    DELETE DESCRIBE DISTINCT DIV DOUBLE DROP ELSE END EXCHANGE EXISTS EXTENDED EXTERNAL EXTRACT FALSE FETCH FLOAT FLOOR
    FOLLOWING FOR FOREIGN FROM FULL FUNCTION GRANT GROUP GROUPING HAVING IF IMPORT IN INNER INSERT INT INTEGER INTERSECT
    INTERVAL INTO IS JOIN LATERAL LEFT LESS LIKE LOCAL MACRO MAP MORE NONE NOT NULL NUMERIC OF ON ONLY OR ORDER OUT
    OUTER OVER PARTIALSCAN PARTITION PERCENT PRECEDING PRECISION PRESERVE PRIMARY PROCEDURE RANGE READS REDUCE
    REFERENCES REGEXP REVOKE RIGHT RLIKE ROLLBACK ROLLUP ROW ROWS SELECT SET SMALLINT START TABLE TABLESAMPLE THEN TIME
    TIMESTAMP TO TRANSFORM TRIGGER TRUE TRUNCATE UNBOUNDED UNION UNIQUEJOIN UPDATE USER USING UTC_TIMESTAMP VALUES
    VARCHAR VIEWS WHEN WHERE WINDOW WITH
";

/// Words that a query in Athena, or in Trino, takes in double quotes alone.
const OF_SELECT: &str = "
    ALTER AND AS AUTO BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH
    CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP ELSE
    END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FIRST FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT
    INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LAST LEFT LIKE LISTAGG LOCALTIME
    LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL OF ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN
    TRIM TRUE UESCAPE UNESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH
";

fn names() -> BTreeSet<&'static str> {
    let columns = all_tables().flat_map(|table| table.columns).map(|column| column.name);
    let partitions = PartitionColumn::ALL.iter().map(|column| column.name());
    columns.chain(partitions).chain(all_tables().map(|table| table.name)).collect()
}

fn reserved(words: &str) -> Vec<&'static str> {
    let words: BTreeSet<String> = words.split_whitespace().map(str::to_ascii_lowercase).collect();
    names().into_iter().filter(|name| words.contains(*name)).collect()
}

#[test]
fn queries_need_no_quotes() {
    assert_eq!(reserved(OF_SELECT), [""; 0]);
}

/// Our own statements quote every name; those that people write need not.
#[test]
fn statements_need_no_back_quotes() {
    assert_eq!(reserved(OF_DDL), [""; 0]);
}

#[test]
fn a_reserved_name_is_seen() {
    assert_eq!(reserved("EVENT_DATE SELECT\n Region"), ["event_date", "region"]);
}
