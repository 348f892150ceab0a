//! What of the Python package is Rust. Python's side of it is `python/whimbrel`, whose classes are what users see.

mod aio;
mod api;
mod call;
mod cocaine;
mod coscine;
mod datasift;
mod dserver;
mod error;
mod future;
mod gate;
mod list;
mod lookup;
mod owned;
mod progress;
mod queue;
mod report;
mod runtime;
mod settings;
mod token;

use pyo3::prelude::*;

/// What of whimbrel is Rust.
#[pymodule(gil_used = false)]
mod _native {
    use std::ffi::OsString;

    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::{
        call::{Call, Task},
        cocaine::{Channel, Cocaine, CocaineService, Held},
        coscine::Coscine,
        datasift::{Datasift, DatasiftLive},
        dserver::{Dserver, draw, yaml},
        future::shut_down,
        gate::{Gate, after},
        list::{Cursor, List},
        lookup::{Lookup, dtool_config_path, set_dtool_config},
        queue::Server,
        token::Token,
    };

    /// Runs the program `whimbrel` with these arguments, the first of which is its name, and gives its exit code.
    #[pyfunction]
    fn program(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
        py.detach(|| cli::run(arguments))
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // Now, and not with the first call: what users register later is done before, and may make calls yet.
        module.py().import("atexit")?.call_method1("register", (module.getattr("shut_down")?,))?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
