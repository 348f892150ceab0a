//! `whimbrel demo`: what a newcomer runs first.

use std::process::Command;

#[test]
fn nothing_is_lost_in_any_round() {
    let folder = tempfile::tempdir().unwrap();
    // As many files as its plan of faults counts on.
    for n in 0..45 {
        std::fs::write(folder.path().join(format!("{n} ü.txt")), format!("file {n}\n").repeat(n)).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_whimbrel")).arg("demo").arg(folder.path()).output().unwrap();
    let (shown, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{told}{shown}");
    let rounds: Vec<&str> = shown.lines().skip(1).collect();
    assert_eq!(rounds.len(), 4, "{shown}");
    for (round, name, files) in [
        (rounds[0], "coscine", "45 of 45"),
        (rounds[1], "coscine, faults", "45 of 45"),
        // 60 items, and a readme of each of 20 datasets.
        (rounds[2], "dserver", "80 of 80"),
        (rounds[3], "dserver, faults", "80 of 80"),
    ] {
        assert!(round.trim_start().starts_with(name) && round.contains(&format!("identical: {files}")), "{shown}");
    }
}
