//! `whimbrel coscine`: noun, then verb.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Limit, Sure, pair};

#[derive(Debug, Subcommand)]
pub(crate) enum Coscine {
    /// Projects
    #[command(subcommand, visible_alias = "projects")]
    Project(Project),
    /// Resources
    #[command(subcommand, visible_alias = "resources")]
    Resource(Resource),
    /// Who takes part in a project, and as what
    #[command(subcommand, visible_alias = "members")]
    Member(Member),
    /// Invitations to projects
    #[command(subcommand, visible_alias = "invitations")]
    Invitation(Invitation),
    /// Invite people to a project, many at once; the same as `invitation send`
    Invite(Invite),
    /// How much space there is, and what takes it
    ///
    /// Without a command: the space of each resource. A table has a line with the sum of each project, and bars: ▓ current
    /// files, ▒ old versions, ░ free. The other forms of output have resources only, in bytes.
    #[command(visible_alias = "quotas")]
    Quota(Quota),
    /// The application profiles that metadata follow
    #[command(subcommand, visible_alias = "profiles")]
    Profile(Profile),
    /// Vocabularies and their terms
    #[command(subcommand, visible_alias = "vocabularies")]
    Vocabulary(Vocabulary),
    /// What there is to choose from: licenses, disciplines, organizations...
    #[command(subcommand, alias = "catalog")]
    Catalogue(Catalogue),
    /// Search projects, resources and metadata
    Search(Search),
    /// Ask for the publication of data
    #[command(subcommand, visible_alias = "publications")]
    Publication(Publication),
    /// You
    Me(Me),
    /// Find people
    #[command(subcommand, visible_alias = "users")]
    User(User),
    /// Your API tokens
    #[command(subcommand, visible_alias = "tokens")]
    Token(Token),
    /// What Coscine tells you of by mail
    #[command(subcommand, visible_alias = "notifications")]
    Notification(Notification),
    /// The terms of service
    Terms(Terms),
    /// Whether Coscine works
    Status(Status),
    /// Persistent identifiers
    #[command(subcommand, visible_alias = "pids")]
    Pid(Pid),
    /// The projects of a GitLab, which resources can be
    #[command(subcommand)]
    Gitlab(Gitlab),
    /// Reports on the whole of Coscine; for administrators
    #[command(subcommand, visible_alias = "reports")]
    Report(Report),
}

/// Where a secret comes from.
#[derive(Clone, Debug, Args)]
pub(crate) struct Secret {
    /// Read it from this file, and not from the standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Language {
    /// The language of names: en or de
    #[arg(long, default_value = "en")]
    pub language: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Project {
    /// All that you can see
    #[command(visible_alias = "ls")]
    List {
        /// Each below its parent; costs one request a project
        #[arg(long)]
        tree: bool,
        /// Only those below this project
        #[arg(long, value_name = "PROJECT")]
        below: Option<String>,
        /// Without those that are below another
        #[arg(long, conflicts_with_all = ["below", "tree"])]
        top: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// One, by display name, name, slug or id
    Show {
        /// The project
        project: String,
    },
    /// Make one
    Create {
        /// The full name
        name: String,
        /// Make it below this project
        #[arg(long, value_name = "PROJECT")]
        below: Option<String>,
        /// Make the owners of the project above its owners too
        #[arg(long, requires = "below")]
        copy_owners: bool,
        #[command(flatten)]
        said: Box<ProjectSettings>,
    },
    /// Change what is said of one; what you do not say stays
    Update {
        /// The project
        project: String,
        /// The full name
        #[arg(long)]
        name: Option<String>,
        /// Its name in URLs; addresses with the old one lead nowhere then
        #[arg(long)]
        slug: Option<String>,
        #[command(flatten)]
        said: Box<ProjectSettings>,
    },
    /// Delete one
    #[command(visible_alias = "rm")]
    Delete {
        /// The project
        project: String,
        #[command(flatten)]
        sure: Sure,
    },
    /// End your own membership
    Leave {
        /// The project
        project: String,
        #[command(flatten)]
        sure: Sure,
    },
}

/// What is said of a project. Lists are given whole.
#[derive(Debug, Args)]
pub(crate) struct ProjectSettings {
    /// The name that people read: up to 25 characters
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Who leads it
    #[arg(long = "pi", value_name = "NAMES")]
    pub principal_investigators: Option<String>,
    /// Its first day, as 2026-11-21
    #[arg(long, value_name = "DATE")]
    pub start: Option<String>,
    /// Its last day
    #[arg(long, value_name = "DATE")]
    pub end: Option<String>,
    /// A keyword; may be repeated
    #[arg(long = "keyword", value_name = "WORD")]
    pub keywords: Option<Vec<String>>,
    /// The number of its grant
    #[arg(long = "grant", value_name = "ID")]
    pub grant_id: Option<String>,
    /// Who sees that it exists; see `catalogue visibilities`
    #[arg(long, value_name = "NAME")]
    pub visibility: Option<String>,
    /// A discipline; may be repeated; see `catalogue disciplines`
    #[arg(long = "discipline", value_name = "NAME")]
    pub disciplines: Option<Vec<String>>,
    /// An organization by its ROR; may be repeated, the responsible one first; see `catalogue organizations`
    #[arg(long = "organization", value_name = "ROR")]
    pub organizations: Option<Vec<String>>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Resource {
    /// Those of a project
    #[command(visible_alias = "ls")]
    List {
        /// The project
        project: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// One, by display name, name or id
    Show {
        /// The project; or the id of the resource alone
        project: String,
        /// The resource
        resource: Option<String>,
    },
    /// Make one
    Create {
        /// The project
        project: String,
        /// The full name
        name: String,
        /// Its type, such as rdsrwth; see `resource types`
        #[arg(long = "type", value_name = "TYPE")]
        kind: String,
        /// The IRI of the application profile that its metadata follow; see `profile list`
        #[arg(long, value_name = "IRI")]
        profile: String,
        #[command(flatten)]
        said: Box<ResourceSettings>,
        #[command(flatten)]
        storage: Box<StorageSettings>,
    },
    /// Change what is said of one; what you do not say stays
    Update {
        /// The project
        project: String,
        /// The resource
        resource: String,
        /// The full name
        #[arg(long)]
        name: Option<String>,
        /// Its size, as 25GiB
        #[arg(long, value_name = "SIZE", value_parser = crate::size::parse)]
        quota: Option<u64>,
        #[command(flatten)]
        said: Box<ResourceSettings>,
    },
    /// Make one read-only
    Archive {
        /// The project
        project: String,
        /// The resource
        resource: String,
    },
    /// Make one writable again
    Unarchive {
        /// The project
        project: String,
        /// The resource
        resource: String,
    },
    /// Delete one with all files and metadata
    #[command(visible_alias = "rm")]
    Delete {
        /// The project
        project: String,
        /// The resource
        resource: String,
        #[command(flatten)]
        sure: Sure,
    },
    /// The types that there are, or that a project may use
    Types {
        /// Only this one
        name: Option<String>,
        /// Those that this project may use
        #[arg(long)]
        project: Option<String>,
    },
    /// Print a bucket and the keys that open it: secrets
    Keys {
        /// The project
        project: String,
        /// The resource
        resource: String,
        /// The keys that may also write
        #[arg(long)]
        write: bool,
    },
}

/// What is said of a resource. Lists are given whole.
#[derive(Debug, Args)]
pub(crate) struct ResourceSettings {
    /// The name that people read: up to 25 characters
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// What it holds
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// A keyword; may be repeated
    #[arg(long = "keyword", value_name = "WORD")]
    pub keywords: Option<Vec<String>>,
    /// A discipline; may be repeated; see `catalogue disciplines`
    #[arg(long = "discipline", value_name = "NAME")]
    pub disciplines: Option<Vec<String>>,
    /// Who sees that it exists; see `catalogue visibilities`
    #[arg(long, value_name = "NAME")]
    pub visibility: Option<String>,
    /// Its license; see `catalogue licenses`
    #[arg(long, value_name = "NAME")]
    pub license: Option<String>,
    /// What others may do with it
    #[arg(long, value_name = "TEXT")]
    pub usage_rights: Option<String>,
    /// Keep the metadata also beside the data
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub local_metadata_copy: Option<bool>,
    /// A value that each file gets in its metadata: the field's predicate and a text, or an <iri>; may be repeated
    #[arg(long = "fixed-value", value_name = "PREDICATE=VALUE", value_parser = pair)]
    pub fixed_values: Vec<(String, String)>,
}

/// What a type of resource wants to know.
#[derive(Debug, Args)]
#[command(next_help_heading = "What some types want to know")]
pub(crate) struct StorageSettings {
    /// Its size, as 25GiB
    #[arg(long, value_name = "SIZE", value_parser = crate::size::parse)]
    pub quota: Option<u64>,
    /// DataStorage.nrw: the pair of sites, RWTH-UDE or UZK-UPB
    #[arg(long, value_name = "SITES")]
    pub replication: Option<String>,
    /// DataStorage.nrw: delete the parts of an upload that was not completed after so many days
    #[arg(long, value_name = "DAYS")]
    pub abort_uploads_after: Option<i32>,
    /// DataStorage.nrw: delete the old versions of files after so many days
    #[arg(long, value_name = "DAYS")]
    pub expire_versions_after: Option<i32>,
    /// GitLab: the URL of the repository
    #[arg(long, value_name = "URL")]
    pub repository: Option<String>,
    /// GitLab: the project's number; see `gitlab projects`
    #[arg(long, value_name = "NUMBER")]
    pub gitlab_project: Option<i32>,
    /// GitLab: the branch
    #[arg(long, default_value = "main")]
    pub branch: String,
    /// GitLab: read the token, which Coscine keeps, from this file; `-` for the standard input
    #[arg(long, value_name = "FILE")]
    pub gitlab_token_file: Option<PathBuf>,
    /// GitLab: you have read and accept the terms of service for such resources
    #[arg(long)]
    pub accept_terms: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Member {
    /// Those of a project
    #[command(visible_alias = "ls")]
    List {
        /// The project
        project: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// One, by name, e-mail address or id; without one, you
    Show {
        /// The project
        project: String,
        /// The member
        member: Option<String>,
    },
    /// Take in one who has an account; all others can be invited
    Add {
        /// The project
        project: String,
        /// The user, by e-mail address, full name or id
        user: String,
        /// Owner, Member or Guest
        #[arg(long)]
        role: String,
    },
    /// Give one another role
    SetRole {
        /// The project
        project: String,
        /// The member
        member: String,
        /// Owner, Member or Guest
        role: String,
    },
    /// End one's membership
    #[command(visible_alias = "rm")]
    Remove {
        /// The project
        project: String,
        /// The member
        member: String,
        #[command(flatten)]
        sure: Sure,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Invitation {
    /// Those to a project that nobody has answered
    #[command(visible_alias = "ls")]
    List {
        /// The project
        project: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// One, by e-mail address or id
    Show {
        /// The project
        project: String,
        /// The invitation
        invitation: String,
    },
    /// Invite people, many at once; each outcome is told
    Send(Invite),
    /// Take one back
    #[command(visible_alias = "rm")]
    Revoke {
        /// The project
        project: String,
        /// The invitation, by e-mail address or id
        invitation: String,
        #[command(flatten)]
        sure: Sure,
    },
    /// Accept one by the token in its mail, from the standard input
    Accept(Secret),
}

#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// The project
    #[arg(long)]
    pub project: String,
    /// Owner, Member or Guest
    #[arg(long)]
    pub role: String,
    /// E-mail addresses
    #[arg(value_name = "EMAIL", required_unless_present = "from")]
    pub emails: Vec<String>,
    /// Read addresses from this file, one a line, `#` before comments; `-` for the standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Quota {
    #[command(subcommand)]
    pub command: Option<QuotaCommand>,
    /// Only of this project; may be repeated
    #[arg(long)]
    pub project: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuotaCommand {
    /// What a project may use, for each type of resource
    #[command(visible_alias = "ls")]
    List {
        /// The project
        project: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// What a project may use of one type of resource
    Show {
        /// The project
        project: String,
        /// The type, such as rdsrwth
        #[arg(value_name = "TYPE")]
        kind: String,
    },
    /// Change what the resources of a type may reserve together
    Set {
        /// The project
        project: String,
        /// The type, such as rdsrwth
        #[arg(value_name = "TYPE")]
        kind: String,
        /// As 100GiB
        #[arg(value_parser = crate::size::parse)]
        size: u64,
        /// How far that can be raised; for the service's own staff
        #[arg(long, value_name = "SIZE", value_parser = crate::size::parse)]
        maximum: Option<u64>,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rdf {
    #[default]
    Turtle,
    Jsonld,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Profile {
    /// Those that Coscine offers
    #[command(visible_alias = "ls")]
    List {
        /// Only those that this text is found in
        text: Option<String>,
        /// Also modules, which other profiles are made of
        #[arg(long)]
        modules: bool,
        #[command(flatten)]
        language: Language,
        #[command(flatten)]
        limit: Limit,
    },
    /// One, by its IRI
    Show {
        /// The profile
        profile: String,
        /// The whole of it, as an RDF document
        #[arg(long, value_name = "FORM", num_args = 0..=1, default_missing_value = "turtle")]
        rdf: Option<Rdf>,
        #[command(flatten)]
        language: Language,
    },
    /// Hand in a new one, to be reviewed by people before Coscine offers it
    Request {
        /// Its IRI
        iri: String,
        /// The RDF document; `-` for the standard input
        file: PathBuf,
        /// What people call it
        #[arg(long)]
        name: String,
        /// How the document is written
        #[arg(long, value_enum, default_value_t)]
        rdf: Rdf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Vocabulary {
    /// Those that Coscine offers
    #[command(visible_alias = "ls")]
    List {
        /// Only those that this text is found in
        text: Option<String>,
        #[command(flatten)]
        language: Language,
        #[command(flatten)]
        limit: Limit,
    },
    /// The whole of one, as an RDF document
    Show {
        /// The vocabulary, by name, class or graph
        vocabulary: String,
        /// How it is written
        #[arg(long, value_enum, default_value_t)]
        rdf: Rdf,
        #[command(flatten)]
        language: Language,
    },
    /// The terms of one
    Terms {
        /// The vocabulary, by name, class or graph
        vocabulary: String,
        /// Only those that this text is found in
        text: Option<String>,
        #[command(flatten)]
        language: Language,
        #[command(flatten)]
        limit: Limit,
    },
    /// One term
    Term {
        /// Its IRI
        iri: String,
        #[command(flatten)]
        language: Language,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Catalogue {
    /// The disciplines of the DFG
    Disciplines(Choice),
    /// The languages of the user interface
    Languages(Choice),
    /// The licenses that a resource can have
    Licenses(Choice),
    /// The organizations that have a ROR; there are very many
    Organizations {
        /// Only those that this text is found in; or the one of this ROR, such as https://ror.org/04xfq0f34
        text: Option<String>,
        /// Those that advise on publications
        #[arg(long)]
        advising: bool,
        #[command(flatten)]
        language: Language,
        #[command(flatten)]
        limit: Limit,
    },
    /// The roles that a member of a project can have
    Roles(Choice),
    /// Academic titles
    Titles(Choice),
    /// Who can see a project or a resource
    Visibilities(Choice),
}

#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Only this one, by name or id
    pub name: Option<String>,
    #[command(flatten)]
    pub limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words; without any everything is found
    pub words: Vec<String>,
    /// Only of this kind
    #[arg(long, value_enum)]
    pub category: Option<Category>,
    /// In this language; may be repeated
    #[arg(long)]
    pub language: Vec<String>,
    /// The words are a query with AND, OR and parentheses
    #[arg(long)]
    pub advanced: bool,
    /// Only how many there are of each kind
    #[arg(long)]
    pub count: bool,
    #[command(flatten)]
    pub limit: Limit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Category {
    Metadata,
    Project,
    Resource,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Publication {
    /// Who helps to publish
    Services {
        /// Only those that this text is found in
        text: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Ask an organization's service to publish resources
    Request {
        /// The project
        project: String,
        /// The resources
        #[arg(required = true)]
        resources: Vec<String>,
        /// The ROR of the organization; see `publication services`
        #[arg(long, value_name = "ROR")]
        organization: String,
        /// What they should know
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// A request that was made
    Show {
        /// The project
        project: String,
        /// The request's id
        request: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Me {
    #[command(subcommand)]
    pub command: Option<MeCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MeCommand {
    /// Change your profile; what you do not say stays
    Update(Box<UserSettings>),
    /// Consent to the processing of your data
    Consent,
    /// Confirm your e-mail address by the token that was sent to it, from the standard input
    ConfirmEmail(Secret),
    /// Have that token sent again
    ResendEmail,
}

#[derive(Debug, Args)]
pub(crate) struct UserSettings {
    /// Your given name
    #[arg(long, value_name = "NAME")]
    pub given_name: Option<String>,
    /// Your family name
    #[arg(long, value_name = "NAME")]
    pub family_name: Option<String>,
    /// Your e-mail address; a new one counts once it is confirmed
    #[arg(long)]
    pub email: Option<String>,
    /// Your title; see `catalogue titles`
    #[arg(long)]
    pub title: Option<String>,
    /// The language of your user interface; see `catalogue languages`
    #[arg(long)]
    pub language: Option<String>,
    /// Your organization by its ROR; see `catalogue organizations`
    #[arg(long, value_name = "ROR")]
    pub organization: Option<String>,
    /// Your discipline; may be repeated; see `catalogue disciplines`
    #[arg(long = "discipline", value_name = "NAME")]
    pub disciplines: Option<Vec<String>>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Those whose name or e-mail address holds a text
    Find {
        /// The text
        text: String,
        #[command(flatten)]
        limit: Limit,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// All of them; never their secrets
    #[command(visible_alias = "ls")]
    List(Limit),
    /// One, by name or id
    Show {
        /// The token
        token: String,
    },
    /// Make one, and print its secret: once, as Coscine never tells it again
    Create {
        /// What you call it
        name: String,
        /// How long it is good: 1 to 370 days
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// End the life of one
    #[command(visible_alias = "rm")]
    Revoke {
        /// The token, by name or id
        token: String,
        #[command(flatten)]
        sure: Sure,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Notification {
    /// The kinds that there are
    #[command(visible_alias = "ls")]
    List {
        /// Only those that you have turned off
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// One kind, by category or id, and whether you are told of it
    Show {
        /// The kind
        notification: String,
    },
    /// Be told of a kind no more
    Off {
        /// The kind
        notification: String,
    },
    /// Be told of a kind again
    On {
        /// The kind
        notification: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Terms {
    #[command(subcommand)]
    pub command: Option<TermsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TermsCommand {
    /// Accept the version that you have read
    Accept {
        /// The version, as `terms` tells it
        version: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Past and planned notices too
    #[arg(long)]
    pub all: bool,
    /// What Coscine's own operators tell
    #[arg(long, conflicts_with = "all")]
    pub internal: bool,
    /// Only of this kind, such as Maintenance
    #[arg(long, requires = "internal")]
    pub kind: Option<String>,
    #[command(flatten)]
    pub language: Language,
    #[command(flatten)]
    pub limit: Limit,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Pid {
    /// All of them; for administrators
    #[command(visible_alias = "ls")]
    List {
        /// Only those of projects
        #[arg(long, conflicts_with = "resources")]
        projects: bool,
        /// Only those of resources
        #[arg(long)]
        resources: bool,
        /// Also those of what is deleted
        #[arg(long)]
        deleted: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// What one stands for
    Show {
        /// Such as 21.11102/5e7a..., also as a URL
        pid: String,
    },
    /// The values of its handle record
    Handle {
        /// The PID
        pid: String,
    },
    /// Write to the owner of what it stands for
    Ask {
        /// The PID
        pid: String,
        /// Your name
        #[arg(long)]
        name: String,
        /// Your e-mail address, for the answer
        #[arg(long)]
        email: String,
        /// What you want to say
        #[arg(long, value_name = "TEXT")]
        message: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Gitlab {
    /// The projects that a token opens, or one of them
    Projects {
        /// Only this one, by its number
        project: Option<i32>,
        #[command(flatten)]
        at: GitlabAt,
    },
    /// The branches of a project
    Branches {
        /// The project's number
        project: i32,
        #[command(flatten)]
        at: GitlabAt,
    },
}

/// Which GitLab. Its token comes from the standard input; Coscine gets to know it.
#[derive(Debug, Args)]
pub(crate) struct GitlabAt {
    /// The URL of the GitLab
    #[arg(long, value_name = "URL")]
    pub domain: String,
    #[command(flatten)]
    pub secret: Secret,
    #[command(flatten)]
    pub limit: Limit,
}

/// Their form is not described, so it is printed as it comes.
#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// On application profiles
    ApplicationProfile,
    /// On maintenance
    Maintenance,
    /// On projects
    Project,
    /// On the quotas of projects
    ProjectQuota,
    /// On resources
    Resource,
    /// On the quotas of resources
    ResourceQuota,
    /// On users
    User,
    /// Key figures
    Kpi {
        /// How many users each organization has
        #[arg(long)]
        organizations: bool,
        /// What a type of resource, such as rdsrwth, reserves and uses
        #[arg(long, value_name = "TYPE", conflicts_with = "organizations")]
        storage: Option<String>,
    },
}
