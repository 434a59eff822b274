//! What is asked of a gateway.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::template::Deployment;

/// Everything about one gateway.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The template.
    pub template: PathBuf,
    /// Where the functions' binaries are.
    pub bin_dir: PathBuf,
    /// Where the site listens; everything else takes free ports of the same address.
    pub listen: SocketAddr,
    /// The built pages.
    pub page_dir: Option<PathBuf>,
    /// What was deployed.
    pub deployment: Deployment,
    /// Base URL of the services that hold data, for `AWS_ENDPOINT_URL` and for secrets that the
    /// template names.
    pub endpoint: Option<String>,
    /// Variables of every function, before those of the template.
    pub env: BTreeMap<String, String>,
    /// Origins to write differently, in variables and in the content policy: from, to. Buckets' own
    /// become [`Self::endpoint`] anyway.
    pub rewrites: Vec<(String, String)>,
    /// Where each function's output goes, one file each; absent: the gateway's standard error.
    pub logs: Option<PathBuf>,
    /// Limits.
    pub limits: Limits,
}

impl Settings {
    /// Settings with the limits that AWS documents, on a free loopback port.
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
    /// A WebSocket connection on which nothing is said in either direction ends after so long.
    pub idle: Duration,
    /// Any WebSocket connection ends after so long.
    pub connection_max: Duration,
    /// A WebSocket integration answers within this.
    pub ws_integration: Duration,
    /// An HTTP integration answers within this.
    pub http_integration: Duration,
    /// A function asks for its first event within this.
    pub init: Duration,
    /// Shortest function timeout wins: the template's or this.
    pub function_max: Duration,
    /// Processes of one function at a time; further invocations wait.
    pub workers: usize,
    /// What a browser sees after `DELETE @connections/…`. AWS does not document it.
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
