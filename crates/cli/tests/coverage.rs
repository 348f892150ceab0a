//! Each verb that the table of Coscine's operations names is there.

use std::{collections::BTreeSet, process::Command};

const TABLE: &str = include_str!("../../sdk/src/coscine/README.md");

#[test]
fn the_table_names_the_verbs_that_there_are() {
    let mut verbs = BTreeSet::new();
    for row in TABLE.lines().filter(|line| line.matches(" | ").count() >= 3 && line.contains('`')) {
        let cell = row.split('|').nth(4).unwrap();
        for verb in cell.split(", ").map(str::trim) {
            let name = verb.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
            verbs.insert(name.unwrap_or_else(|| panic!("{row}: each operation has a verb, `api` at least")));
        }
    }
    assert!(verbs.len() > 70);
    for verb in verbs {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
        let output = command.args(verb.split(' ')).arg("--help").env_clear().output().unwrap();
        assert!(output.status.success(), "there is no whimbrel {verb}");
    }
}
