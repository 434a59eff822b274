//! The settings of a gateway.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::template::Deployment;

/// The settings of one gateway.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// The template.
    pub template: PathBuf,
    /// Folder with the functions' binaries.
    pub bin_dir: PathBuf,
    /// Address of the site; all other listeners take free ports at the same IP address.
    pub listen: SocketAddr,
    /// Folder with the built pages.
    pub page_dir: Option<PathBuf>,
    /// What was deployed.
    pub deployment: Deployment,
    /// Base URL of the services that hold data, for `AWS_ENDPOINT_URL` and for the template's
    /// secrets.
    pub endpoint: Option<String>,
    /// Variables of every function; they override those of the template.
    pub env: BTreeMap<String, String>,
    /// Origins to replace in variables and in the content security policy: from, to. The origins of
    /// buckets become [`Self::endpoint`] in any case.
    pub rewrites: Vec<(String, String)>,
    /// Folder for the functions' output, one file each; `None`: the gateway's standard error.
    pub logs: Option<PathBuf>,
    /// Limits of API Gateway and Lambda.
    pub limits: Limits,
}

impl GatewaySettings {
    /// GatewaySettings with the limits that AWS documents, on a free loopback port.
    #[must_use]
    pub fn new(template: PathBuf, bin_dir: PathBuf) -> Self {
        Self {
            template,
            bin_dir,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            page_dir: None,
            deployment: Deployment {
                region: "eu-central-1".to_owned(),
                ..Deployment::default()
            },
            endpoint: None,
            env: BTreeMap::new(),
            rewrites: Vec::new(),
            logs: None,
            limits: Limits::default(),
        }
    }
}

/// Limits, from the quota pages of API Gateway and Lambda.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A WebSocket connection without messages in either direction is closed after this time.
    pub idle: Duration,
    /// Any WebSocket connection is closed after this time.
    pub connection_max: Duration,
    /// Time limit of a WebSocket integration.
    pub ws_integration: Duration,
    /// Time limit of an HTTP integration.
    pub http_integration: Duration,
    /// A function must ask for its first event within this time.
    pub init: Duration,
    /// Longest function timeout; a shorter one in the template wins.
    pub function_max: Duration,
    /// Processes of one function at a time; further invocations wait.
    pub workers: usize,
    /// Close code that a browser sees after `DELETE @connections/…`. AWS does not document it.
    pub delete_close_code: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(600),
            connection_max: Duration::from_secs(7_200),
            ws_integration: Duration::from_secs(29),
            http_integration: Duration::from_secs(30),
            init: Duration::from_secs(10),
            function_max: Duration::from_secs(900),
            workers: 8,
            delete_close_code: 1_000,
        }
    }
}
