//! Each verb that the tables of the services' operations name is there.

use std::{collections::BTreeSet, process::Command};

const TABLES: [&str; 3] = [
    include_str!("../../sdk/src/coscine/README.md"),
    include_str!("../../sdk/src/datasift/README.md"),
    include_str!("../../sdk/src/dserver/README.md"),
];

#[test]
fn the_tables_name_the_verbs_that_there_are() {
    let mut verbs = BTreeSet::new();
    for row in
        TABLES.into_iter().flat_map(str::lines).filter(|line| line.matches(" | ").count() >= 3 && line.contains('`'))
    {
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
