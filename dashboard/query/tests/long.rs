//! Statements as long as scripts make them.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::{ask, lake, refusal, session};
use trailhouse_query::limits::{STACK_BYTES, STEPS_MAX};
use trailhouse_query::{QueryError, Session};

/// Asks on threads with the stack that statements are promised.
fn with_stack<R: Send>(work: impl AsyncFn(&Session) -> R + Send + Sync) -> R {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
            let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK_BYTES).build().unwrap();
            runtime.block_on(async { work(&session(&lake().await).await).await })
        });
        thread.unwrap().join().unwrap()
    })
}

fn repeated(first: &str, between: &str, term: impl Fn(usize) -> String, count: usize) -> String {
    first.to_owned() + &(0..count).map(term).collect::<Vec<_>>().join(between)
}

#[test]
fn long_lists_of_patterns_are_answered() {
    let term = |number: usize| format!("event_id LIKE 'pattern {number}%'");
    let sql = repeated("SELECT count(*) FROM cloudtrail WHERE event_name = 'ConsoleLogin' OR ", " OR ", term, 3000);
    assert_eq!(with_stack(async |session| ask(session, &sql).await), ["48"]);
    let list =
        repeated("SELECT count(*) FROM cloudtrail WHERE event_id IN (", ", ", |n| format!("'{n}'"), 20_000) + ")";
    assert_eq!(with_stack(async |session| ask(session, &list).await), ["0"]);
}

/// As deep as half of what is allowed: all of it takes minutes in a build without optimisations.
#[test]
fn deep_statements_fit_the_stack() {
    let sum = repeated("SELECT ", "+", |_| "1".to_owned(), STEPS_MAX / 2);
    assert_eq!(with_stack(async |session| ask(session, &sum).await), [(STEPS_MAX / 2).to_string()]);
    let union = repeated("", " UNION ALL ", |_| "SELECT 1".to_owned(), STEPS_MAX / 3);
    assert_eq!(with_stack(async |session| ask(session, &union).await.len()), STEPS_MAX / 3);
    let explain = "EXPLAIN ".repeat(STEPS_MAX - 1) + "SELECT 1";
    with_stack(async |session| drop(refusal(session, &explain).await));
}

#[test]
fn what_is_deeper_is_refused() {
    for sql in [
        "EXPLAIN ".repeat(20_000) + "SELECT 1",
        repeated("", " UNION ALL ", |_| "SELECT 1".to_owned(), 20_000),
        repeated("SELECT ", "+", |_| "1".to_owned(), 20_000),
    ] {
        let error = with_stack(async |session| refusal(session, &sql).await);
        assert!(matches!(error, QueryError::TooLong { .. }) && error.is_usage(), "{error:?}");
    }
}
