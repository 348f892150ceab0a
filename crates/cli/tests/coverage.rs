//! Each verb that the table of Coscine's operations names is there, and each that is to come is not.

use std::{collections::BTreeMap, process::Command};

const TABLE: &str = include_str!("../../sdk/src/coscine/README.md");

fn is_there(verb: &str) -> bool {
    let output = Command::new(env!("CARGO_BIN_EXE_whimbrel")).args(verb.split(' ')).arg("--help").env_clear().output();
    output.unwrap().status.success()
}

#[test]
fn the_table_names_the_verbs_that_there_are() {
    let mut verbs = BTreeMap::new();
    for row in TABLE.lines().filter(|line| line.matches(" | ").count() >= 3 && line.contains('`')) {
        let cell = row.split('|').nth(4).unwrap();
        for verb in cell.split(", ").map(str::trim) {
            let (name, to_come) = match verb.strip_suffix(" (to come)") {
                Some(name) => (name, true),
                None => (verb, false),
            };
            let name = name.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
            let name = name.unwrap_or_else(|| panic!("{row}: each operation has a verb, `api` at least"));
            assert!(verbs.insert(name, to_come).is_none_or(|before| before == to_come), "{name}: to come or not?");
        }
    }
    assert!(verbs.len() > 70);
    for (verb, to_come) in verbs {
        match to_come {
            false => assert!(is_there(verb), "there is no whimbrel {verb}"),
            true => assert!(!is_there(verb), "whimbrel {verb} has come: say so in the table"),
        }
    }
}
