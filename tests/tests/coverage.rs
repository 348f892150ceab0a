//! The tables of operations (`crates/sdk/src/<service>/README.md`) say what is true.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use middleware::Operation;

struct Row {
    tag: String,
    operation: String,
    sdk: String,
}

/// A service by the folder of its code in the SDK.
struct Service {
    name: &'static str,
    operations: &'static [Operation],
}

const SERVICES: [Service; 2] = [
    Service { name: "coscine", operations: whimbrel::coscine::operations::ALL },
    Service { name: "dserver", operations: whimbrel::dserver::operations::ALL },
];

impl Service {
    fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sdk/src").join(self.name)
    }

    fn table(&self) -> Vec<Row> {
        let text = fs::read_to_string(self.folder().join("README.md")).unwrap();
        // Five cells: another table may follow.
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.matches(" |").count() >= 5);
        let row = |line: &str| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            let [tag, operation, sdk, _cli, _note] = &cells[..] else { panic!("not five cells: {line}") };
            Row { tag: tag.clone(), operation: operation.trim_matches('`').to_owned(), sdk: sdk.clone() }
        };
        rows.filter(|line| line.contains('`')).map(row).collect()
    }

    /// Every word of the SDK's code for the service, but for its policies, which name operations without making them.
    fn words(&self) -> (String, BTreeSet<String>) {
        let mut code = String::new();
        let mut folders = vec![self.folder()];
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("policy.rs") {
                    code += &fs::read_to_string(path).unwrap();
                }
            }
        }
        let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_owned).collect();
        (code, words)
    }
}

#[test]
fn each_operation_stands_once_in_the_table_by_its_tag() {
    for service in SERVICES {
        let (table, operations) = (service.table(), service.operations);
        let stands: BTreeSet<_> = table.iter().map(|row| row.operation.as_str()).collect();
        let documented: BTreeSet<_> = operations.iter().map(|it| it.id).collect();
        assert_eq!(stands, documented);
        assert_eq!(table.len(), operations.len(), "none twice");
        assert!(table.is_sorted_by_key(|row| &row.tag));
        for row in &table {
            let documented = operations.iter().find(|it| it.id == row.operation).unwrap();
            assert_eq!(row.tag, documented.tag, "{}", row.operation);
        }
    }
}

#[test]
fn a_call_uses_its_operation_and_raw_only_has_a_reason() {
    for service in SERVICES {
        let (code, words) = service.words();
        for Row { operation, sdk, .. } in service.table() {
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
                let is_there = code.contains(&format!("fn {name}("))
                    || code.contains(&format!("fn {name}<"))
                    || (name.starts_with(char::is_uppercase) && words.contains(name));
                assert!(is_there, "{operation}: there is no {call}");
            }
        }
    }
}
