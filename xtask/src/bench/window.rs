//! How much of the server's limit is used, and whether it is ever broken: many tasks ask as fast as the client lets them.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Sandbox, Setup, output};

const TASKS: u32 = 64;
const SECONDS: u32 = 180;

pub(super) fn run(setup: &Setup) -> Result<()> {
    let sandbox = Sandbox::start(setup, &[])?;
    let mut command = Command::new(setup.example("window"));
    command.args([TASKS.to_string(), SECONDS.to_string()]);
    let answered = output(sandbox.client(&mut command, &setup.folder))?;
    let report = sandbox.report()?;
    let count = |name: &str| report[name].as_u64().with_context(|| format!("no {name}"));
    let (window, refused, all) = (count("largest_window_60s")?, count("refused")?, count("requests")?);
    println!(
        "{TASKS} tasks for {SECONDS} s: at most {window} requests in any 60 s, {refused} answered with 429, {all} in all, \
         {} of them answered in time",
        answered.trim()
    );
    if refused > 0 || !(485..=500).contains(&window) {
        bail!("the limit of 500 is not kept, or not used");
    }
    Ok(())
}
