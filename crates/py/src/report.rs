//! What a transfer did, for Python.

use pyo3::prelude::*;
use serde::Serialize;
use whimbrel::transfer::Report;

use crate::{call::Answer, error};

#[derive(Serialize)]
struct Done<T> {
    done: u64,
    bytes: u64,
    skipped: u64,
    unchanged: u64,
    hashed: u64,
    deleted: u64,
    elapsed: f64,
    #[serde(flatten)]
    more: T,
}

/// What was done, and what `more` there is to say. A transfer of which a file failed is an error, with what came of the
/// others.
pub(crate) fn told<T: Serialize + Send + 'static>(report: Report, more: T) -> Answer {
    Answer::new(move |py| {
        let done = Done {
            done: report.done,
            bytes: report.bytes,
            skipped: report.skipped,
            unchanged: report.unchanged,
            hashed: report.hashed,
            deleted: report.deleted,
            elapsed: report.elapsed.as_secs_f64(),
            more,
        };
        let done = pythonize::pythonize(py, &done)?.unbind();
        let mut failed = vec![];
        for (path, why) in &report.failed {
            failed.push((path.clone(), error::made(py, why)?.into_value(py)));
        }
        match report.into_result() {
            Ok(_) => Ok(done),
            Err(e) => {
                let raised = error::made(py, &e)?;
                let value = raised.value(py);
                value.setattr("failed", failed)?;
                value.setattr("report", done)?;
                Err(raised)
            }
        }
    })
}
