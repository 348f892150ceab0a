//! `whimbrel sandbox`: what it prints is what a shell needs.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

#[test]
fn what_it_prints_is_enough_to_ask_all_services() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
    command.args(["sandbox", "--dserver-release", "next", "--datasets", "7"]).env_clear().stdout(Stdio::piped());
    let mut sandbox = command.spawn().unwrap();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut exported = BTreeMap::new();
    let mut comments = vec![];
    for line in &mut lines {
        match line.strip_prefix("export ") {
            Some(values) => {
                let values = values.split_whitespace().take_while(|it| *it != "#").filter_map(|it| it.split_once('='));
                exported.extend(values.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            None => comments.push(line.clone()),
        }
        if line.contains("# a stream: ") {
            break;
        }
    }
    assert!(comments.iter().all(|it| it.starts_with("# ")), "{comments:?}");
    assert!(comments.iter().any(|it| it.contains("DSERVER_TOKEN_GENERATOR_URL=http://127.0.0.1:")), "{comments:?}");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whimbrel"));
        command.args(arguments).env_clear().env("WHIMBREL_CACHE", "off").envs(&exported);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&["whoami"]).contains("alice"));
    let all = run(&["dserver", "search", "-o", "jsonl"]);
    assert_eq!(all.lines().count(), 7);
    assert!(all.contains("s3://base1/00000005-0000-4000-8000-000000000005"), "{all}");
    assert!(run(&["cocaine", "apps", "list"]).contains("demo"));
    let place = exported["DATASIFT_URL"].strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(place).unwrap();
    let (user, key) = (&exported["DATASIFT_USER"], &exported["DATASIFT_API_KEY"]);
    let head = format!("GET /v1.6/balance HTTP/1.0\r\nAuthorization: {user}:{key}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200") && answer.contains("remaining_dpus"), "{answer}");
    sandbox.kill().unwrap();
    sandbox.wait().unwrap();
}
