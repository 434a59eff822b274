//! What the tests share: MiniStack with the data resources of `template.yaml`, a proxy that injects
//! faults, and a scripted service.

pub mod fake;
pub mod proxy;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};

/// A running MiniStack.
pub struct Stack {
    /// URL of all services, without a trailing slash.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    resources: BTreeMap<String, String>,
    /// The process, which ends when its standard input closes, and so with this process.
    _process: Child,
}

impl Stack {
    /// Returns the physical name of a resource of the template.
    pub fn resource(&self, logical: &str) -> &str {
        let found = self.resources.get(logical);
        found.unwrap_or_else(|| panic!("the template makes no {logical}"))
    }

    /// Configuration of clients that talk to the stack directly.
    pub fn config(&self) -> SdkConfig {
        self.config_at(&self.endpoint)
    }

    /// Configuration of clients that use another address, such as a proxy's. A client belongs to
    /// the test that made it: its connections end with that test's runtime.
    pub fn config_at(&self, endpoint: &str) -> SdkConfig {
        let credentials = Credentials::new("test", "test", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(endpoint)
            .build()
    }
}

/// The one stack of this test binary, started at its first use.
pub fn stack() -> &'static Stack {
    static STACK: OnceLock<Stack> = OnceLock::new();
    STACK.get_or_init(|| start(&[]))
}

/// A second stack with a bucket only, which refuses unsigned requests, like AWS.
pub fn strict() -> &'static Stack {
    static STACK: OnceLock<Stack> = OnceLock::new();
    STACK.get_or_init(|| start(&["--auth", "--types", "AWS::S3::Bucket"]))
}

/// Epoch milliseconds.
pub fn now_ms() -> u64 {
    now_us() / 1_000
}

/// Epoch microseconds.
#[allow(clippy::disallowed_methods, reason = "the edge reads the clock")]
pub fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

#[derive(serde::Deserialize)]
struct Ready {
    endpoint: String,
    region: String,
    resources: BTreeMap<String, String>,
}

fn start(further: &[&str]) -> Stack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".venv/stack/bin/python");
    assert!(
        python.exists(),
        "no .venv/stack: these tests need MiniStack, see README.md"
    );
    let mut process = Command::new(python)
        .arg(root.join("tests/cloud/stack.py"))
        .args(further)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = process.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let ready: Ready = serde_json::from_str(&line).expect("the stack says where it is");
    Stack {
        endpoint: ready.endpoint,
        region: ready.region,
        resources: ready.resources,
        _process: process,
    }
}
