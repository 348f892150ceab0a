//! `whimbrel coscine`: members, invitations, the user, tokens.

mod common;

use common::{World, err, fails, out};

#[tokio::test(flavor = "multi_thread")]
async fn members_come_change_and_go() {
    let world = World::new().await;
    world.json(&["coscine", "project", "create", "People"]);
    let added = world.json(&["coscine", "member", "add", "People", "bob@example.org", "--role", "guest"]);
    assert_eq!(added["role"]["displayName"], "Guest");
    assert!(
        world.told(&["coscine", "member", "set-role", "People", "bob Sandbox", "Member"]).contains("is now Member")
    );
    assert_eq!(
        world.json(&["coscine", "member", "show", "People", "bob@example.org"])["role"]["displayName"],
        "Member"
    );
    assert_eq!(world.json(&["coscine", "member", "show", "People"])["user"]["displayName"], "alice Sandbox");
    assert_eq!(world.json(&["coscine", "members", "ls", "People"]).as_array().unwrap().len(), 2);
    fails(&world.run_as("bob", &["coscine", "member", "rm", "People", "alice Sandbox", "-y"]), 5, "403");
    fails(&world.run(&["coscine", "member", "rm", "People", "bob@example.org"]), 2, "say --yes");
    assert!(world.told(&["coscine", "member", "rm", "People", "bob@example.org", "-y"]).contains("done"));
    fails(&world.run(&["coscine", "member", "show", "People", "bob@example.org"]), 3, "no such member");
    fails(&world.run(&["coscine", "member", "add", "People", "nobody@example.org", "--role", "Guest"]), 3, "invited");
    fails(&world.run(&["coscine", "member", "add", "People", "bob@example.org", "--role", "King"]), 3, "King");
    assert!(world.sandbox.report().contract_violations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_invited_at_once_and_none_twice() {
    let world = World::new().await;
    world.write(
        "emails.txt",
        "one@example.org\n\n# all of the group\ntwo@example.org # Bo\nONE@example.org\nbob@example.org\n",
    );
    let invite = ["coscine", "invite", "--project", "Demo", "--role", "member", "--from", "emails.txt"];
    let outcomes = |output: &std::process::Output| {
        let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let row =
            |it: &serde_json::Value| format!("{} {}", it["email"].as_str().unwrap(), it["outcome"].as_str().unwrap());
        rows.as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let json = [&invite[..], &["-o", "json"]].concat();
    let first = world.run(&json);
    assert!(first.status.success(), "{}", err(&first));
    let expected = ["one@example.org invited", "two@example.org invited", "bob@example.org already a member"];
    assert_eq!(outcomes(&first), expected);
    let again = world.run(&json);
    assert!(again.status.success());
    assert_eq!(outcomes(&again)[..2], ["one@example.org already invited", "two@example.org already invited"]);

    // One that the server refuses is said, and the others are invited all the same.
    world.refuse("CreateProjectInvitation", 1);
    let more = (0..20).map(|n| format!("{n}@example.org")).collect::<Vec<_>>().join("\n");
    let some = world.run_with(
        &["coscine", "invitation", "send", "--project", "Demo", "--role", "Guest", "--from", "-", "-o", "json"],
        &more,
    );
    assert_eq!(some.status.code(), Some(8), "{}", err(&some));
    assert!(err(&some).contains("1 of 20 failed"));
    assert_eq!(outcomes(&some).iter().filter(|it| it.ends_with(" invited")).count(), 19);

    fails(&world.run(&["coscine", "invite", "--project", "Demo", "--role", "King", "x@example.org"]), 3, "King");
    let nobody = world.run(&["coscine", "invite", "--project", "Demo", "--role", "Guest"]);
    assert_eq!(nobody.status.code(), Some(2), "{}", err(&nobody));
    let bob = ["coscine", "invite", "--project", "Demo", "--role", "Guest", "new@example.org", "-o", "csv"];
    let bob = world.run_as("bob", &bob);
    assert_ne!(bob.status.code(), Some(0), "only owners invite");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_seen_revoked_or_accepted() {
    let world = World::new().await;
    world.json(&["coscine", "project", "create", "Party"]);
    world.run(&["coscine", "invite", "--project", "Party", "--role", "Member", "one@example.org", "two@example.org"]);
    assert_eq!(world.json(&["coscine", "invitations", "ls", "Party"]).as_array().unwrap().len(), 2);
    let revoke = ["coscine", "invitation", "revoke", "Party", "one@example.org"];
    fails(&world.run(&revoke), 2, "say --yes");
    world.told(&[&revoke[..], &["--yes"]].concat());
    fails(&world.run(&["coscine", "invitation", "show", "Party", "one@example.org"]), 3, "no such invitation");
    // In the sandbox the token is the id.
    let token = world.json(&["coscine", "invitation", "show", "Party", "two@example.org"])["id"].clone();
    let mut bob = world.command(&["coscine", "invitation", "accept", "--from", "mail"]);
    bob.env("COSCINE_API_TOKEN", world.sandbox.token("bob").unwrap());
    world.write("mail", token.as_str().unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mail = world.folder.path().join("mail");
        std::fs::set_permissions(mail, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let accepted = world.watched(&mut bob);
    assert!(err(&accepted).contains("accepted") && !err(&accepted).contains(token.as_str().unwrap()));
    fails(&world.watched(&mut bob), 3, "invitation");
    let both = ["coscine", "invitation", "accept", "--token-stdin"];
    fails(&world.run_with(&both, &world.token), 2, "read one of them from a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_told_once() {
    let world = World::new().await;
    let made = world.run(&["coscine", "token", "create", "laptop", "--days", "30", "-vvv"]);
    assert!(made.status.success(), "{}", err(&made));
    let secret = out(&made).trim().to_owned();
    assert_eq!((out(&made).lines().count(), secret.matches('.').count()), (1, 2), "nothing but the secret");
    assert!(!err(&made).contains(&secret) && err(&made).contains("told only now"));
    let works = world.watched(world.command(&["whoami"]).env("COSCINE_API_TOKEN", &secret));
    assert!(out(&works).contains("alice Sandbox"));
    for later in [&["coscine", "tokens", "ls", "-o", "json"][..], &["coscine", "token", "show", "laptop", "-o", "json"]]
    {
        let text = world.text(later);
        assert!(text.contains("laptop") && !text.contains(&secret), "{text}");
    }
    assert!(world.json(&["coscine", "token", "create", "script"])["token"].as_str().unwrap().contains('.'));
    fails(&world.run(&["coscine", "token", "revoke", "laptop"]), 2, "say --yes");
    world.told(&["coscine", "token", "revoke", "laptop", "--yes"]);
    fails(&world.watched(world.command(&["whoami"]).env("COSCINE_API_TOKEN", &secret)), 4, "wrong or expired");
    fails(&world.run(&["coscine", "token", "show", "laptop"]), 3, "no such token");
    fails(&world.run(&["coscine", "token", "create", "long", "--days", "371"]), 6, "1 to 370 days");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_is_shown_and_changed() {
    let world = World::new().await;
    let short = world.json(&["whoami"]);
    assert_eq!((&short["displayName"], &short["emails"][0]), (&"alice Sandbox".into(), &"alice@example.org".into()));
    let update = ["coscine", "me", "update", "--family-name", "Ott", "--language", "de", "--discipline", "Optics 308"];
    let changed = world.json(&update);
    assert_eq!((&changed["displayName"], &changed["language"]["abbreviation"]), (&"alice Ott".into(), &"de".into()));
    assert_eq!(changed["disciplines"].as_array().unwrap().len(), 1);
    assert!(world.text(&["coscine", "me"]).contains("activeProjectRoles"));
    fails(&world.run(&["coscine", "me", "update", "--title", "King"]), 3, "King");
    assert_eq!(world.json(&["coscine", "user", "find", "bob"])[0]["email"], "bob@example.org");
    world.told(&["coscine", "me", "consent"]);
    world.told(&["coscine", "me", "resend-email"]);
    let confirmed = world.run_with(&["coscine", "me", "confirm-email"], "00000000-0000-4000-8000-000000000000\n");
    assert!(confirmed.status.success(), "{}", err(&confirmed));
    fails(&world.run_with(&["coscine", "me", "confirm-email"], "\n"), 4, "the token is empty");
}

/// Whoever is asked for something can go away.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_is_heard_while_it_waits_for_input() {
    use std::process::{Command, Stdio};
    let world = World::new().await;
    let mut command = world.command(&["coscine", "me", "confirm-email", "-v"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Held open: what ends first must be the signal, and not the input.
    let _input = child.stdin.take();
    while world.sandbox.report().requests == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = tokio::task::block_in_place(|| child.wait()).unwrap();
    assert_eq!(status.code(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_turned_off_and_on() {
    let world = World::new().await;
    assert_eq!(world.json(&["coscine", "notification", "list"]).as_array().unwrap().len(), 3);
    world.told(&["coscine", "notification", "off", "quota"]);
    assert_eq!(world.json(&["coscine", "notification", "show", "Quota"])["off"], true);
    assert_eq!(world.json(&["coscine", "notification", "list", "--off"]).as_array().unwrap().len(), 1);
    world.told(&["coscine", "notification", "on", "Quota"]);
    assert_eq!(world.json(&["coscine", "notification", "show", "Quota"])["off"], false);
    fails(&world.run(&["coscine", "notification", "off", "TermsOfService"]), 6, "not optional");
    fails(&world.run(&["coscine", "notification", "on", "Quota"]), 3, "opt-out");
    let version = world.json(&["coscine", "terms"])["version"].as_str().unwrap().to_owned();
    assert!(world.told(&["coscine", "terms", "accept", &version]).contains("you have accepted"));
    fails(&world.run(&["coscine", "terms", "accept", "0.1"]), 3, "0.1");
}
