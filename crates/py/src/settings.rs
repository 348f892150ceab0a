//! What can be set of any client, from keywords of Python's.

use std::path::PathBuf;

use pyo3::{exceptions::PyTypeError, prelude::*, types::PyDict};
use whimbrel::{CacheMode, Settings};

/// The SDK's settings; `None` stands for the default.
pub(crate) fn read(told: &Bound<'_, PyDict>) -> PyResult<Settings> {
    let mut settings = Settings::default();
    for (name, value) in told.iter().filter(|(_, value)| !value.is_none()) {
        match name.extract::<&str>()? {
            "cache" => settings.cache = cache(&value)?,
            "requests_per_minute" => settings.requests_per_minute = Some(value.extract()?),
            "requests_at_once" => settings.requests_at_once = value.extract()?,
            "attempts" => settings.attempts = value.extract()?,
            "deadline" => settings.deadline_seconds = value.extract()?,
            "connect_timeout" => settings.connect_seconds = value.extract()?,
            "idle_timeout" => settings.idle_seconds = value.extract()?,
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

fn cache(value: &Bound<'_, PyAny>) -> PyResult<CacheMode> {
    match value.extract::<&str>() {
        Ok("memory") => Ok(CacheMode::Memory),
        Ok("off") => Ok(CacheMode::Off),
        _ => Ok(CacheMode::Disk(value.extract::<PathBuf>()?)),
    }
}
