//! Projects, their members, invitations and quotas.

use chrono::Utc;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Answer, Ask, LARGEST_PAGE, Service,
    answer::{bad, data, empty, forbidden, missing, ok, page},
    resources::{bytes_of, quota_dto},
    state::{Project, Resource, Role, State, time, uuid},
    users::public,
    vocabulary,
};

impl Service {
    pub(super) fn projects(&self, ask: &Ask) -> Answer {
        let mut state = self.state();
        match ask.id {
            "GetAllProjects" if !ask.user.is_admin => return forbidden(),
            "GetAllProjects" => return page(&ask.query, state.projects.iter().map(|it| it.dto.clone()).collect(), 250),
            "GetProjects" => {
                let top_level = ask.query("TopLevel").is_some_and(|it| it.eq_ignore_ascii_case("true"));
                let seen = |it: &&Project| it.members.contains_key(&ask.user.id) && !(top_level && it.parent.is_some());
                return page(
                    &ask.query,
                    state.projects.iter().filter(seen).map(|it| it.dto.clone()).collect(),
                    LARGEST_PAGE,
                );
            }
            "CreateProject" => return create(&mut state, ask),
            _ => {}
        }
        let own = || state.project(ask.path("projectId")).and_then(|it| it.members.get(&ask.user.id));
        let needed = match ask.id {
            // Anybody may leave.
            "DeleteMembership" if own().is_some_and(|(_, id)| id == ask.path("membershipId")) => Role::Guest,
            "UpdateProject"
            | "DeleteProject"
            | "AddMembership"
            | "UpdateMembership"
            | "DeleteMembership"
            | "CreateProjectInvitation"
            | "DeleteProjectInvitation"
            | "UpdateProjectQuota"
            | "CreatePublicationRequest" => Role::Owner,
            _ => Role::Guest,
        };
        let id = match allowed(&state, ask, needed) {
            Ok(project) => project.id.clone(),
            Err(answer) => return answer,
        };
        match ask.id {
            "GetSubProjectsForProject" => {
                let below = state.projects.iter().filter(|it| it.parent.as_ref() == Some(&id));
                page(&ask.query, below.map(|it| it.dto.clone()).collect(), LARGEST_PAGE)
            }
            "GetProjectQuotas" | "GetProjectQuota" => {
                state.resources.iter_mut().filter(|it| it.project == id).for_each(Resource::look);
                quotas(&state, ask, &id)
            }
            "UpdateProjectQuota" => set_quota(&mut state, ask, &id),
            "CreatePublicationRequest" | "GetPublicationRequest" => publications(&mut state, ask, &id),
            "DeleteProject" => {
                state.drop_resources(|it| it.project == id);
                state.projects.retain(|it| it.id != id);
                empty(StatusCode::NO_CONTENT)
            }
            "GetProject" => ok(&state.project(&id).expect("it is allowed").dto),
            "UpdateProject" => {
                let project = state.project_mut(&id).expect("it is allowed");
                let creator = project.dto["creator"]["id"].as_str().unwrap_or_default().to_owned();
                let mut new = dto(&id, &ask.json, &creator);
                new["slug"] = ask.json["slug"].clone();
                for kept in ["creationDate", "parent"] {
                    new[kept] = project.dto[kept].clone();
                }
                project.dto = new;
                empty(StatusCode::NO_CONTENT)
            }
            _ if ask.id.contains("Invitation") => invitations(state.project_mut(&id).expect("it is allowed"), ask),
            _ => members(&mut state, ask, &id),
        }
    }
}

/// The project of the request, if its user's role is at least this.
pub(super) fn allowed<'s>(state: &'s State, ask: &Ask, needed: Role) -> Result<&'s Project, Answer> {
    let Some(project) = state.project(ask.path("projectId")) else { return Err(missing("The project")) };
    match project.members.get(&ask.user.id) {
        Some((role, _)) if *role >= needed => Ok(project),
        _ if ask.user.is_admin => Ok(project),
        _ => Err(forbidden()),
    }
}

fn create(state: &mut State, ask: &Ask) -> Answer {
    let id = uuid(&format!("project {} {}", state.projects.len(), ask.json["name"]));
    let parent = ask.json["parentId"].as_str().map(str::to_owned);
    if parent.as_ref().is_some_and(|parent| state.project(parent).is_none()) {
        return bad("The parent project could not be found.");
    }
    let mut dto = dto(&id, &ask.json, &ask.user.id);
    if let Some(parent) = &parent {
        dto["parent"] = json!({ "id": parent });
    }
    let member = (ask.user.id.clone(), (Role::Owner, uuid(&format!("member {id} {}", ask.user.id))));
    let project = Project { id, dto: dto.clone(), parent, members: [member].into(), invitations: vec![] };
    state.projects.push(project);
    data(StatusCode::CREATED, &dto)
}

/// A project as the API shows it, from what was given for it.
pub(super) fn dto(id: &str, given: &Value, creator: &str) -> Value {
    let name = given["name"].as_str().unwrap_or_default();
    let slug: String = name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let or = |key: &str, other: Value| Some(given[key].clone()).filter(|it| !it.is_null()).unwrap_or(other);
    let visibility = vocabulary::visibilities();
    let chosen = visibility.iter().find(|it| it["id"] == given["visibility"]["id"]).unwrap_or(&visibility[0]);
    json!({
        "id": id, "pid": format!("21.11102/{id}"), "name": name, "displayName": or("displayName", name.into()),
        "description": given["description"], "principleInvestigators": given["principleInvestigators"],
        "startDate": or("startDate", time(Utc::now())), "endDate": or("endDate", time(Utc::now())),
        "keywords": or("keywords", json!([])), "grantId": given["grantId"], "visibility": chosen,
        "disciplines": picked(&vocabulary::disciplines(), &given["disciplines"], "id"),
        "organizations": picked(&vocabulary::organizations(), &given["organizations"], "uri"),
        "slug": slug, "creator": { "id": creator }, "creationDate": time(Utc::now()), "subProjects": [],
    })
}

/// Those of `all` that `given` names.
pub(super) fn picked(all: &[Value], given: &Value, key: &str) -> Vec<Value> {
    let named = |it: &&Value| given.as_array().into_iter().flatten().any(|given| given[key] == it[key]);
    let mut found: Vec<Value> = all.iter().filter(named).cloned().collect();
    if key == "uri" {
        for it in &mut found {
            it["responsible"] = true.into();
        }
    }
    found
}

fn members(state: &mut State, ask: &Ask, id: &str) -> Answer {
    let users = state.users.clone();
    let project = state.project_mut(id).expect("it is allowed");
    let show = |project: &Project, user: &str| {
        let (role, membership) = &project.members[user];
        let user = users.iter().find(|it| it.id == user).expect("a member is a user");
        json!({ "id": membership, "project": { "id": project.id }, "role": role.dto(), "user": public(user) })
    };
    let wanted = ask.path("membershipId").to_owned();
    let at = project.members.iter().find(|(_, (_, it))| *it == wanted).map(|(user, _)| user.clone());
    let role = || Role::of_id(ask.json["roleId"].as_str().unwrap_or_default());
    match (ask.id, at) {
        ("GetMemberships", _) => {
            page(&ask.query, project.members.keys().map(|user| show(project, user)).collect(), LARGEST_PAGE)
        }
        ("GetMyMembership", _) if project.members.contains_key(&ask.user.id) => ok(&show(project, &ask.user.id)),
        ("AddMembership", _) => {
            let user = ask.json["userId"].as_str().unwrap_or_default().to_owned();
            let Some(role) = role().filter(|_| users.iter().any(|it| it.id == user)) else {
                return bad("The user or the role could not be found.");
            };
            if project.members.contains_key(&user) {
                return bad("The user is a member already.");
            }
            project.members.insert(user.clone(), (role, uuid(&format!("member {id} {user}"))));
            data(StatusCode::CREATED, &show(project, &user))
        }
        ("GetMembership", Some(user)) => ok(&show(project, &user)),
        ("UpdateMembership", Some(user)) => match role() {
            Some(role) => {
                project.members.entry(user).and_modify(|it| it.0 = role);
                empty(StatusCode::NO_CONTENT)
            }
            None => bad("The role could not be found."),
        },
        ("DeleteMembership", Some(user)) => {
            project.members.remove(&user);
            empty(StatusCode::NO_CONTENT)
        }
        _ => missing("The membership"),
    }
}

fn invitations(project: &mut Project, ask: &Ask) -> Answer {
    let id = ask.path("projectInvitationId");
    let at = project.invitations.iter().position(|it| it["id"] == id);
    match (ask.id, at) {
        ("GetProjectInvitations", _) => page(&ask.query, project.invitations.clone(), LARGEST_PAGE),
        ("CreateProjectInvitation", _) => {
            let invitation = json!({
                "id": uuid(&format!("invitation {} {}", project.id, project.invitations.len())),
                "expirationDate": time(Utc::now() + chrono::Duration::days(7)), "email": ask.json["email"],
                "issuer": public(&ask.user), "project": { "id": project.id }, "role": { "id": ask.json["roleId"] },
            });
            project.invitations.push(invitation.clone());
            data(StatusCode::CREATED, &invitation)
        }
        ("GetProjectInvitation", Some(at)) => ok(&project.invitations[at]),
        ("DeleteProjectInvitation", Some(at)) => {
            project.invitations.remove(at);
            empty(StatusCode::NO_CONTENT)
        }
        _ => missing("The invitation"),
    }
}

/// The most that a project may allocate of a resource type, in bytes.
const MOST: u64 = 100 << 30;

impl State {
    /// Bytes that a project may reserve of a resource type.
    fn allocated(&self, project: &str, kind: &Value) -> u64 {
        let kind = kind["id"].as_str().unwrap_or_default();
        self.quotas.get(&(project.to_owned(), kind.to_owned())).copied().unwrap_or(MOST)
    }
}

fn set_quota(state: &mut State, ask: &Ask, id: &str) -> Answer {
    let kind = ask.path("resourceTypeId");
    if !vocabulary::resource_types().iter().any(|it| it["id"] == kind) {
        return missing("The resource type");
    }
    let mine = state.resources.iter().filter(|it| it.project == id && it.dto["type"]["id"] == kind);
    let reserved: u64 = mine.map(|it| it.quota).sum();
    match bytes_of(&ask.json["allocated"]) {
        Some(bytes) if (reserved..=MOST).contains(&bytes) => {
            state.quotas.insert((id.to_owned(), kind.to_owned()), bytes);
            empty(StatusCode::NO_CONTENT)
        }
        _ => bad("The quota must be between what is reserved and the maximum."),
    }
}

fn publications(state: &mut State, ask: &Ask, id: &str) -> Answer {
    if ask.id == "GetPublicationRequest" {
        let wanted = ask.path("publicationRequestId");
        let is_it = |it: &&Value| it["id"] == wanted && it["project"]["id"] == id;
        return state.publications.iter().find(is_it).map_or_else(|| missing("The request"), ok);
    }
    let service = &ask.json["publicationServiceRorId"];
    if !vocabulary::organizations().iter().any(|it| it["uri"] == *service) {
        return bad("The publication advisory service could not be found.");
    }
    let resources: Vec<&Value> = ask.json["resourceIds"].as_array().into_iter().flatten().collect();
    let is_mine = |wanted: &&Value| state.resources.iter().any(|it| it.project == id && **wanted == it.id);
    if !resources.iter().all(is_mine) {
        return bad("A resource could not be found in the project.");
    }
    let request = json!({
        "id": uuid(&format!("publication {id} {}", state.publications.len())), "project": { "id": id },
        "publicationServiceRorId": service, "creator": { "id": ask.user.id }, "dateCreated": time(Utc::now()),
        "message": ask.json["message"],
        "resources": resources.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>(),
    });
    state.publications.push(request.clone());
    data(StatusCode::CREATED, &request)
}

fn quotas(state: &State, ask: &Ask, id: &str) -> Answer {
    let of_type = |kind: &Value| {
        let mine = || state.resources.iter().filter(|it| it.project == id && it.dto["type"]["id"] == kind["id"]);
        let used: u64 = mine().map(Resource::used).sum();
        let reserved: u64 = mine().map(|it| it.quota).sum();
        json!({
            "projectId": id, "totalUsed": quota_dto(used), "totalReserved": quota_dto(reserved),
            "allocated": quota_dto(state.allocated(id, kind)), "maximum": quota_dto(MOST),
            "resourceType": { "id": kind["id"], "specificType": kind["specificType"] },
            "resourceQuotas": mine().map(super::resources::quota).collect::<Vec<_>>(),
        })
    };
    let types = vocabulary::resource_types();
    if ask.id == "GetProjectQuotas" {
        return page(&ask.query, types.iter().map(of_type).collect(), LARGEST_PAGE);
    }
    match types.iter().find(|it| it["id"] == ask.path("resourceTypeId")) {
        Some(kind) => ok(&of_type(kind)),
        None => missing("The resource type"),
    }
}
