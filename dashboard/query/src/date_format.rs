//! Athena's `date_format`, with Athena's patterns: they are MySQL's, in which `%i` is the minute and `%s` the second.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::error::DataFusionError;
use datafusion::functions::datetime::to_char;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};
use datafusion::scalar::ScalarValue;

use crate::error::QueryError;

/// What of MySQL's specifiers Athena takes, and how the engine writes the same.
const SPECIFIERS: [(char, &str); 25] = [
    ('a', "%a"),
    ('b', "%b"),
    ('c', "%-m"),
    ('d', "%d"),
    ('e', "%-d"),
    ('f', "%6f"),
    ('H', "%H"),
    ('h', "%I"),
    ('I', "%I"),
    ('i', "%M"),
    ('j', "%j"),
    ('k', "%-H"),
    ('l', "%-I"),
    ('M', "%B"),
    ('m', "%m"),
    ('p', "%p"),
    ('r', "%I:%M:%S %p"),
    ('S', "%S"),
    ('s', "%S"),
    ('T', "%H:%M:%S"),
    ('v', "%V"),
    ('W', "%A"),
    ('x', "%G"),
    ('Y', "%Y"),
    ('y', "%y"),
];
/// Specifiers that Athena knows and refuses.
const REFUSED: [char; 6] = ['D', 'U', 'u', 'V', 'w', 'X'];

/// `date_format(time, pattern)`.
pub(crate) fn date_format() -> ScalarUDF {
    ScalarUDF::from(DateFormat { inner: to_char() })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DateFormat {
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for DateFormat {
    fn name(&self) -> &str {
        "date_format"
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arguments)
    }

    fn invoke_with_args(&self, mut arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match arguments.args.get_mut(1) {
            Some(ColumnarValue::Scalar(ScalarValue::Utf8(Some(pattern)))) => *pattern = translated(pattern)?,
            Some(ColumnarValue::Scalar(value)) if value.is_null() => {}
            _ => return plan_err!("the pattern of `date_format` must be the same for all rows"),
        }
        self.inner.invoke_with_args(arguments)
    }
}

/// A pattern as the engine takes it.
fn translated(pattern: &str) -> Result<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some(specifier) if REFUSED.contains(&specifier) => return Err(unknown(&format!("%{specifier}"))),
            None => return Err(unknown("%")),
            Some('%') => text.push_str("%%"),
            // A character that means nothing stands for itself.
            Some(specifier) => match SPECIFIERS.iter().find(|(known, _)| *known == specifier) {
                Some((_, ours)) => text.push_str(ours),
                None => text.push(specifier),
            },
        }
    }
    Ok(text)
}

fn unknown(specifier: &str) -> DataFusionError {
    DataFusionError::External(QueryError::DatePattern { specifier: specifier.to_owned() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_athenas() {
        assert_eq!(translated("%Y-%m-%d %H:%i:%s").unwrap(), "%Y-%m-%d %H:%M:%S");
        assert_eq!(translated("%M %e, 100%% %Q").unwrap(), "%B %-d, 100%% Q");
        assert!(translated("%D").is_err() && translated("50%").is_err());
    }
}
