//! The command line and its environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
use sightline_relay::log_filter;
use sightline_wire::{Colour, DisplayName, EmbedOrigin, KeyScope, MakeKey};

use crate::address;
use crate::lan::address::LanAddress;

/// Remote visual assistance in the browser: everything on one machine, one command, no cloud
/// account.
#[derive(Debug, Parser)]
#[command(name = "sightline", version, max_term_width = 110)]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: CliCommand,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Run pages, API, sockets and media relay in this process, and print the agent's sign-in link.
    Serve(Box<Serve>),
    /// Print another sign-in link. Works whether or not the server is running.
    SignInLink(SignInLink),
    /// Print a key of the API for other programs, once. Works whether or not the server is running.
    ApiKey(ApiKey),
    /// Confirm that this machine's date is right, after the log or /healthz said that it is in
    /// doubt and nothing is erased. Works whether or not the server is running.
    ClockIsRight(ClockIsRight),
    /// Copy the data folder as it is at one moment, whether or not the server is running. Calls
    /// that are erased later are erased from the backup when it is restored.
    Backup(Backup),
    /// Make a data folder of a backup. The folder must be new or empty.
    Restore(Restore),
    /// Say whether a case file is as its deployment made it, or name what differs, is missing or
    /// was added. Exit status: 0 unchanged and signed by a known key, 1 changed, 2 unchanged but
    /// the key is not known.
    Verify(Verify),
}

/// Options of `sightline serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Address of pages, API and sockets. Must be a loopback address, such as localhost:8080; port
    /// 0 picks a free port.
    #[arg(
        long,
        env = "SIGHTLINE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080",
        value_parser = address::parse
    )]
    pub listen: SocketAddr,

    /// UDP address of the media relay: any address of this machine; port 0 picks a free port.
    ///
    /// With a loopback address, as by default, media listens on this machine's network address as
    /// well, because Firefox does not use loopback. There it answers programs on this machine only.
    /// With any other address it listens on that one and answers everybody.
    #[arg(
        long,
        env = "SIGHTLINE_MEDIA",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:3478",
        value_parser = address::parse
    )]
    pub media: SocketAddr,

    /// TCP address of the media relay, for networks that block UDP [default: the address of
    /// --media].
    #[arg(
        long,
        env = "SIGHTLINE_MEDIA_TCP",
        value_name = "ADDRESS",
        value_parser = address::parse
    )]
    pub media_tcp: Option<SocketAddr>,

    /// Address that pages use to reach --media. Required if --media is unspecified, such as
    /// 0.0.0.0:3478.
    #[arg(
        long,
        env = "SIGHTLINE_ANNOUNCE",
        value_name = "ADDRESS",
        value_parser = address::parse
    )]
    pub announce: Option<SocketAddr>,

    /// Address that pages use to reach --media-tcp [default: the address of --announce, with the
    /// port of --media-tcp if set].
    #[arg(
        long,
        env = "SIGHTLINE_ANNOUNCE_TCP",
        value_name = "ADDRESS",
        value_parser = address::parse
    )]
    pub announce_tcp: Option<SocketAddr>,

    /// Media threads: one for each processor that calls may fill. Each has a UDP port of its own,
    /// counted from that of --media (and --announce).
    #[arg(
        long,
        env = "SIGHTLINE_THREADS",
        value_name = "THREADS",
        default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=16)
    )]
    pub threads: u8,

    /// Serve customers' phones in this machine's network: HTTPS and media at this address, which is
    /// the source address of the default route unless you name one [port: 8443].
    ///
    /// Only the customer's page answers there; the agent works at --listen. The certificate is
    /// issued by an authority in the data folder. It permits private and link-local addresses and
    /// this one, and no DNS name.
    #[arg(
        long,
        env = "SIGHTLINE_LAN",
        value_name = "ADDRESS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    pub lan: Option<LanAddress>,

    /// A certificate for --lan that somebody else issued, with its chain (PEM). Name its host with
    /// --public-url.
    #[arg(
        long,
        env = "SIGHTLINE_TLS_CERT",
        value_name = "FILE",
        requires_all = ["lan", "tls_key"]
    )]
    pub tls_cert: Option<PathBuf>,

    /// The key of --tls-cert (PEM).
    #[arg(
        long,
        env = "SIGHTLINE_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,

    /// Public origin, if it is not http://<LISTEN>: the address of a reverse proxy or tunnel with a
    /// certificate, or the host of --tls-cert.
    ///
    /// The proxy must run on this machine, pass on the Host header unchanged, and append the
    /// client's address to X-Forwarded-For. The last entry of that header is trusted only with this
    /// flag and only from a loopback peer; it serves to limit requests per client. The outbox is
    /// not reachable through the proxy, only under loopback names. A proxy that sends a loopback
    /// name as Host and adds no header of its own looks like a browser on this machine.
    #[arg(long, env = "SIGHTLINE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Data folder.
    #[command(flatten)]
    pub data: Data,

    /// Begin afresh: move what the data folder holds into a folder inside it, `old-` and the time.
    ///
    /// Nothing is deleted. The certificate authority of --lan stays, because phones trust it.
    #[arg(long)]
    pub new: bool,

    /// Name of the business, shown to customers and in text messages.
    #[arg(
        long,
        env = "SIGHTLINE_BUSINESS",
        value_name = "NAME",
        default_value = "Sightline"
    )]
    pub business: String,

    /// Colour of the business, such as '#0a7f5a': links, marks and the main buttons of both pages.
    ///
    /// Where text in it would be hard to read, pages show a darker or a lighter shade.
    #[arg(long, env = "SIGHTLINE_COLOUR", value_name = "COLOUR")]
    pub colour: Option<Colour>,

    /// Logo of the business, instead of the one that an admin chose: a PNG or JPEG of at most
    /// 256 kB and 512 x 512 pixels.
    #[arg(long, env = "SIGHTLINE_LOGO", value_name = "FILE")]
    pub logo: Option<PathBuf>,

    /// Name of the agent, shown to customers.
    #[arg(
        long,
        env = "SIGHTLINE_AGENT_NAME",
        value_name = "NAME",
        default_value = "Agent"
    )]
    pub agent_name: String,

    /// Address of a map, with {lat} and {lon} where the degrees of a place stand.
    #[arg(long, env = "SIGHTLINE_MAPS", value_name = "URL")]
    pub maps: Option<String>,

    /// Origin of a page that may hold the agent's page in a frame, at /embed, such as
    /// https://claims.example.com. May be given several times. Without one there is no /embed.
    ///
    /// Browsers keep the cookie of that page only if --public-url begins with https.
    #[arg(
        long = "embed-origin",
        env = "SIGHTLINE_EMBED_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub embed_origins: Vec<EmbedOrigin>,

    /// Minutes until an unused invite expires.
    #[arg(
        long,
        env = "SIGHTLINE_INVITE_MINUTES",
        value_name = "MINUTES",
        default_value_t = 60,
        value_parser = clap::value_parser!(u32).range(1..=24 * 60),
    )]
    pub invite_minutes: u32,

    /// Minutes without any message from either side until a call ends by itself.
    #[arg(
        long,
        env = "SIGHTLINE_UNHEARD_MINUTES",
        value_name = "MINUTES",
        default_value_t = 15,
        value_parser = clap::value_parser!(u32).range(1..=24 * 60),
    )]
    pub unheard_minutes: u32,

    /// Hours until a session ends in any case.
    #[arg(
        long,
        env = "SIGHTLINE_CALL_HOURS",
        value_name = "HOURS",
        default_value_t = 4,
        value_parser = clap::value_parser!(u32).range(1..=24),
    )]
    pub call_hours: u32,

    /// Seconds between two text messages of one session.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_COOL_DOWN_S",
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(..=3600),
    )]
    pub sms_cool_down_s: u32,

    /// Country prefixes that text messages may go to, separated by commas, such as +49,+43. Empty
    /// allows all countries.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_PREFIXES",
        value_name = "PREFIXES",
        default_value = ""
    )]
    pub sms_prefixes: String,

    /// Kinds of numbers and countries that receive no text messages, separated by commas, such as
    /// fixed_line,voip,KP. Premium, shared-cost, personal and toll-free numbers never do.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_REFUSED",
        value_name = "KINDS",
        default_value = ""
    )]
    pub sms_refused: String,

    /// Most text messages of one agent per day (UTC). One in Arabic or Hebrew counts twice.
    #[arg(
        long,
        env = "SIGHTLINE_SMS_AGENT_MAX",
        value_name = "MESSAGES",
        default_value_t = 100
    )]
    pub sms_agent_max: u32,

    /// Most text messages to one number per day (UTC).
    #[arg(
        long,
        env = "SIGHTLINE_SMS_NUMBER_MAX",
        value_name = "MESSAGES",
        default_value_t = 10
    )]
    pub sms_number_max: u32,

    /// Most text messages in total per day (UTC).
    #[arg(
        long,
        env = "SIGHTLINE_SMS_DAY_MAX",
        value_name = "MESSAGES",
        default_value_t = 1_000
    )]
    pub sms_day_max: u32,

    /// Send no text messages at all. Links can still be copied and shown.
    #[arg(long, env = "SIGHTLINE_SMS_OFF", value_parser = BoolishValueParser::new())]
    pub sms_off: bool,

    /// Address where Prometheus reads the relay's metrics (/metrics), such as 127.0.0.1:9464. They
    /// are sums, without names of calls or people. Anyone who can connect may read them.
    #[arg(
        long,
        env = "SIGHTLINE_METRICS",
        value_name = "ADDRESS",
        value_parser = address::parse
    )]
    pub metrics: Option<SocketAddr>,

    /// Run without the web pages: API, sockets and relay only. For tests without the bundle.
    #[arg(long, hide = true)]
    pub no_pages: bool,

    /// Let webhooks lead to addresses of this machine and of private networks, and to plain http.
    /// For tests.
    #[arg(long, hide = true)]
    pub webhook_private: bool,

    /// When ready, print the addresses as one line of JSON: agent, page, outbox, media, media_tcp,
    /// metrics.
    #[arg(long)]
    pub json: bool,

    /// Options of the log.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Options of `sightline sign-in-link`.
#[derive(Clone, Debug, Args)]
pub struct SignInLink {
    /// Data folder.
    #[command(flatten)]
    pub data: Data,
}

/// Options of `sightline api-key`.
#[derive(Clone, Debug, Args)]
pub struct ApiKey {
    /// Data folder.
    #[command(flatten)]
    pub data: Data,
    /// What the key opens, separated by commas: invite, read, case, erase, embed.
    #[arg(
        long,
        value_name = "SCOPES",
        value_delimiter = ',',
        default_value = "invite,read"
    )]
    pub scopes: Vec<KeyScope>,
    /// Days until the key ends [default: until an admin revokes it].
    #[arg(
        long,
        value_name = "DAYS",
        value_parser = clap::value_parser!(u16).range(1..=i64::from(MakeKey::DAYS_MAX)),
    )]
    pub days: Option<u16>,
    /// What the key is for. Notes that are written with it have this name.
    #[arg(value_parser = |text: &str| DisplayName::new(text))]
    pub name: DisplayName,
}

/// Options of `sightline clock-is-right`.
#[derive(Clone, Debug, Args)]
pub struct ClockIsRight {
    /// Data folder.
    #[command(flatten)]
    pub data: Data,
}

/// Options of `sightline backup`.
#[derive(Clone, Debug, Args)]
pub struct Backup {
    /// Data folder.
    #[command(flatten)]
    pub data: Data,
    /// A new or empty folder for the backup. It has the key and telephone numbers, like the data
    /// folder.
    pub to: PathBuf,
}

/// Options of `sightline restore`.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    /// Data folder.
    #[command(flatten)]
    pub data: Data,
    /// The backup.
    pub from: PathBuf,
    /// A data folder or another backup that knows which calls were erased since, when this backup
    /// was out of reach then.
    #[arg(long, value_name = "DIR")]
    pub erased: Vec<PathBuf>,
}

/// Options of `sightline verify`.
#[derive(Clone, Debug, Args)]
pub struct Verify {
    /// The case file.
    #[arg(value_name = "FILE.zip")]
    pub file: PathBuf,
    /// The key of the deployment: a JSON Web Key, a set of them as at /.well-known/jwks.json, or
    /// PEM.
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The deployment, such as https://help.example.com, whose keys are fetched. Plain http is for
    /// this machine only.
    #[arg(long, value_name = "URL", conflicts_with = "key")]
    pub from: Option<String>,
}

/// The option for the data folder.
#[derive(Clone, Debug, Args)]
pub struct Data {
    /// Data folder: the database, the signing key, the pictures. [default: $XDG_DATA_HOME/sightline
    /// or ~/.local/share/sightline]
    #[arg(long = "data", env = "SIGHTLINE_DATA", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Options of the log.
#[derive(Clone, Debug, Args)]
pub struct LogOptions {
    /// Filter of the log on stderr, such as `info` or `sightline_host=debug`.
    #[arg(
        long,
        env = "SIGHTLINE_LOG",
        value_name = "FILTER",
        default_value = "warn",
        value_parser = log_filter::parse
    )]
    pub log: String,

    /// Write the log as JSON.
    #[arg(long, env = "SIGHTLINE_LOG_JSON", value_parser = BoolishValueParser::new())]
    pub log_json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use sightline_session::{Rules, budget};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_desk_has_the_default_budget_unless_options_change_it() {
        let CliCommand::Serve(serve) = Cli::parse_from(["sightline", "serve"]).command else {
            panic!("the command is serve");
        };
        let rules = Rules::default();
        assert_eq!(
            (
                budget::prefixes(&serve.sms_prefixes),
                serve.sms_agent_max,
                serve.sms_number_max,
                serve.sms_day_max,
                serve.sms_off,
            ),
            (
                Ok(rules.sms_prefixes),
                rules.sms_agent_day_max,
                rules.sms_number_day_max,
                rules.sms_day_max,
                rules.sms_off,
            )
        );
    }
}
