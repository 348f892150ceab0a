//! Cocaine's values as Python's, and back. There is one kind of bytes on the wire: text goes out as UTF-8, and what comes
//! is `bytes`.

use pyo3::{
    exceptions::{PyOverflowError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyMemoryView, PyString, PyTuple},
};
use whimbrel::cocaine::Value;

/// How deep what is sent may be nested: more is a list that holds itself.
const DEPTH: usize = 120;

/// A value to be sent.
pub(crate) fn read(it: &Bound<'_, PyAny>) -> PyResult<Value> {
    read_within(it, DEPTH)
}

/// The values of a sequence.
pub(crate) fn read_all(all: &Bound<'_, PyAny>) -> PyResult<Vec<Value>> {
    all.try_iter()?.map(|it| read(&it?)).collect()
}

fn read_within(it: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let deeper = || depth.checked_sub(1).ok_or_else(|| PyValueError::new_err("what is sent is nested too deeply"));
    let py = it.py();
    Ok(if it.is_none() {
        Value::Nil
    } else if it.is_instance_of::<PyBool>() {
        it.extract::<bool>()?.into()
    } else if it.is_instance_of::<PyInt>() {
        match it.extract::<u64>() {
            Ok(number) => number.into(),
            Err(_) => match it.extract::<i64>() {
                Ok(number) => number.into(),
                Err(_) => return Err(PyOverflowError::new_err(format!("{it} is no number of 64 bits"))),
            },
        }
    } else if it.is_instance_of::<PyFloat>() {
        it.extract::<f64>()?.into()
    } else if let Ok(bytes) = it.cast::<PyBytes>() {
        bytes.as_bytes().to_vec().into()
    } else if it.is_instance_of::<PyString>() {
        it.extract::<&str>()?.into()
    } else if it.is_instance_of::<PyByteArray>() || it.is_instance_of::<PyMemoryView>() {
        py.get_type::<PyBytes>().call1((it,))?.cast::<PyBytes>()?.as_bytes().to_vec().into()
    } else if it.is_instance_of::<PyList>() || it.is_instance_of::<PyTuple>() {
        let depth = deeper()?;
        Value::Array(it.try_iter()?.map(|it| read_within(&it?, depth)).collect::<PyResult<_>>()?)
    } else if let Ok(pairs) = it.cast::<PyMapping>() {
        let depth = deeper()?;
        let pair = |pair: Bound<'_, PyAny>| -> PyResult<_> {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
            Ok((read_within(&key, depth)?, read_within(&value, depth)?))
        };
        Value::Map(pairs.items()?.iter().map(pair).collect::<PyResult<_>>()?)
    } else {
        let message = format!(
            "Cocaine has no {}: None, bool, int, float, str, bytes, lists and dicts of them are sent",
            it.get_type().name()?
        );
        return Err(PyTypeError::new_err(message));
    })
}

/// A value that came.
pub(crate) fn told(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        Value::Nil => py.None().into_bound(py),
        Value::Bool(yes) => PyBool::new(py, yes).to_owned().into_any(),
        Value::Unsigned(number) => number.into_pyobject(py)?.into_any(),
        Value::Negative(number) => number.into_pyobject(py)?.into_any(),
        Value::Float(number) => number.into_pyobject(py)?.into_any(),
        Value::Raw(bytes) => PyBytes::new(py, &bytes).into_any(),
        Value::Array(items) => told_all(py, items)?.into_any(),
        Value::Map(pairs) => {
            let dict = PyDict::new(py);
            for (key, value) in pairs {
                dict.set_item(key_of(py, key)?, told(py, value)?)?;
            }
            dict.into_any()
        }
        Value::Extension(kind, bytes) => (kind, PyBytes::new(py, &bytes)).into_pyobject(py)?.into_any(),
    })
}

/// Values that came.
pub(crate) fn told_all(py: Python<'_>, values: Vec<Value>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for value in values {
        list.append(told(py, value)?)?;
    }
    Ok(list)
}

/// A key must be such that a dict takes it: of a list a tuple is, of a map its pairs.
fn key_of(py: Python<'_>, key: Value) -> PyResult<Bound<'_, PyAny>> {
    let tuple = |items: Vec<Value>| -> PyResult<Bound<'_, PyAny>> {
        let items = items.into_iter().map(|it| key_of(py, it)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(py, items)?.into_any())
    };
    match key {
        Value::Array(items) => tuple(items),
        Value::Map(pairs) => tuple(pairs.into_iter().map(|(key, value)| vec![key, value].into()).collect()),
        key => told(py, key),
    }
}
