//! What Python hands over: data, and metadata in whatever its values are.

use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    intern,
    prelude::*,
    types::{PyBool, PyByteArray, PyBytes, PyList, PyMapping, PyString, PyTuple},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use whimbrel::shapes;

/// Data, read.
#[derive(Clone)]
pub(crate) struct Told<T>(pub T);

impl<T: DeserializeOwned> FromPyObject<'_, '_> for Told<T> {
    type Error = PyErr;

    fn extract(told: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(pythonize::depythonize(&told)?))
    }
}

/// What is said of one file: a mapping of fields, by label or IRI, and their values. A list gives a field several values,
/// a mapping is a description within the description, `None` is not given; dates are written as XML Schema has them, all
/// else as `str` has it.
#[derive(Clone)]
pub(crate) struct Record(pub shapes::Record);

impl FromPyObject<'_, '_> for Record {
    type Error = PyErr;

    fn extract(told: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let Ok(mapping) = told.cast::<PyMapping>() else {
            let kind = told.get_type();
            return Err(PyTypeError::new_err(format!("metadata are a mapping of fields and values, and no {kind}")));
        };
        Ok(Self(record(&mapping, 0)?))
    }
}

/// How deep a description may nest; one that holds itself ends here.
const DEEPEST: usize = 32;

fn record(told: &Bound<'_, PyMapping>, depth: usize) -> PyResult<shapes::Record> {
    if depth > DEEPEST {
        return Err(PyValueError::new_err("the metadata are nested too deep"));
    }
    let mut record = shapes::Record::new();
    for pair in told.items()?.iter() {
        let (name, value) = pair.extract::<(String, Bound<'_, PyAny>)>()?;
        for value in several(&value)? {
            if let Ok(inner) = value.cast::<PyMapping>() {
                record.push(&name, self::record(inner, depth + 1)?);
            } else if !value.is_none() {
                record.push(&name, text(&value)?);
            }
        }
    }
    Ok(record)
}

/// The values of a field.
fn several<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    match value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        true => value.try_iter()?.collect(),
        false => Ok(vec![value.clone()]),
    }
}

fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return text.extract();
    }
    if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
        return Err(PyTypeError::new_err("bytes are no value of a field: decode them first"));
    }
    if let Ok(yes) = value.cast::<PyBool>() {
        return Ok(yes.is_true().to_string());
    }
    // Dates and times.
    let written = intern!(value.py(), "isoformat");
    match value.hasattr(written)? {
        true => value.call_method0(written)?.extract(),
        false => value.str()?.extract(),
    }
}

/// A table as data: fields and values of one or many files, in the forms that a table in JSON has.
pub(crate) struct Tree(pub Value);

impl FromPyObject<'_, '_> for Tree {
    type Error = PyErr;

    fn extract(told: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(tree(&told, 0)?))
    }
}

fn tree(told: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > DEEPEST {
        return Err(PyValueError::new_err("the metadata are nested too deep"));
    }
    if told.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(mapping) = told.cast::<PyMapping>() {
        let pair = |pair: Bound<'_, PyAny>| {
            let (name, value) = pair.extract::<(String, Bound<'_, PyAny>)>()?;
            Ok((name, tree(&value, depth + 1)?))
        };
        return Ok(Value::Object(mapping.items()?.iter().map(pair).collect::<PyResult<Map<_, _>>>()?));
    }
    if told.is_instance_of::<PyList>() || told.is_instance_of::<PyTuple>() {
        let items = told.try_iter()?.map(|item| tree(&item?, depth + 1));
        return Ok(Value::Array(items.collect::<PyResult<_>>()?));
    }
    Ok(Value::String(text(told)?))
}
