//! Questions to whoever sits at the terminal.

use std::io::{self, IsTerminal as _, Write as _};

use whimbrel::{
    dserver::{Account, Question},
    printable,
    secrecy::SecretString,
};

use crate::{
    exit::{Done, Failure},
    session::aside,
};

/// Whether anybody can be asked.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// A line, without what is around it.
pub(crate) async fn line(question: &str) -> Done<String> {
    eprint!("{}: ", printable(question));
    aside(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    })
    .await
}

/// A line that nobody sees.
pub(crate) async fn secret(question: &str) -> Done<SecretString> {
    eprint!("{}: ", printable(question));
    io::stderr().flush()?;
    // Ctrl-C must not leave a terminal behind that shows nothing.
    let _echo = Echo::save();
    aside(|| Ok(SecretString::from(console::Term::stderr().read_secure_line()?))).await
}

/// Username and password for a token generator.
pub(crate) async fn account(question: Question) -> whimbrel::Result<Account> {
    eprintln!("whimbrel: a token of {} is needed", printable(&question.generator));
    let told = |failure: Failure| whimbrel::Error::new(whimbrel::Kind::Unauthenticated, failure.to_string());
    let username = match question.username {
        Some(username) => username,
        None => line("username").await.map_err(told)?,
    };
    let password = secret(&format!("password of {username}")).await.map_err(told)?;
    Ok(Account { username, password })
}

/// Gives the terminal back as it was, whenever it is dropped.
#[cfg(unix)]
struct Echo(Option<rustix::termios::Termios>);

#[cfg(unix)]
impl Echo {
    fn save() -> Self {
        Self(rustix::termios::tcgetattr(io::stdin()).ok())
    }
}

#[cfg(unix)]
impl Drop for Echo {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // There is nobody to tell that it failed.
            let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Now, before);
        }
    }
}

/// There the mode is not the terminal's but the reader's.
#[cfg(not(unix))]
struct Echo;

#[cfg(not(unix))]
impl Echo {
    fn save() -> Self {
        Self
    }
}
