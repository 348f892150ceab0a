//! What can be set of any client, from keywords of Python's.

use std::path::PathBuf;

use pyo3::{exceptions::PyTypeError, prelude::*, types::PyDict};
use whimbrel::{CacheMode, Error, Settings};

use crate::error;

/// The SDK's settings; `None` stands for the default.
pub(crate) fn read(told: &Bound<'_, PyDict>) -> PyResult<Settings> {
    let mut settings = Settings::default();
    for (name, value) in told.iter().filter(|(_, value)| !value.is_none()) {
        let name = name.extract::<&str>()?;
        let number = || at_least_one(name, &value);
        match name {
            "cache" => settings.cache = cache(&value)?,
            "requests_per_minute" => settings.requests_per_minute = Some(number()?),
            "requests_at_once" => settings.requests_at_once = number()? as usize,
            "attempts" => settings.attempts = number()?,
            "deadline" => settings.deadline_seconds = number()?.into(),
            "connect_timeout" => settings.connect_seconds = number()?.into(),
            "idle_timeout" => settings.idle_seconds = number()?.into(),
            "verify_tls" => settings.verify_tls = value.extract()?,
            other => {
                return Err(PyTypeError::new_err(format!(
                    "there is no setting {other}; there are cache, requests_per_minute, requests_at_once, attempts, \
                     deadline, connect_timeout, idle_timeout and verify_tls"
                )));
            }
        }
    }
    Ok(settings)
}

/// A number of requests or of seconds.
fn at_least_one(name: &str, value: &Bound<'_, PyAny>) -> PyResult<u32> {
    match value.extract::<u32>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(error::raised(Error::invalid(format!("{name} is a whole number, and at least 1; not {value}")))),
    }
}

/// A word, or the path of a file. A mistyped word is no file in the working directory.
fn cache(value: &Bound<'_, PyAny>) -> PyResult<CacheMode> {
    match value.extract::<&str>() {
        Ok("memory") => Ok(CacheMode::Memory),
        Ok("off") => Ok(CacheMode::Off),
        Ok("disk") => Ok(cli::cache_file().map_or(CacheMode::Memory, CacheMode::Disk)),
        Ok(word) if !word.contains(['/', '\\', '.']) => Err(error::raised(Error::invalid(format!(
            "cache is \"memory\", \"disk\", \"off\" or the path of a file, with its folder; not {word:?}"
        )))),
        _ => Ok(CacheMode::Disk(value.extract::<PathBuf>()?)),
    }
}
