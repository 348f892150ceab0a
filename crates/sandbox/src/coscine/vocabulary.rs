//! The lists that hardly ever change.

use serde_json::{Value, json};

use super::state::uuid;

fn named(kind: &str, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({ "id": uuid(&format!("{kind} {name}")), "displayName": name })).collect()
}

pub(crate) fn visibilities() -> Vec<Value> {
    named("visibility", &["Project Members", "Public"])
}

pub(crate) fn titles() -> Vec<Value> {
    named("title", &["Dr.", "Prof."])
}

pub(crate) fn languages() -> Vec<Value> {
    let language = |name: &str, short: &str| json!({ "id": uuid(&format!("language {name}")), "displayName": name, "abbreviation": short });
    vec![language("English", "en"), language("Deutsch", "de")]
}

pub(crate) fn licenses() -> Vec<Value> {
    let names =
        ["CC0 1.0", "CC BY 4.0", "CC BY-SA 4.0", "MIT License", "Apache License 2.0", "GPL 3.0", "BSD 3-Clause"];
    let mut all = named("license", &names);
    for license in &mut all {
        license["url"] = "https://spdx.org/licenses/".into();
    }
    all
}

pub(crate) fn disciplines() -> Vec<Value> {
    let names = [
        ("Computer Science 409", "Informatik 409"),
        ("Materials Science 406", "Materialwissenschaft 406"),
        ("Mechanics and Constructive Mechanical Engineering 402", "Mechanik und konstruktiver Maschinenbau 402"),
        ("Physical Chemistry 302", "Physikalische Chemie 302"),
        ("Production Technology 401", "Produktionstechnik 401"),
        ("Analytical Chemistry 303", "Analytische Chemie 303"),
        ("Fluid Mechanics 404", "Strömungsmechanik 404"),
        ("Statistical Physics 310", "Statistische Physik 310"),
        ("Optics 308", "Optik 308"),
        ("Microbiology 204", "Mikrobiologie 204"),
        ("Plant Sciences 202", "Pflanzenwissenschaften 202"),
        ("Construction Engineering 410", "Bauwesen 410"),
    ];
    let discipline = |(en, de): &(&str, &str)| {
        let number = en.rsplit(' ').next().unwrap_or_default();
        json!({
            "id": uuid(&format!("discipline {en}")), "displayNameEn": en, "displayNameDe": de,
            "uri": format!("http://www.dfg.de/dfg_profil/gremien/fachkollegien/liste/index.jsp?id={number}"),
        })
    };
    names.iter().map(discipline).collect()
}

pub(crate) fn notifications() -> Vec<Value> {
    let one = |(category, optional): &(&str, bool)| json!({ "id": uuid(&format!("notification {category}")), "category": category, "isOptional": optional });
    [("ProjectMember", true), ("Quota", true), ("TermsOfService", false)].iter().map(one).collect()
}

pub(crate) fn terms_of_service() -> Value {
    json!({ "version": "2.0", "href": "https://coscine.example.org/terms", "isCurrent": true })
}

pub(crate) fn organizations() -> Vec<Value> {
    let organization =
        |(ror, name): &(&str, &str)| json!({ "uri": format!("https://ror.org/{ror}"), "displayName": name });
    [
        ("04xfq0f34", "RWTH Aachen University"),
        ("04mz5ra38", "University of Duisburg-Essen"),
        ("01k97gp34", "TU Dortmund University"),
    ]
    .iter()
    .map(organization)
    .collect()
}

/// Each organisation has one.
pub(crate) fn publication_services() -> Vec<Value> {
    let service = |it: Value| {
        let name = it["displayName"].as_str().unwrap_or_default();
        json!({
            "displayName": format!("{name} Library"), "email": "publish@example.org", "description": "Helps to publish",
            "organizationRor": it["uri"],
        })
    };
    organizations().into_iter().map(service).collect()
}

/// General type, specific type; and, if content is kept in S3 that users reach, the name of the options that say how.
pub(crate) const RESOURCE_TYPES: [(&str, &str, Option<&str>); 7] = [
    ("rds", "rdsrwth", None),
    ("rdss3", "rdss3rwth", Some("rdsS3")),
    ("rds", "rdsnrw", None),
    ("rdss3", "rdss3nrw", Some("rdsS3")),
    ("rdss3worm", "rdss3wormrwth", Some("rdsS3Worm")),
    ("dsnrws3", "dsnrws3", Some("dataStorageNrwS3")),
    ("dsnrws3worm", "dsnrws3worm", Some("dataStorageNrwS3Worm")),
];

pub(crate) fn resource_types() -> Vec<Value> {
    let one = |(general, specific, _): &(&str, &str, Option<&str>)| {
        json!({
            "id": uuid(&format!("resource type {specific}")), "generalType": general, "specificType": specific,
            "status": "active", "canCreate": true, "canRead": true, "canSetResourceReadonly": true, "canUpdate": true,
            "canUpdateResource": true, "canDelete": true, "canDeleteResource": true, "canList": true,
            "canCreateLinks": true, "canCopyLocalMetadata": true, "isArchived": false, "isQuotaAvailable": true,
            "isQuotaAdjustable": true, "supportsVersioning": true, "isEnabled": true,
            "resourceCreation": { "components": [[], ["Size"], [], []] },
            "resourceContent": {
                "readOnly": false, "metadataView": { "editableDataUrl": false, "editableKey": false },
                "entriesView": { "columns": { "always": ["name", "size"] } },
            },
        })
    };
    RESOURCE_TYPES.iter().map(one).collect()
}

pub(crate) const INSTRUMENTS: &str = "https://purl.org/coscine/vocabularies/whimbrel/instruments";

pub(crate) fn vocabularies() -> Vec<Value> {
    vec![json!({
        "graphUri": format!("{INSTRUMENTS}/"), "classUri": INSTRUMENTS, "displayName": "Instruments",
        "description": "Instruments of a laboratory that does not exist",
    })]
}

/// More than the 150 that a page can hold.
pub(crate) fn instruments() -> Vec<Value> {
    let kinds = ["Rheometer", "Tribometer", "Microscope", "Spectrometer", "Balance", "Furnace"];
    let one = |n: usize| {
        let (kind, number) = (kinds[n % kinds.len()], n / kinds.len() + 1);
        json!({
            "graphUri": format!("{INSTRUMENTS}/"), "typeUri": INSTRUMENTS,
            "instanceUri": format!("{INSTRUMENTS}/{}-{number}", kind.to_lowercase()),
            "displayName": format!("{kind} {number}"), "description": null, "subClassOfUri": null,
        })
    };
    (0..200).map(one).collect()
}
