//! Athena's JSON functions under Athena's names, so that one statement runs in both.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use datafusion::scalar::ScalarValue;

use crate::path::JsonPath;

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
        b'"' => serde_json::from_str(found).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(found.to_owned()),
    }
}

fn udf(name: &'static str, shape: fn(&str) -> Option<String>) -> ScalarUDF {
    let work = move |arguments: &[ColumnarValue]| extract(name, shape, arguments);
    create_udf(name, vec![DataType::Utf8View, DataType::Utf8], DataType::Utf8, Volatility::Immutable, Arc::new(work))
}

fn extract(name: &str, shape: fn(&str) -> Option<String>, arguments: &[ColumnarValue]) -> Result<ColumnarValue> {
    let [json, path] = arguments else { return exec_err!("{name} takes a text and a path") };
    let path = match path {
        ColumnarValue::Scalar(ScalarValue::Utf8(Some(path))) => path,
        ColumnarValue::Scalar(value) if value.is_null() => return Ok(ColumnarValue::Scalar(ScalarValue::Utf8(None))),
        _ => return plan_err!("the path of {name} must be a literal"),
    };
    let Some(path) = JsonPath::parse(path) else { return plan_err!("`{path}` is no JSON path such as `$.a[0].b`") };
    let (json, is_scalar): (ArrayRef, bool) = match json {
        ColumnarValue::Array(array) => (Arc::clone(array), false),
        ColumnarValue::Scalar(value) => (value.to_array()?, true),
    };
    let json = cast(&json, &DataType::Utf8View)?;
    let mut found = StringBuilder::with_capacity(json.len(), 0);
    for text in json.as_string_view().iter() {
        found.append_option(text.and_then(|text| path.find(text)).and_then(shape));
    }
    let found: ArrayRef = Arc::new(found.finish());
    match is_scalar {
        true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?)),
        false => Ok(ColumnarValue::Array(found)),
    }
}
