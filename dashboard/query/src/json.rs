//! Athena's JSON functions under Athena's names, so that one statement runs in both.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::scalar::ScalarValue;
use serde::de::{Deserializer, Visitor};

use crate::error::QueryError;
use crate::path::JsonPath;

/// How three bytes begin that would be a surrogate, were it a character.
const SURROGATE_FIRST_BYTE: u8 = 0xed;

/// What is made of a value that was found.
type Shape = fn(&str) -> Option<String>;

/// `json_extract(text, path)`: the value's exact text.
pub(crate) fn json_extract() -> ScalarUDF {
    udf("json_extract", |found| Some(found.to_owned()))
}

/// `json_extract_scalar(text, path)`: a string decoded, a number or boolean as written; null for all else.
pub(crate) fn json_extract_scalar() -> ScalarUDF {
    udf("json_extract_scalar", scalar)
}

fn scalar(found: &str) -> Option<String> {
    match found.as_bytes().first()? {
        b'"' => string(found),
        b'{' | b'[' | b'n' => None,
        _ => Some(found.to_owned()),
    }
}

/// A JSON string decoded, with U+FFFD for half a surrogate pair, which no text can hold.
fn string(json: &str) -> Option<String> {
    let bytes = serde_json::Deserializer::from_str(json).deserialize_bytes(Bytes).ok()?;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        // Half a pair comes as three bytes, of which this is the first.
        if chunk.invalid().first() == Some(&SURROGATE_FIRST_BYTE) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Some(text)
}

/// The bytes of a string.
struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> std::result::Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}

fn udf(name: &'static str, shape: Shape) -> ScalarUDF {
    let work = move |arguments: &[ColumnarValue]| extract(name, shape, arguments);
    let takes = vec![DataType::Utf8View, DataType::Utf8];
    create_udf(name, takes, DataType::Utf8, Volatility::Immutable, Arc::new(work))
}

fn extract(name: &'static str, shape: Shape, arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let [json, path] = arguments else { return plan_err!("`{name}` takes a text and a path") };
    let path = match path {
        ColumnarValue::Scalar(ScalarValue::Utf8(Some(path))) => path,
        ColumnarValue::Scalar(value) if value.is_null() => return Ok(ColumnarValue::Scalar(ScalarValue::Utf8(None))),
        _ => return plan_err!("the path of `{name}` must be the same for all rows"),
    };
    let Some(found) = JsonPath::parse(path) else {
        let error = QueryError::JsonPath { function: name, path: path.clone() };
        return Err(DataFusionError::External(error.into()));
    };
    let values = |json: &ArrayRef| -> Result<ArrayRef> {
        let json = cast(json, &DataType::Utf8View)?;
        let mut values = StringBuilder::with_capacity(json.len(), 0);
        for text in json.as_string_view() {
            values.append_option(text.and_then(|text| found.find(text)).and_then(shape));
        }
        Ok(Arc::new(values.finish()))
    };
    match json {
        ColumnarValue::Array(array) => Ok(ColumnarValue::Array(values(array)?)),
        ColumnarValue::Scalar(value) => {
            let values = values(&value.to_array()?)?;
            Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&values, 0)?))
        }
    }
}
