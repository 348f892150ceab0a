//! What the tests have in common.

pub mod contract;
/// Coscine's operations, called one by one.
#[rustfmt::skip]
pub mod coscine_calls;
/// DataSift's operations, called one by one.
#[rustfmt::skip]
pub mod datasift_calls;
pub mod dserver;
/// dserver's operations, called one by one.
#[rustfmt::skip]
pub mod dserver_calls;
pub mod s3;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The Python of a judge's virtual environment, as `xtask/src/test.rs` names them.
///
/// `cargo xtask test` makes them and says where; without it, the tests that need one say loudly that they did nothing,
/// and `xtask` makes that an error in CI.
pub fn judge(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("WHIMBREL_JUDGES") else {
        eprintln!("SKIPPED: {name} is not here to judge; run `cargo xtask test`");
        return None;
    };
    let bin = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    Some(PathBuf::from(folder).join(name).join(bin))
}

/// Runs a script of `judges/`, and gives what it printed.
///
/// # Panics
/// If it fails; with what it had to say.
pub fn run_judge(python: &Path, script: &str, arguments: &[&OsStr]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("judges").join(script);
    let output = Command::new(python).arg(&script).args(arguments).output().expect("Python runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {err}", script.display());
    String::from_utf8(output.stdout).expect("judges speak UTF-8")
}

/// What roc-validator finds in the crate of a folder, and how many checks it made; `None` without it.
///
/// `version` is `1.1` or `1.2`, `severity` is `required` or `recommended`.
///
/// # Panics
/// If it does not run.
pub fn judge_ro_crate(version: &str, severity: &str, folder: &Path) -> Option<(Vec<String>, u64)> {
    // 1.2's own context is in no package; 1.3's has all of its terms that we write, and says the same of them.
    let context = judge(if version == "1.1" { "ro-crate-context-1.1" } else { "ro-crate-context-1.3" })?;
    // Finds the package without an import, which would need what it depends on.
    const FIND: &str =
        "from importlib.util import find_spec; print(find_spec('rocrate').submodule_search_locations[0])";
    let context = Command::new(context).args(["-c", FIND]).output().expect("Python runs").stdout;
    let context = String::from_utf8(context).expect("judges speak UTF-8");
    let context = Path::new(context.trim()).join("data/ro-crate.jsonld");
    let arguments = [context.as_os_str(), version.as_ref(), severity.as_ref(), folder.as_os_str()];
    let told = run_judge(&judge("roc-validator-0.13.0")?, "ro_crate.py", &arguments);
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let found = serde_json::from_value(told["found"].clone()).expect("a list of texts");
    Some((found, told["checks"].as_u64().expect("a number")))
}

/// What dtoolcore reads of the dataset in a folder, each item hashed anew; `None` without it. `judges/dtool_read.py` says what
/// there is.
///
/// # Panics
/// If it does not take the folder for a frozen dataset.
pub fn judge_dataset(folder: &Path) -> Option<serde_json::Value> {
    let told = run_judge(&judge("dtoolcore-3.19.0")?, "dtool_read.py", &[folder.as_os_str()]);
    Some(serde_json::from_str(&told).expect("JSON"))
}

/// A folder of `n` files of 1 kB, two levels deep.
///
/// # Panics
/// If the disk does not take it.
pub fn folder_of(n: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for i in 0..n {
        let path = folder.path().join(format!("part {}/file {i:03}.txt", i % 3));
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(path, format!("{i:04} ").repeat(200)).expect("a file");
    }
    folder
}

/// The hash of each file below a folder, by its path with slashes.
///
/// # Panics
/// If the folder can't be read.
pub fn hashes(folder: &Path) -> BTreeMap<String, blake3::Hash> {
    let mut found = BTreeMap::new();
    let mut next = vec![folder.to_path_buf()];
    while let Some(at) = next.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                next.push(path);
            } else {
                let name: Vec<_> =
                    path.strip_prefix(folder).expect("below").iter().map(|it| it.to_string_lossy()).collect();
                found.insert(name.join("/"), blake3::hash(&fs::read(&path).expect("a file")));
            }
        }
    }
    found
}
