//! The table of Coscine's operations (`crates/sdk/src/coscine/README.md`) says what is true.

use std::{collections::BTreeSet, fs, path::Path};

use whimbrel::coscine::operations::ALL;

struct Row {
    tag: String,
    operation: String,
    sdk: String,
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sdk/src/coscine")
}

fn table() -> Vec<Row> {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let [tag, operation, sdk, _cli, _note] = &cells[..] else { panic!("not five cells: {line}") };
        Row { tag: tag.clone(), operation: operation.trim_matches('`').to_owned(), sdk: sdk.clone() }
    };
    rows.map(row).collect()
}

/// Every word of the SDK's code for Coscine, but for its policies, which name operations without making them.
fn words() -> (String, BTreeSet<String>) {
    let files = fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path());
    let code = files.filter(|it| it.extension().is_some_and(|it| it == "rs") && !it.ends_with("policy.rs"));
    let code: String = code.map(|path| fs::read_to_string(path).unwrap()).collect();
    let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_owned).collect();
    (code, words)
}

#[test]
fn each_operation_stands_once_in_the_table_by_its_tag() {
    let table = table();
    let stands: BTreeSet<_> = table.iter().map(|row| row.operation.as_str()).collect();
    let documented: BTreeSet<_> = ALL.iter().map(|it| it.id).collect();
    assert_eq!(stands, documented);
    assert_eq!(table.len(), ALL.len(), "none twice");
    assert!(table.is_sorted_by_key(|row| &row.tag));
    for row in &table {
        let documented = ALL.iter().find(|it| it.id == row.operation).unwrap();
        assert_eq!(row.tag, documented.tag, "{}", row.operation);
    }
}

#[test]
fn a_call_uses_its_operation_and_raw_only_has_a_reason() {
    let (code, words) = words();
    for Row { operation, sdk, .. } in table() {
        let used = words.contains(&operation.to_uppercase());
        if let Some(rest) = sdk.strip_prefix("raw only") {
            let reason = rest.strip_prefix(", because ").unwrap_or_default();
            assert!(reason.len() > 5, "{operation}: why raw only?");
            assert!(!used, "{operation}: it is used after all");
            continue;
        }
        assert!(used, "{operation}: nothing uses it");
        let calls: Vec<_> = sdk.split(", ").map(|it| it.strip_prefix('`')?.strip_suffix('`')).collect();
        for call in calls {
            let call = call.unwrap_or_else(|| panic!("{operation}: {sdk}"));
            let name = call.rsplit("::").next().unwrap();
            let is_there =
                code.contains(&format!("fn {name}(")) || (name.starts_with(char::is_uppercase) && words.contains(name));
            assert!(is_there, "{operation}: there is no {call}");
        }
    }
}
