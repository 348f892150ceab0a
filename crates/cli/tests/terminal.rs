//! What is asked on a terminal: a real one, as the kernel makes it.
#![cfg(unix)]

mod common;

use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Write as _},
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use common::World;
use rustix::{
    pty::{self, OpenptFlags},
    termios::{self, LocalModes},
};
use sandbox::Options;
use serde_json::Value;

/// A terminal, with a program on one end and a user on the other.
struct Terminal {
    user: File,
    /// The program's end, kept open so that its modes can be looked at.
    line: File,
    shown: Arc<Mutex<String>>,
}

impl Terminal {
    fn open() -> Self {
        let user = pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        pty::grantpt(&user).unwrap();
        pty::unlockpt(&user).unwrap();
        let name = pty::ptsname(&user, Vec::new()).unwrap().into_string().unwrap();
        let line = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let (user, shown) = (File::from(user), Arc::new(Mutex::new(String::new())));
        let (mut screen, seen) = (user.try_clone().unwrap(), shown.clone());
        // It ends when nobody holds the program's end any more.
        thread::spawn(move || {
            let mut bytes = [0; 1024];
            while let Ok(n @ 1..) = screen.read(&mut bytes) {
                seen.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..n]));
            }
        });
        Self { user, line, shown }
    }

    fn end(&self) -> Stdio {
        self.line.try_clone().unwrap().into()
    }

    fn shown(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    fn echoes(&self) -> bool {
        termios::tcgetattr(&self.line).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits for something to be so, and not for ever.
    fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < Duration::from_secs(20), "not {what}: {:?}", self.shown());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Types an answer after a question, with or without its being seen.
    fn answer(&mut self, question: &str, answer: &str, is_seen: bool) {
        self.until(question, |it| it.shown().contains(question));
        self.until("as it is to be seen", |it| it.echoes() == is_seen);
        self.user.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }
}

/// A program of nothing but what it asks.
fn log_in(world: &World, terminal: &Terminal, arguments: &[&str]) -> Child {
    let mut command = world.command(&[&["auth", "login", "dserver"], arguments].concat());
    command.env_remove("COSCINE_API_TOKEN").env_remove("COSCINE_URL");
    command.stdin(terminal.end()).stdout(terminal.end()).stderr(terminal.end()).spawn().unwrap()
}

fn stored(world: &World) -> Option<Value> {
    let text = fs::read_to_string(world.path(".config/dtool/dtool.json")).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn username_and_password_are_asked_for_and_the_password_is_never_seen() {
    let world = World::with(Options::default()).await;
    let dserver = world.sandbox.dserver();
    let (url, generator, password) = (dserver.url(), dserver.token_generator_url(), dserver.password());
    let mut terminal = Terminal::open();
    let mut child = log_in(&world, &terminal, &["--url", url]);
    tokio::task::block_in_place(|| {
        terminal.answer("(empty: by username and password): ", "", false);
        terminal.answer("URL of the token generator: ", generator, true);
        terminal.answer("username: ", "testuser", true);
        terminal.answer("password of testuser: ", password, false);
        assert!(child.wait().unwrap().success(), "{}", terminal.shown());
        terminal.until("logged in", |it| it.shown().contains("knows you as testuser"));
    });
    assert!(terminal.echoes(), "the terminal is as it was");
    let settings = stored(&world).unwrap();
    let token = settings["DSERVER_TOKEN"].as_str().unwrap();
    assert!(settings["DSERVER_URL"] == url && settings.get("DSERVER_PASSWORD").is_none());
    let shown = terminal.shown();
    assert!(shown.contains(generator), "what may be seen is seen: {shown:?}");
    assert!(!shown.contains(password) && !shown.contains(token.rsplit('.').next().unwrap()), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_interrupts_the_question_for_a_password_gets_the_terminal_back() {
    let world = World::with(Options::default()).await;
    let dserver = world.sandbox.dserver();
    let generator = dserver.token_generator_url();
    let terminal = Terminal::open();
    let mut child =
        log_in(&world, &terminal, &["--url", dserver.url(), "--generator", generator, "--username", "testuser"]);
    tokio::task::block_in_place(|| {
        terminal.until("asked", |it| it.shown().contains("password of testuser: ") && !it.echoes());
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{}", terminal.shown());
    });
    assert!(terminal.echoes() && stored(&world).is_none());
}
