//! `auth`, `doctor`.

use clap::Subcommand;

use super::Service;

#[derive(Debug, Subcommand)]
pub(crate) enum Auth {
    /// Store a token for the next commands, once the server has taken it
    #[command(after_help = LOGIN_EXAMPLES)]
    Login(Login),
    /// Say whose tokens there are, where they come from and when they expire; never the tokens
    Status {
        /// Of this service only
        service: Option<Service>,
    },
    /// Forget a stored token, and a stored password
    Logout {
        /// The service
        service: Service,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Login {
    /// The service
    pub service: Service,
    /// Of a dserver: where username and password are changed for a token [environment: DSERVER_TOKEN_GENERATOR_URL]
    #[arg(long, value_name = "URL")]
    pub generator: Option<String>,
    /// Of a dserver: whose token the generator is to give [environment: DSERVER_USERNAME]
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Of a dserver: store the password too, as plain text, so that there are new tokens without a question
    #[arg(long)]
    pub keep_password: bool,
}

const LOGIN_EXAMPLES: &str = "\
What is not given is asked for on a terminal. A token for Coscine is stored in a file of this program; that of a dserver
in dtool.json, which all of dtool's software reads. Both only you may read.

Examples:
  whimbrel auth login coscine --token-file token.txt
  whimbrel auth login dserver --url https://dserver.example.org --generator https://tokens.example.org/token
  whimbrel auth login dserver --url https://dserver.example.org --token-stdin < token.txt";
