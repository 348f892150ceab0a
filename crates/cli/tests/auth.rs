//! `whimbrel auth` and `whimbrel doctor`, and which token a command takes.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use common::{World, err, fails, out};
use mockito::Matcher;
use sandbox::{Fault, FaultPlan, Options, fault::Kind};
use serde_json::{Value, json};

/// A world without a token of anything, and what it holds secret.
struct Stranger {
    world: World,
    url: String,
    generator: String,
    token: String,
}

impl Stranger {
    async fn new() -> Self {
        let world = World::with(Options::default()).await;
        let dserver = world.sandbox.dserver();
        let (url, generator) = (dserver.url().to_owned(), dserver.token_generator_url().to_owned());
        let token = dserver.token("testuser").unwrap();
        Self { world, url, generator, token }
    }

    fn file(&self) -> PathBuf {
        self.world.path(".config/dtool/dtool.json")
    }

    fn write_file(&self, text: &str) {
        self.world.write(".config/dtool/dtool.json", text);
        private(&self.file());
    }

    fn settings(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.file()).unwrap()).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command(arguments);
        command.env_remove("COSCINE_API_TOKEN").env_remove("COSCINE_URL");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.watched(&mut self.command(arguments))
    }

    /// By username and password, as the environment has them.
    fn by_password(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.env("DSERVER_URL", &self.url).env("DSERVER_TOKEN_GENERATOR_URL", &self.generator);
        command.env("DSERVER_USERNAME", "testuser").env("DSERVER_PASSWORD", self.password());
        command
    }

    fn password(&self) -> &'static str {
        self.world.sandbox.dserver().password()
    }

    /// No run shows a token or the password, be it wrong or right.
    fn watched(&self, command: &mut Command) -> Output {
        let secrets = command.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?)));
        let secrets = secrets.filter(|(name, _)| name.contains("PASSWORD") || name.ends_with("TOKEN"));
        let mut secrets: Vec<_> = secrets.map(|(_, value)| value.to_owned()).collect();
        secrets.extend([self.password().to_owned(), self.token.clone()]);
        if let Ok(text) = fs::read_to_string(self.file())
            && let Ok(settings) = serde_json::from_str::<Value>(&text)
        {
            secrets.extend(settings["DSERVER_TOKEN"].as_str().map(str::to_owned));
        }
        let output = self.world.watched(command);
        for secret in secrets.iter().map(|it| it.rsplit('.').next().unwrap()).filter(|it| it.len() > 3) {
            for shown in [out(&output), err(&output)] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
        output
    }

    fn json(&self, command: &mut Command, code: i32) -> Value {
        let output = self.watched(command.args(["-o", "json"]));
        assert_eq!(output.status.code(), Some(code), "{}{}", out(&output), err(&output));
        serde_json::from_str(&out(&output)).unwrap()
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_kept_in_dtools_file_and_nothing_else_of_it_changes() {
    let stranger = Stranger::new().await;
    stranger.write_file(r#"{"DTOOL_S3_ENDPOINT_b":"https://s3","zeta":{"a":[1,null]},"alpha":false}"#);
    let login = stranger.watched(&mut stranger.by_password(&["auth", "login", "dserver"]));
    assert!(login.status.success(), "{}", err(&login));
    assert!(err(&login).contains("knows you as testuser until 2"), "{}", err(&login));
    let settings = stranger.settings();
    let keys: Vec<_> = settings.as_object().unwrap().keys().map(String::as_str).collect();
    let new = ["DSERVER_URL", "DSERVER_TOKEN", "DSERVER_TOKEN_GENERATOR_URL", "DSERVER_USERNAME"];
    assert_eq!(keys, [&["DTOOL_S3_ENDPOINT_b", "zeta", "alpha"][..], &new].concat(), "no password, and their order");
    assert_eq!(settings["zeta"], json!({ "a": [1, null] }));
    #[cfg(unix)]
    assert_eq!(mode(&stranger.file()), 0o600);

    // From now on nothing else is needed.
    assert!(stranger.run(&["dserver", "search", "-L", "1"]).status.success());
    let status = stranger.json(&mut stranger.command(&["auth", "status"]), 0);
    assert_eq!((&status[0]["user"], &status[0]["state"]), (&json!("testuser"), &json!("accepted")));
    assert!(status[0]["from"].as_str().unwrap().ends_with("dtool.json") && status[0]["expires"].is_string());

    let logout = stranger.run(&["auth", "logout", "dserver"]);
    assert!(err(&logout).contains("holds no token any more"), "{}", err(&logout));
    let after = stranger.settings();
    assert!(after.get("DSERVER_TOKEN").is_none() && after["alpha"] == json!(false));
    assert!(err(&stranger.run(&["auth", "logout", "dserver"])).contains("nothing was stored"));
    fails(&stranger.run(&["dserver", "search"]), 4, "there is no password: set DSERVER_PASSWORD");

    let kept = stranger.watched(&mut stranger.by_password(&["auth", "login", "dserver", "--keep-password", "-q"]));
    assert!(kept.status.success() && err(&kept).is_empty());
    assert_eq!(stranger.settings()["DSERVER_PASSWORD"], stranger.password());
    stranger.run(&["auth", "logout", "dserver"]);
    assert!(stranger.settings().get("DSERVER_PASSWORD").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_to_another_server_takes_the_last_ones_secrets_away() {
    let stranger = Stranger::new().await;
    stranger.write_file(
        r#"{"DSERVER_URL":"https://old.example","DSERVER_TOKEN":"old-token","DSERVER_PASSWORD":"old-password",
            "DSERVER_USERNAME":"me","DSERVER_TOKEN_GENERATOR_URL":"https://old.example/token","other":1}"#,
    );
    stranger.world.write("token", &stranger.token);
    private(&stranger.world.path("token"));
    let login = ["auth", "login", "dserver", "--url", &stranger.url, "--token-file", "token"];
    assert!(stranger.run(&login).status.success());
    assert_eq!(
        stranger.settings(),
        json!({ "other": 1, "DSERVER_URL": stranger.url, "DSERVER_TOKEN": stranger.token })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_does_not_take_is_not_stored() {
    let stranger = Stranger::new().await;
    let before = r#"{"DSERVER_TOKEN": "good", "DSERVER_URL": "http://127.0.0.1:9"}"#;
    stranger.write_file(before);
    let login = |password: &str| {
        let mut command = stranger.by_password(&["auth", "login", "dserver"]);
        stranger.watched(command.env("DSERVER_PASSWORD", password))
    };
    fails(&login("wr0ng"), 4, "refused the username \"testuser\" or its password (401)");
    let mut command = stranger.command(&["auth", "login", "dserver", "--token-file", "token"]);
    stranger.world.write("token", "not-a-token");
    private(&stranger.world.path("token"));
    fails(&stranger.watched(command.env("DSERVER_URL", &stranger.url)), 4, "this is no token");
    fails(&stranger.run(&["auth", "login", "dserver"]), 2, "no terminal to ask");
    assert_eq!(fs::read_to_string(stranger.file()).unwrap(), before);
    fails(&stranger.run(&["auth", "login", "coscine"]), 2, "no terminal to ask");
    fails(&stranger.run(&["auth", "login", "coscine", "--keep-password"]), 2, "Coscine has tokens only");
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_logins_at_once_leave_a_whole_file() {
    let stranger = Stranger::new().await;
    stranger.write_file(r#"{"other": "stays"}"#);
    let mut children: Vec<_> = (0..8)
        .map(|_| {
            let mut command = stranger.by_password(&["auth", "login", "dserver", "-q"]);
            command.spawn().unwrap()
        })
        .collect();
    // Whoever reads meanwhile reads something whole.
    tokio::task::block_in_place(|| {
        while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
            assert_eq!(stranger.settings()["other"], "stays");
        }
    });
    assert!(children.into_iter().all(|mut child| child.wait().unwrap().success()));
    assert_eq!(stranger.settings()["DSERVER_USERNAME"], "testuser");
    let folder = stranger.file();
    assert_eq!(common::names(folder.parent().unwrap()), ["dtool.json"], "and nothing beside it");
    assert!(stranger.run(&["dserver", "search", "-q"]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_leaves_the_file_as_it_is() {
    let stranger = Stranger::new().await;
    // As others write it: unsorted, with odd spaces.
    let text =
        format!("{{ \"b\":1,\n\n\"DSERVER_URL\":\"{}\",\"DSERVER_TOKEN\":\"{}\" }}", stranger.url, stranger.token);
    stranger.write_file(&text);
    let when = || fs::metadata(stranger.file()).unwrap().modified().unwrap();
    let before = when();
    for arguments in [&["dserver", "search"][..], &["auth", "status"], &["doctor"], &["dserver", "config"]] {
        let output = stranger.run(arguments);
        assert!(output.status.success(), "{arguments:?} {}{}", out(&output), err(&output));
    }
    assert_eq!((fs::read_to_string(stranger.file()).unwrap(), when()), (text, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_token_counts() {
    let stranger = Stranger::new().await;
    let good = stranger.token.clone();
    let file = |token: &str| json!({ "DSERVER_URL": stranger.url, "DSERVER_TOKEN": token }).to_string();
    let search = ["dserver", "search", "-q"];
    stranger.write_file(&file("bad-in-file"));
    fails(&stranger.run(&search), 4, "422");
    // A file that the environment names.
    stranger.world.write("token", &good);
    private(&stranger.world.path("token"));
    let with = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = stranger.command(&[&search[..], arguments].concat());
        stranger.watched(command.envs(environment.iter().copied()))
    };
    assert!(with(&[], &[("DSERVER_TOKEN_FILE", "token")]).status.success());
    // The environment itself.
    assert!(with(&[], &[("DSERVER_TOKEN", &good)]).status.success());
    fails(&with(&[], &[("DSERVER_TOKEN", "bad-in-env"), ("DSERVER_TOKEN_FILE", "token")]), 4, "422");
    // The command line.
    assert!(with(&["--token-file", "token"], &[("DSERVER_TOKEN", "bad-in-env")]).status.success());
    // And the file, if there is no other.
    stranger.write_file(&file(&good));
    assert!(with(&[], &[("DSERVER_TOKEN", "")]).status.success());
    // A generator takes the place of a token in the file that is refused, and not of one that was given.
    stranger.write_file(&file("bad.in.dtool-json"));
    assert!(stranger.watched(&mut stranger.by_password(&search)).status.success());
    stranger.world.write("token", "bad.token.given-here");
    private(&stranger.world.path("token"));
    let arguments = [&search[..], &["--token-file", "token"]].concat();
    fails(&stranger.watched(&mut stranger.by_password(&arguments)), 4, "this is no token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_file_goes_to_its_own_server_only() {
    let stranger = Stranger::new().await;
    let mut other = mockito::Server::new_async().await;
    let asked = other.mock("POST", Matcher::Any).expect(0).create_async().await;
    stranger.write_file(&json!({ "DSERVER_URL": stranger.url, "DSERVER_TOKEN": stranger.token }).to_string());
    for mut command in [stranger.command(&["dserver", "search", "--url", &other.url()]), {
        let mut it = stranger.command(&["dserver", "search"]);
        it.env("DSERVER_URL", other.url());
        it
    }] {
        fails(&stranger.watched(&mut command), 4, "and is shown to no other server");
    }
    asked.assert_async().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn coscines_token_is_stored_and_goes_to_its_own_server_only() {
    let stranger = Stranger::new().await;
    let (world, url) = (&stranger.world, stranger.world.sandbox.url().to_owned());
    world.write("token", &world.token);
    private(&world.path("token"));
    fails(&stranger.run(&["ls"]), 4, "run `whimbrel auth login coscine`");
    let login = stranger.run(&["auth", "login", "coscine", "--url", &url, "--token-file", "token"]);
    assert!(login.status.success(), "{}", err(&login));
    let stored = world.path(".config/whimbrel/coscine.json");
    #[cfg(unix)]
    assert_eq!((mode(&stored), mode(stored.parent().unwrap())), (0o600, 0o700));
    assert!(stranger.run(&["ls"]).status.success(), "its server is known, too");
    let status = stranger.json(&mut stranger.command(&["auth", "status", "coscine"]), 0);
    assert!(status[0]["url"] == url.as_str() && status[0]["state"] == "accepted" && status[0]["user"].is_string());
    fails(&stranger.run(&["ls", "--url", "http://127.0.0.1:9/coscine"]), 4, "and goes nowhere else");
    let mut wrong = stranger.command(&["ls", "--url", &url]);
    fails(&stranger.watched(wrong.env("COSCINE_API_TOKEN", "wrong-token")), 4, "401");
    let note =
        stranger.watched(stranger.command(&["auth", "logout", "coscine"]).env("COSCINE_API_TOKEN", "wrong-token"));
    assert!(err(&note).contains("COSCINE_API_TOKEN is still set"), "{}", err(&note));
    assert!(!stored.exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        stranger.run(&["auth", "login", "coscine", "--url", &url, "--token-file", "token"]);
        fs::set_permissions(&stored, fs::Permissions::from_mode(0o644)).unwrap();
        fails(&stranger.run(&["ls"]), 4, "chmod 600");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_is_named_and_never_replaced() {
    let stranger = Stranger::new().await;
    let broken = "{\n\"DSERVER_TOKEN\": \"hidden-in-it\",\n}";
    stranger.write_file(broken);
    for arguments in [&["dserver", "search"][..], &["auth", "status", "dserver"], &["auth", "logout", "dserver"]] {
        let output = stranger.run(arguments);
        fails(&output, 6, "dtool.json: this is no JSON");
        assert!(err(&output).contains("line 3") && !err(&output).contains("hidden"), "{}", err(&output));
    }
    let login = stranger.watched(&mut stranger.by_password(&["auth", "login", "dserver"]));
    fails(&login, 6, "mend it by hand");
    assert_eq!(fs::read_to_string(stranger.file()).unwrap(), broken);
    // The doctor goes on without it.
    let found = stranger.json(&mut stranger.by_password(&["doctor", "dserver"]), 6);
    assert!(is(&found, "settings", "wrong") && is(&found, "token", "ok") && is(&found, "versions", "ok"), "{found:#}");

    // Nor is a folder in its place.
    fs::remove_file(stranger.file()).unwrap();
    fs::create_dir(stranger.file()).unwrap();
    fails(&stranger.run(&["dserver", "search"]), 1, "dtool.json: ");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_others_can_read_and_what_nobody_checks_is_said_aloud() {
    use std::os::unix::fs::PermissionsExt as _;
    let stranger = Stranger::new().await;
    stranger.write_file(&json!({ "DSERVER_URL": stranger.url, "DSERVER_TOKEN": stranger.token }).to_string());
    fs::set_permissions(stranger.file(), fs::Permissions::from_mode(0o644)).unwrap();
    let output = stranger.run(&["dserver", "search", "-q"]);
    assert!(
        output.status.success() && err(&output).contains("WARNING: others can read DSERVER_TOKEN"),
        "{}",
        err(&output)
    );
    // As dtool itself leaves it.
    fs::set_permissions(stranger.file(), fs::Permissions::from_mode(0o700)).unwrap();
    let output = stranger.run(&["dserver", "search", "-q"]);
    assert!(output.status.success() && err(&output).is_empty(), "{}", err(&output));
    for arguments in [&["dserver", "search", "-q"][..], &["auth", "status", "-q"], &["doctor", "-q"]] {
        let output = stranger.watched(stranger.command(arguments).env("DSERVER_VERIFY_SSL", "No"));
        assert!(err(&output).contains("WARNING: DSERVER_VERIFY_SSL is off"), "{arguments:?}");
        assert_eq!(err(&output).lines().count(), 1, "once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_authentication_no_token_is_sent() {
    let stranger = Stranger::new().await;
    let mut server = mockito::Server::new_async().await;
    let mock = server.mock("GET", "/config/versions").match_header("authorization", Matcher::Missing).expect(1);
    let mock =
        mock.with_header("content-type", "application/json").with_body(r#"{"versions":{"dservercore":"0.22.0"}}"#);
    let mock = mock.create_async().await;
    let mut command = stranger.command(&["dserver", "versions"]);
    command
        .env("DSERVER_URL", server.url())
        .env("DSERVER_TOKEN", "some-token")
        .env("DSERVER_DISABLE_AUTHENTICATION", "1");
    let output = stranger.watched(&mut command);
    assert!(output.status.success(), "{}", err(&output));
    mock.assert_async().await;
    let mut command = stranger.by_password(&["auth", "login", "dserver"]);
    fails(&stranger.watched(command.env("DSERVER_DISABLE_AUTHENTICATION", "1")), 2, "no token would be used");
}

/// Whether the doctor found this of that.
fn is(found: &Value, check: &str, state: &str) -> bool {
    found.as_array().unwrap().iter().any(|it| it["check"] == check && it["state"] == state)
}

fn says(found: &Value, check: &str, text: &str) -> bool {
    let of_check = |it: &&Value| it["check"] == check;
    found.as_array().unwrap().iter().filter(of_check).any(|it| it["found"].as_str().unwrap().contains(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_finds_nothing_wrong_where_nothing_is() {
    let stranger = Stranger::new().await;
    let mut command = stranger.by_password(&["doctor"]);
    command.env("HTTPS_PROXY", "http://me:pr0xy-pass@proxy.example:3128");
    command.env("COSCINE_URL", stranger.world.sandbox.url()).env("COSCINE_API_TOKEN", &stranger.world.token);
    let page = stranger.watched(&mut command);
    assert!(page.status.success(), "{}{}", out(&page), err(&page));
    let text = out(&page);
    assert!(text.lines().count() < 50 && !text.contains("WRONG") && !text.contains("pr0xy-pass"), "{text}");
    assert!(text.contains("HTTPS_PROXY=http://***@proxy.example:3128"), "{text}");
    let found = stranger.json(&mut command, 0);
    for (check, words) in [
        ("version", "whimbrel "),
        ("settings", "DSERVER_PASSWORD (environment)"),
        ("reached", "127.0.0.1 in "),
        ("clock", "0 s apart"),
        ("token", "of testuser, from token generator http://127.0.0.1:"),
        ("versions", "dservercore 0.22.0"),
        ("offers", "provenance graphs"),
        ("lacks", "signed URLs"),
    ] {
        assert!(is(&found, check, "ok") && says(&found, check, words), "{check}: {words} not in {found:#}");
    }
    // No more than two looks at Coscine without a token and one with it.
    assert!(stranger.world.sandbox.report().contract_violations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_says_what_is_wrong_and_ends_with_the_code_of_the_first() {
    let stranger = Stranger::new().await;
    let none = stranger.json(&mut stranger.command(&["doctor"]), 0);
    assert!(is(&none, "services", "odd"), "{none:#}");
    let none = stranger.json(&mut stranger.command(&["doctor", "dserver"]), 2);
    assert!(says(&none, "url", "no URL"), "{none:#}");

    let mut command = stranger.command(&["doctor"]);
    let no_token = stranger.json(command.env("DSERVER_URL", &stranger.url), 4);
    assert!(
        is(&no_token, "reached", "ok") && is(&no_token, "token", "wrong") && is(&no_token, "versions", "ok"),
        "{no_token:#}"
    );

    let mut command = stranger.by_password(&["doctor"]);
    let wrong = stranger.json(command.env("DSERVER_PASSWORD", "wr0ng"), 4);
    assert!(says(&wrong, "token", "refused the username") && is(&wrong, "versions", "ok"), "{wrong:#}");

    let mut command = stranger.by_password(&["doctor"]);
    let down = stranger.json(command.env("DSERVER_URL", "http://127.0.0.1:9"), 1);
    assert!(says(&down, "reached", "nothing answers at 127.0.0.1, port 9") && is(&down, "versions", "odd"), "{down:#}");

    let mut server = mockito::Server::new_async().await;
    let page =
        server.mock("GET", Matcher::Any).with_header("content-type", "text/html").with_body("<title>Login</title>");
    let page = page.with_header("date", "Sat, 21 Nov 2020 00:00:00 GMT").expect_at_least(3).create_async().await;
    let mut command = stranger.command(&["doctor"]);
    let html = stranger.json(command.env("DSERVER_URL", server.url()).env("DSERVER_TOKEN", "some-token"), 1);
    assert!(is(&html, "clock", "odd") && says(&html, "clock", "behind"), "{html:#}");
    assert!(is(&html, "versions", "wrong"), "{html:#}");
    page.assert_async().await;

    let mut command = stranger.command(&["doctor"]);
    command.env("DTOOL_LOOKUP_SERVER_URL", "https://old.example");
    let old = stranger.json(command.env("DSERVER_TOKEN", "some-token"), 2);
    assert!(says(&old, "settings", "DTOOL_LOOKUP_SERVER_URL is set"), "{old:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_in_between_is_changed_for_another() {
    let stranger = Stranger::new().await;
    let fault =
        Fault { on: "search_datasets".into(), nth: vec![1], every: None, first: None, fault: Kind::Unauthorized };
    stranger.world.sandbox.set_faults(FaultPlan { faults: vec![fault] });
    let mut command = stranger.by_password(&["dserver", "search"]);
    let output = stranger.watched(&mut command);
    assert!(output.status.success(), "{}", err(&output));
    let report = stranger.world.sandbox.dserver().report();
    assert_eq!((report.by_operation["search_datasets"], report.by_operation["generate_token"]), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_the_file_goes_to_no_other_generator() {
    let stranger = Stranger::new().await;
    let mut other = mockito::Server::new_async().await;
    let asked = other.mock("POST", Matcher::Any).expect(0).create_async().await;
    let generator = format!("{}/token", other.url());
    stranger.write_file(
        &json!({ "DSERVER_URL": stranger.url, "DSERVER_TOKEN_GENERATOR_URL": stranger.generator,
                 "DSERVER_USERNAME": "testuser", "DSERVER_PASSWORD": stranger.password() })
        .to_string(),
    );
    for arguments in [&["dserver", "search"][..], &["auth", "login", "dserver"]] {
        let mut command = stranger.command(arguments);
        let output = stranger.watched(command.env("DSERVER_TOKEN_GENERATOR_URL", &generator));
        assert!(!output.status.success() && err(&output).contains("no password"), "{}", err(&output));
    }
    fails(&stranger.run(&["auth", "login", "dserver", "--generator", &generator]), 2, "no password");
    asked.assert_async().await;
    assert!(stranger.run(&["auth", "login", "dserver", "--generator", &stranger.generator]).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_environment_has_does_not_follow_an_url_of_the_command_line() {
    let stranger = Stranger::new().await;
    let mut other = mockito::Server::new_async().await;
    let asked = other.mock("POST", Matcher::Any).expect(0).create_async().await;
    let looked = other.mock("GET", Matcher::Any).expect(0).create_async().await;
    let search = ["dserver", "search", "--url", &other.url()];
    let mut command = stranger.by_password(&search);
    fails(&stranger.watched(&mut command), 4, "if it is for http://127.0.0.1:");
    command.env("DSERVER_TOKEN", &stranger.token);
    let output = stranger.watched(&mut command);
    fails(&output, 4, "which DSERVER_URL names, and is shown to no other server");
    assert!(err(&output).contains("--token-file or --token-stdin"), "{}", err(&output));
    let mut command = stranger.world.command(&["ls", "--url", &other.url()]);
    let output = stranger.watched(&mut command);
    fails(&output, 4, "COSCINE_API_TOKEN is for http://127.0.0.1:");
    assert!(err(&output).contains(&format!("put COSCINE_URL={} in front", other.url())), "{}", err(&output));
    asked.assert_async().await;
    looked.assert_async().await;
    // Bound to nothing, it goes where it is sent.
    let mut command = stranger.command(&["dserver", "search", "--url", &stranger.url]);
    assert!(stranger.watched(command.env("DSERVER_TOKEN", &stranger.token)).status.success());
    let url = stranger.world.sandbox.url().to_owned();
    let mut command = stranger.command(&["ls", "--url", &url]);
    assert!(stranger.watched(command.env("COSCINE_API_TOKEN", &stranger.world.token)).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_an_url_is_not_shown() {
    let stranger = Stranger::new().await;
    for url in ["https://me:s3cretpw@h:99999", "https://me:s3cretpw@h", "me:s3cretpw@h"] {
        for arguments in [
            &["doctor", "dserver"][..],
            &["doctor", "coscine"],
            &["doctor", "coscine", "-o", "json"],
            &["dserver", "versions"],
            &["ls"],
            &["auth", "status", "dserver", "-o", "json"],
            &["auth", "status", "coscine"],
            &["auth", "login", "dserver"],
        ] {
            for token in ["t0ken", ""] {
                let mut command = stranger.command(arguments);
                command.env("DSERVER_URL", url).env("DSERVER_TOKEN", token);
                command.env("COSCINE_URL", url).env("COSCINE_API_TOKEN", token);
                let output = stranger.watched(&mut command);
                assert!(!output.status.success(), "{arguments:?}");
                let shown = out(&output) + &err(&output);
                assert!(!shown.contains("s3cretpw"), "{arguments:?}: {shown}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_counts_from_then_on_whatever_was_there_before() {
    let stranger = Stranger::new().await;
    stranger.world.write("old-token", "an.old.token-in-a-file");
    stranger.world.write("token", &stranger.token);
    for name in ["old-token", "token"] {
        private(&stranger.world.path(name));
    }
    let old = || {
        let file =
            json!({ "DSERVER_URL": format!("{}/old", stranger.url), "DSERVER_TOKEN_FILE": "old-token", "other": 1 });
        stranger.write_file(&file.to_string());
    };
    old();
    let login = ["auth", "login", "dserver", "--url", &stranger.url, "--token-file", "token"];
    let mut command = stranger.command(&login);
    let output = stranger.watched(command.env("DSERVER_TOKEN_FILE", "old-token"));
    assert!(err(&output).contains("DSERVER_TOKEN_FILE is set and counts before it"), "{}", err(&output));
    assert_eq!(
        stranger.settings(),
        json!({ "other": 1, "DSERVER_URL": stranger.url, "DSERVER_TOKEN": stranger.token })
    );
    assert!(stranger.run(&["dserver", "search"]).status.success(), "with the new token, at the new path");

    old();
    let output = stranger.run(&["auth", "logout", "dserver"]);
    assert!(
        err(&output).contains("it named old-token") && err(&output).contains("still holds a token"),
        "{}",
        err(&output)
    );
    assert!(stranger.settings().get("DSERVER_TOKEN_FILE").is_none() && stranger.world.path("old-token").exists());
    fails(&stranger.run(&["dserver", "search", "--url", &stranger.url]), 4, "no token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_given_and_would_not_be_used_is_an_error() {
    let stranger = Stranger::new().await;
    stranger.world.write("token", &stranger.token);
    private(&stranger.world.path("token"));
    let mut command = stranger.command(&["dserver", "search", "--token-file", "token"]);
    command.env("DSERVER_URL", &stranger.url).env("DSERVER_DISABLE_AUTHENTICATION", "1");
    fails(&stranger.watched(&mut command), 2, "take it away to use --token-file token");
    let fetch = ["cp", "dserver://other.example/1e47c076-2eb0-43b2-b219-fc7d419f1f16", "here", "--token-file", "token"];
    fails(
        &stranger.watched(stranger.command(&fetch).env("DSERVER_URL", &stranger.url)),
        2,
        "by --url https://other.example",
    );
    fails(&stranger.run(&fetch), 2, "by --url https://other.example");
    for arguments in [["auth", "status"].as_slice(), &["doctor"]] {
        let mut command = stranger.command(&[arguments, &["--token-file", "token"]].concat());
        command.env("COSCINE_URL", stranger.world.sandbox.url()).env("DSERVER_URL", &stranger.url);
        fails(&stranger.watched(&mut command), 2, "whose token is that of --token-file token?");
        command.arg("dserver");
        assert!(stranger.watched(&mut command).status.success());
    }
}

/// What is under way when the standard input is still open is not stuck.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn while_it_waits_for_a_token_an_interrupt_is_heard() {
    use std::{io::Read as _, process::Stdio, time::Duration};
    let stranger = Stranger::new().await;
    let mut command = stranger.command(&["dserver", "search", "--token-stdin", "--url", &stranger.url]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let held = child.stdin.take();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let interrupts = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupts.success());
    let ended = async {
        while child.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(5), ended).await.is_ok();
    drop(held);
    let status = tokio::task::block_in_place(|| child.wait()).unwrap();
    let mut told = String::new();
    child.stderr.unwrap().read_to_string(&mut told).unwrap();
    assert!(in_time && status.code() == Some(130) && told.contains("interrupted"), "{status} {told}");
}
