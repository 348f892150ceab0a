//! `whimbrel sandbox`: what it prints is what a shell needs.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

// A signal ends it.
#[cfg(unix)]
#[test]
fn what_it_prints_is_enough_to_ask_all_services() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
    command.args(["sandbox", "--dserver-release", "next", "--datasets", "7"]).env_clear().stdout(Stdio::piped());
    let temporary = tempfile::tempdir().unwrap();
    command.env("TMPDIR", temporary.path());
    let mut sandbox = command.spawn().unwrap();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut exported = BTreeMap::new();
    let mut comments = vec![];
    for line in &mut lines {
        match line.strip_prefix("export ") {
            Some(values) => {
                let values = values.split_whitespace().take_while(|it| *it != "#").filter_map(|it| it.split_once('='));
                exported.extend(values.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            None => comments.push(line.clone()),
        }
        if line.contains("# a stream: ") {
            break;
        }
    }
    assert!(comments.iter().all(|it| it.starts_with("# ")), "{comments:?}");
    assert!(comments.iter().any(|it| it.contains("DSERVER_TOKEN_GENERATOR_URL=http://127.0.0.1:")), "{comments:?}");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
        command.args(arguments).env_clear().env("WHIMBREL_CACHE", "off").envs(&exported);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&["whoami"]).contains("alice"));
    let all = run(&["dserver", "search", "-o", "jsonl"]);
    assert_eq!(all.lines().count(), 7);
    assert!(all.contains("s3://base1/00000005-0000-4000-8000-000000000005"), "{all}");
    assert!(run(&["cocaine", "apps", "list"]).contains("demo"));
    assert!(run(&["datasift", "balance"]).contains("remaining_dpus"));
    // As `kill` ends it; it leaves nothing behind.
    let pid = rustix::process::Pid::from_child(&sandbox);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(sandbox.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}
