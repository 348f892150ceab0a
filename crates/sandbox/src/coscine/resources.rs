//! Resources and their quota.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::Utc;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Answer, Ask, LARGEST_PAGE, Service,
    answer::{bad, data, empty, forbidden, missing, ok, page},
    profiles,
    projects::{allowed, picked},
    state::{Kind, Resource, Role, time, uuid},
    vocabulary::{self, RESOURCE_TYPES},
};
use crate::S3;

impl Service {
    pub(super) fn resources(&self, ask: &Ask) -> Answer {
        let mut state = self.state();
        match ask.id {
            "GetAllResources" if !ask.user.is_admin => return forbidden(),
            "GetAllResources" => {
                return page(&ask.query, state.resources.iter().map(|it| it.dto.clone()).collect(), 250);
            }
            "GetResource" => {
                let Some(resource) = state.resource(ask.path("resourceId")) else { return missing("The resource") };
                let project = state.project(&resource.project).expect("a resource has a project");
                if !project.members.contains_key(&ask.user.id) {
                    return forbidden();
                }
                return ok(&resource.dto);
            }
            _ => {}
        }
        let needed = match ask.id {
            "CreateResourceForProject" | "UpdateResourceForProject" | "DeleteResourceForProject" => Role::Member,
            _ => Role::Guest,
        };
        let project = match allowed(&state, ask, needed) {
            Ok(project) => project.id.clone(),
            Err(answer) => return answer,
        };
        let role = allowed(&state, ask, Role::Member).is_ok();
        match ask.id {
            "GetResourcesForProject" => {
                let mine = state.resources.iter().filter(|it| it.project == project);
                return page(&ask.query, mine.map(|it| it.dto.clone()).collect(), LARGEST_PAGE);
            }
            "CreateResourceForProject" => {
                let id = uuid(&format!("resource {project} {} {}", state.resources.len(), ask.json["name"]));
                return match create(&id, &project, ask) {
                    Ok(mut resource) => {
                        let opened = self.0.s3.as_ref().map(|s3| resource.open_bucket(&s3.folder));
                        if opened.is_some_and(|it| it.is_err()) {
                            return empty(StatusCode::INTERNAL_SERVER_ERROR);
                        }
                        let dto = resource.dto.clone();
                        state.resources.push(resource);
                        data(StatusCode::CREATED, &dto)
                    }
                    Err(why) => bad(why),
                };
            }
            _ => {}
        }
        let id = ask.path("resourceId");
        let Some(resource) = state.resource_mut(id).filter(|it| it.project == project) else {
            return missing("The resource");
        };
        match ask.id {
            "GetResourceForProject" if role => ok(&with_keys(resource, self.0.s3.as_ref())),
            "GetResourceForProject" => ok(&resource.dto),
            "GetQuotaForResourceForProject" => {
                resource.look();
                ok(&quota(resource))
            }
            "UpdateResourceForProject" => {
                for (key, value) in ask.json.as_object().into_iter().flatten() {
                    match (key.as_str(), value) {
                        ("resourceTypeOptions", _) => {}
                        ("visibility", _) => resource.dto[key] = visibility(value),
                        ("license", _) => resource.dto[key] = license(value),
                        ("disciplines", _) => {
                            resource.dto[key] = picked(&vocabulary::disciplines(), value, "id").into();
                        }
                        _ => resource.dto[key] = value.clone(),
                    }
                }
                if let Some(bytes) = size(&ask.json) {
                    resource.quota = bytes;
                }
                empty(StatusCode::NO_CONTENT)
            }
            _ => {
                let id = id.to_owned();
                state.drop_resources(|it| it.id == id);
                empty(StatusCode::NO_CONTENT)
            }
        }
    }
}

fn create(id: &str, project: &str, ask: &Ask) -> Result<Resource, &'static str> {
    let type_id = &ask.json["resourceTypeId"];
    let known = RESOURCE_TYPES.iter().find(|(_, specific, _)| *type_id == uuid(&format!("resource type {specific}")));
    let (_, specific, s3) = known.ok_or("The resource type could not be found.")?;
    let profile = ask.json["applicationProfile"]["uri"].as_str().unwrap_or_default();
    profiles::turtle(profile).ok_or("The application profile could not be found.")?;
    let kind = if s3.is_some() { Kind::S3 } else { Kind::Web };
    let quota = size(&ask.json).unwrap_or(1 << 30);
    Ok(make(&New { id: id.to_owned(), project, given: &ask.json, specific, kind, quota, creator: &ask.user.id }))
}

/// The bytes that the options of whichever type ask for.
fn size(given: &Value) -> Option<u64> {
    let options = given["resourceTypeOptions"].as_object().into_iter().flatten();
    options.filter_map(|(_, it)| it.get("quota")).find_map(bytes_of)
}

fn visibility(given: &Value) -> Value {
    let all = vocabulary::visibilities();
    all.iter().find(|it| it["id"] == given["id"]).unwrap_or(&all[0]).clone()
}

fn license(given: &Value) -> Value {
    vocabulary::licenses().into_iter().find(|it| it["id"] == given["id"]).unwrap_or_default()
}

/// What a resource is made of.
pub(super) struct New<'a> {
    pub id: String,
    pub project: &'a str,
    pub given: &'a Value,
    pub specific: &'a str,
    pub kind: Kind,
    pub quota: u64,
    pub creator: &'a str,
}

pub(super) fn make(new: &New<'_>) -> Resource {
    let New { id, project, given, specific, kind, quota, creator } = new;
    let general = RESOURCE_TYPES.iter().find(|it| it.1 == *specific).map_or("rds", |it| it.0);
    let profile = given["applicationProfile"]["uri"].as_str().unwrap_or_default();
    let or = |key: &str, other: Value| Some(given[key].clone()).filter(|it| !it.is_null()).unwrap_or(other);
    let options = match kind {
        Kind::Web => json!({ "rds": { "bucketName": id, "size": quota_dto(*quota) } }),
        // Without the keys, as lists show it.
        Kind::S3 => json!({}),
    };
    let dto = json!({
        "id": id, "pid": format!("21.11102/{id}"),
        "type": {
            "id": uuid(&format!("resource type {specific}")), "generalType": general, "specificType": specific,
            "options": options,
        },
        "name": given["name"], "displayName": or("displayName", given["name"].clone()),
        "description": given["description"], "keywords": or("keywords", json!([])), "license": license(&given["license"]),
        "usageRights": given["usageRights"], "metadataLocalCopy": false, "metadataExtraction": false,
        "applicationProfile": { "uri": profile }, "fixedValues": or("fixedValues", json!({})),
        "disciplines": picked(&vocabulary::disciplines(), &given["disciplines"], "id"),
        "visibility": visibility(&given["visibility"]), "dateCreated": time(Utc::now()), "creator": { "id": creator }, "archived": false, "maintenanceMode": false,
        "projects": [{ "id": project }],
    });
    Resource {
        id: id.clone(),
        project: (*project).to_owned(),
        dto,
        profile: profile.to_owned(),
        kind: *kind,
        quota: *quota,
        files: BTreeMap::new(),
        metadata: BTreeMap::new(),
        bucket: None,
    }
}

/// A resource asked for alone, by one who may write: with the keys of its bucket, if it has one.
fn with_keys(resource: &Resource, s3: Option<&S3>) -> Value {
    let mut dto = resource.dto.clone();
    let options = RESOURCE_TYPES.iter().find(|(_, specific, _)| dto["type"]["specificType"] == *specific);
    if let Some((_, _, Some(options))) = options {
        let pair = |key: &str, secret: &str| (key.to_owned(), secret.to_owned());
        let nowhere = || S3 {
            endpoint: "http://127.0.0.1:9".to_owned(),
            folder: PathBuf::new(),
            read: pair("read", "sandbox-read-secret"),
            write: pair("write", "sandbox-write-secret"),
        };
        let S3 { endpoint, read, write, .. } = s3.cloned().unwrap_or_else(nowhere);
        dto["type"]["options"] = json!({ *options: {
            "bucketName": resource.id, "accessKeyRead": read.0, "secretKeyRead": read.1, "accessKeyWrite": write.0,
            "secretKeyWrite": write.1, "endpoint": endpoint, "size": quota_dto(resource.quota),
        } });
    }
    dto
}

pub(super) fn quota_dto(bytes: u64) -> Value {
    json!({ "value": bytes as f64 / f64::from(1 << 30), "unit": "https://qudt.org/vocab/unit/GibiBYTE" })
}

/// The bytes of a quantity as a client writes it.
pub(super) fn bytes_of(quantity: &Value) -> Option<u64> {
    let units = ["BYTE", "KibiBYTE", "MebiBYTE", "GibiBYTE", "TebiBYTE", "PebiBYTE"];
    let unit = quantity["unit"].as_str()?.strip_prefix("https://qudt.org/vocab/unit/")?;
    let power = units.iter().position(|it| *it == unit)?;
    quantity["value"].as_u64()?.checked_mul(1 << (10 * power))
}

pub(super) fn quota(resource: &Resource) -> Value {
    let used = resource.used();
    json!({
        "resource": { "id": resource.id }, "usedPercentage": used as f64 / resource.quota.max(1) as f64 * 100.0,
        "used": quota_dto(used), "versions": quota_dto(resource.old()), "reserved": quota_dto(resource.quota),
    })
}
