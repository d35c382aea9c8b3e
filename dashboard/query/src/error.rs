//! What can go wrong with a query.

use datafusion::error::DataFusionError;
use std::any::Any;

use crate::answer::panic_text;
use crate::suggest;

/// Why a statement could not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// There is no statement.
    #[error("there is no statement")]
    NoStatement,
    /// There are several.
    #[error("there is more than one statement")]
    SeveralStatements,
    /// The statement would change something.
    #[error("`{what}` is no query: a lake is only read")]
    NotReading {
        /// Its first word.
        what: String,
    },
    /// Something is to be shown that cannot be.
    #[error("`{what}` is nothing that can be asked for")]
    NotShown {
        /// Its first words.
        what: String,
    },
    /// It is longer than anyone writes.
    #[error("the statement has {size} {unit}; {limit} are the most")]
    TooLong {
        /// How long it is.
        size: usize,
        /// What is counted.
        unit: &'static str,
        /// How long it may be.
        limit: usize,
    },
    /// It is not SQL.
    #[error("this is not SQL: {why}")]
    Syntax {
        /// What was expected, what was found, and where.
        why: String,
    },
    /// A table that is not there.
    #[error("no table `{name}`")]
    UnknownTable {
        /// The name.
        name: String,
        /// Names that may have been meant.
        close: Vec<String>,
        /// Every table.
        known: Vec<String>,
    },
    /// A column that is not there.
    #[error("no column `{name}`")]
    UnknownColumn {
        /// The name.
        name: String,
        /// Names that may have been meant.
        close: Vec<String>,
    },
    /// A column that two tables of the statement have.
    #[error("column `{name}` stands in more than one table of the statement")]
    AmbiguousColumn {
        /// The name.
        name: String,
    },
    /// A function that is not there.
    #[error("no function `{name}`")]
    UnknownFunction {
        /// The name.
        name: String,
        /// One that may have been meant.
        close: Option<String>,
    },
    /// A JSON path that is none.
    #[error("`{path}` is no JSON path for `{function}`")]
    JsonPath {
        /// The function.
        function: &'static str,
        /// The path.
        path: String,
    },
    /// The statement makes no sense in another way.
    #[error("{why}")]
    Statement {
        /// Why.
        why: String,
    },
    /// A pattern for dates that none can be written by.
    #[error("`date_format` has no `{specifier}`")]
    DatePattern {
        /// What the pattern asks for.
        specifier: String,
    },
    /// Two columns of the answer have one name.
    #[error("two columns of the answer have the same name")]
    EqualNames,
    /// `->` where it holds less tightly than was meant.
    #[error("`->` and `->>` take a JSON text and a key")]
    JsonOperator,
    /// A value that cannot be made the type that the statement asks for.
    #[error("{why}")]
    Cast {
        /// Which value and which type.
        why: String,
    },
    /// A value that cannot be worked with as the statement asks.
    #[error("{why}")]
    Value {
        /// Why.
        why: String,
    },
    /// Memory ran out and nothing could be spilled.
    #[error("the query needs more memory than it may use: {why}")]
    Memory {
        /// What asked for how much.
        why: String,
    },
    /// A file of the lake is not what an ingest wrote.
    #[error("the lake's file `{file}` is damaged: {why}")]
    Damaged {
        /// Its path from the lake's folder.
        file: String,
        /// Why.
        why: String,
    },
    /// A file of the lake could not be read.
    #[error("reading the lake failed: {why}")]
    Unreadable {
        /// Why.
        why: String,
        /// The same.
        #[source]
        source: Box<DataFusionError>,
    },
    /// The engine broke down over something that it did not expect, such as a damaged file.
    #[error("the query engine broke down: {why}")]
    Panic {
        /// Its last words.
        why: String,
    },
    /// The engine failed.
    #[error("the query failed: {why}")]
    Engine {
        /// Why.
        why: String,
        /// The same.
        #[source]
        source: Box<DataFusionError>,
    },
}

impl QueryError {
    /// Whether another statement, and nothing else, would help.
    pub fn is_usage(&self) -> bool {
        !matches!(
            self,
            Self::Memory { .. }
                | Self::Damaged { .. }
                | Self::Unreadable { .. }
                | Self::Panic { .. }
                | Self::Engine { .. }
        )
    }

    /// The engine has panicked with `panic`.
    pub fn of_panic(panic: &(dyn Any + Send)) -> Self {
        Self::Panic { why: panic_text(panic) }
    }

    /// What to try next.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::SeveralStatements => "ask one at a time",
            Self::NotShown { .. } => {
                "`SHOW TABLES`, `SHOW FUNCTIONS` and `DESCRIBE cloudtrail` show what there is; `trailhouse tables \
                 --format ddl` has the definitions"
            }
            Self::TooLong { .. } => "write long lists as `column IN ('a', 'b', …)`, or ask several times",
            Self::DatePattern { .. } => {
                "patterns are Athena's, such as `%Y-%m-%d %H:%i:%s`; `to_char` takes those of `strftime`"
            }
            Self::EqualNames => "name them apart: `CAST(event_time AS date) AS day`",
            Self::JsonOperator => {
                "put brackets around it: `(request_parameters->>'bucketName') = 'x'`; the operators behind it come first"
            }
            Self::Damaged { .. } => "the statement is fine; put this file back as it was, or ingest into a new lake",
            Self::UnknownTable { close, known, .. } => {
                let tables = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                return suggest::question(close).or_else(|| Some(format!("the tables are {tables}")));
            }
            Self::UnknownColumn { close, .. } if !close.is_empty() => return suggest::question(close),
            Self::UnknownColumn { .. } => "text stands in single quotes; `DESCRIBE cloudtrail` lists the columns",
            Self::AmbiguousColumn { .. } => "put the table's name and a dot before it",
            Self::UnknownFunction { close: Some(name), .. } => return suggest::question(std::slice::from_ref(name)),
            Self::UnknownFunction { .. } => "`SHOW FUNCTIONS` lists them",
            Self::JsonPath { .. } => "a path looks like `$.a.b[0][\"c d\"]`",
            Self::Cast { .. } => "`TRY_CAST` gives null where a value does not fit",
            Self::Memory { .. } => "ask for fewer days or columns, or give it more memory",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}
