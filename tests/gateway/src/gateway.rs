//! Assembles the gateway: listeners first, because functions need their addresses; then functions;
//! then the servers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::http::Uri;
use hyper::body::Bytes;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::now_ms;
use crate::connections::OpenConnections;
use crate::faults::FaultInjector;
use crate::ledger::{Entry, Ledger};
use crate::listen;
use crate::queues::{self, Poll};
use crate::runtime::{Function, InvokeError, Recipe};
use crate::settings::{GatewaySettings, Limits};
use crate::template::{
    FunctionSpec, HttpApi, ParsedTemplate, QueueSource, Route, Site, TemplateError, WsApi,
    function_arn,
};
use crate::throttles::Throttles;
use crate::{connections, control, front, http, secrets, ws};

/// The addresses of a running gateway.
#[derive(Clone, Debug, Serialize)]
pub struct GatewayAddresses {
    /// The site: pages, API and socket under one origin.
    pub page: String,
    /// The WebSocket APIs by their stages' names, for clients that bypass the site.
    pub sockets: BTreeMap<String, String>,
    /// The HTTP API itself.
    pub http_api: String,
    /// Server of `@connections`; functions receive its URL with the stage.
    pub connections: String,
    /// Server that tests control the gateway with: faults, figures, log.
    pub control: String,
}

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A file or a port is not usable.
    #[error("{what}: {cause}")]
    Io {
        /// Path or address.
        what: String,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The template is not usable.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template or the settings contradict each other.
    #[error("{0}")]
    Wrong(String),
}

/// A running gateway. It ends with [`Gateway::stop`]; dropped, it ends its processes too, without
/// waiting for them.
#[derive(Debug)]
pub struct Gateway {
    ready: GatewayAddresses,
    core: Arc<Core>,
    serving: JoinSet<()>,
}

/// What all servers share.
#[derive(Debug)]
pub struct Core {
    pub region: String,
    pub limits: Limits,
    pub functions: BTreeMap<String, Arc<Function>>,
    pub http: Option<HttpApi>,
    pub ws: Vec<Arc<WsApi>>,
    pub throttles: Throttles,
    pub connections: OpenConnections,
    pub injector: FaultInjector,
    pub ledger: Ledger,
}

impl Gateway {
    /// Starts a gateway.
    ///
    /// # Errors
    /// When a port is taken, a file is missing, or a deployment of the template would not answer.
    pub async fn start(mut settings: GatewaySettings) -> Result<Self, GatewayError> {
        let text = std::fs::read_to_string(&settings.template)
            .map_err(io(&settings.template.display().to_string()))?;
        let parsed = ParsedTemplate::read(&text, &settings.deployment)?;
        if let Some(endpoint) = &settings.endpoint {
            // The endpoint serves buckets by path.
            let buckets = parsed.buckets.iter().cloned();
            settings
                .rewrites
                .extend(buckets.map(|origin| (origin, endpoint.clone())));
        }
        let listeners = Listeners::bind(settings.listen).await?;
        let ready = listeners.addresses(&parsed.ws)?;
        let functions = functions(&settings, &parsed, &ready)?;
        let mut site = parsed.site;
        if let Some(site) = &mut site {
            finish_site(site, &settings).await?;
        }
        let polls = polls(&settings, parsed.queues);
        let core = Arc::new(Core {
            region: settings.deployment.region.clone(),
            limits: settings.limits,
            functions,
            http: parsed.http,
            ws: parsed.ws.into_iter().map(Arc::new).collect(),
            throttles: Throttles::default(),
            connections: OpenConnections::default(),
            injector: FaultInjector::default(),
            ledger: Ledger::default(),
        });
        let front = front::Front::new(site, settings.page_dir.clone(), &core, &ready);
        let mut serving = listeners.serve(front, &core);
        for poll in polls {
            serving.spawn(queues::serve(core.clone(), poll));
        }
        Ok(Self {
            serving,
            ready,
            core,
        })
    }

    /// The addresses of its servers.
    #[must_use]
    pub const fn ready(&self) -> &GatewayAddresses {
        &self.ready
    }

    /// Closes all connections and ends the functions' processes.
    pub async fn stop(&mut self) {
        self.serving.shutdown().await;
        for function in self.core.functions.values() {
            function.stop().await;
        }
    }
}

/// The sockets of all servers.
struct Listeners {
    site: TcpListener,
    ws: TcpListener,
    http: TcpListener,
    connections: TcpListener,
    control: TcpListener,
}

impl Listeners {
    /// Binds the site to its address, and the others to free ports beside it.
    async fn bind(site: SocketAddr) -> Result<Self, GatewayError> {
        let free = SocketAddr::new(site.ip(), 0);
        Ok(Self {
            site: bind(site).await?,
            ws: bind(free).await?,
            http: bind(free).await?,
            connections: bind(free).await?,
            control: bind(free).await?,
        })
    }

    fn addresses(&self, apis: &[WsApi]) -> Result<GatewayAddresses, GatewayError> {
        let ws = address(&self.ws)?;
        let sockets = apis.iter().map(|WsApi { stage, .. }| stage);
        let sockets = sockets.map(|stage| (stage.clone(), format!("ws://{ws}/{stage}")));
        Ok(GatewayAddresses {
            page: format!("http://{}", address(&self.site)?),
            sockets: sockets.collect(),
            http_api: format!("http://{}", address(&self.http)?),
            connections: format!("http://{}", address(&self.connections)?),
            control: format!("http://{}", address(&self.control)?),
        })
    }

    fn serve(self, front: front::Front, core: &Arc<Core>) -> JoinSet<()> {
        let mut serving = JoinSet::new();
        let front = Arc::new(front);
        serving.spawn(listen::serve(self.site, move |request, peer| {
            let front = front.clone();
            async move { front.answer(request, peer).await }
        }));
        let part = core.clone();
        serving.spawn(listen::serve(self.ws, move |request, peer| {
            ws::handshake(part.clone(), request, peer)
        }));
        let part = core.clone();
        serving.spawn(listen::serve(self.http, move |request, peer| {
            http::answer(part.clone(), request, peer)
        }));
        let part = core.clone();
        serving.spawn(listen::serve(self.connections, move |request, _| {
            connections::answer(part.clone(), request)
        }));
        let part = core.clone();
        serving.spawn(listen::serve(self.control, move |request, _| {
            control::answer(part.clone(), request)
        }));
        serving
    }
}

impl Core {
    /// Invokes the function of a route within its time limit, and records the invocation.
    pub async fn call(
        &self,
        route: &Route,
        event: &impl Serialize,
        limit: Duration,
        connection: Option<&str>,
    ) -> Result<Bytes, InvokeError> {
        let (at_ms, began) = (now_ms(), Instant::now());
        let limit = route.timeout.map_or(limit, |own| own.min(limit));
        let event = serde_json::to_vec(event).unwrap_or_default();
        let answer = match self.functions.get(&route.function) {
            Some(function) => {
                function
                    .integrate(event, limit, &self.injector, &route.key)
                    .await
            }
            None => Err(InvokeError::Failed),
        };
        self.ledger.add(Entry {
            at_ms,
            function: route.function.clone(),
            route: route.key.clone(),
            connection: connection.map(str::to_owned),
            millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome: answer.as_ref().map_or_else(|error| error.word(), |_| "ok"),
        });
        answer
    }

    /// Finds a function by logical id or binary.
    pub fn function(&self, name: &str) -> Option<&Arc<Function>> {
        self.functions
            .values()
            .find(|function| function.names().contains(&name))
    }
}

/// One poll for each invocation at a time.
fn polls(settings: &GatewaySettings, queues: Vec<QueueSource>) -> Vec<Poll> {
    let Some(endpoint) = &settings.endpoint else {
        return Vec::new();
    };
    let each = queues.into_iter().flat_map(|source| {
        let times = usize::try_from(source.at_a_time).unwrap_or(1);
        std::iter::repeat_n(source, times)
    });
    each.map(|source| Poll {
        source,
        endpoint: endpoint.clone(),
    })
    .collect()
}

fn functions(
    settings: &GatewaySettings,
    parsed: &ParsedTemplate,
    ready: &GatewayAddresses,
) -> Result<BTreeMap<String, Arc<Function>>, GatewayError> {
    let mut functions = BTreeMap::new();
    for (name, spec) in &parsed.functions {
        let recipe = recipe(settings, parsed, ready, spec)?;
        functions.insert(name.clone(), Arc::new(Function::new(recipe)));
    }
    Ok(functions)
}

fn recipe(
    settings: &GatewaySettings,
    parsed: &ParsedTemplate,
    ready: &GatewayAddresses,
    spec: &FunctionSpec,
) -> Result<Recipe, GatewayError> {
    let path = settings.bin_dir.join(&spec.binary);
    let path = path
        .canonicalize()
        .map_err(io(&format!("{}: {}", spec.name, path.display())))?;
    let log = settings.logs.as_ref();
    Ok(Recipe {
        environment: environment(settings, parsed, ready, spec)?,
        name: spec.name.clone(),
        binary: spec.binary.clone(),
        path,
        arn: function_arn(&settings.deployment.region, &spec.name),
        timeout: spec.timeout.min(settings.limits.function_max),
        init: settings.limits.init,
        workers: settings.limits.workers,
        log: log.map(|folder| folder.join(format!("{}.log", spec.binary))),
    })
}

/// The environment of a function's process: Lambda's own variables, the template's, and those of
/// the settings.
fn environment(
    settings: &GatewaySettings,
    parsed: &ParsedTemplate,
    ready: &GatewayAddresses,
    spec: &FunctionSpec,
) -> Result<BTreeMap<String, String>, GatewayError> {
    let region = &settings.deployment.region;
    let memory = spec.memory_mb.to_string();
    let group = format!("/aws/lambda/{}", spec.name);
    let mut environment: BTreeMap<String, String> = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_LAMBDA_FUNCTION_NAME", &spec.name),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "gateway"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("_HANDLER", "bootstrap"),
        ("LANG", "en_US.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if let Some(endpoint) = &settings.endpoint {
        environment.insert("AWS_ENDPOINT_URL".to_owned(), endpoint.clone());
    }
    for (name, value) in &spec.logging {
        environment.insert((*name).to_owned(), value.clone());
    }
    for (name, value) in &spec.environment {
        let ours = match name.as_str() {
            "ORIGIN" => Some(ready.page.clone()),
            "WS_ENDPOINT" | "RELAY_ENDPOINT" => {
                Some(connections_url(parsed, ready, spec, name, value)?)
            }
            _ => None,
        };
        let value = match (settings.env.get(name), ours, value) {
            (Some(given), _, _) => given.clone(),
            (None, Some(ours), _) => ours,
            (None, None, Ok(value)) => rewritten(value, &settings.rewrites),
            (None, None, Err(cause)) => {
                return Err(GatewayError::Template(TemplateError::Unresolved {
                    resource: spec.name.clone(),
                    property: format!("Environment.Variables.{name}"),
                    cause: cause.clone(),
                }));
            }
        };
        environment.insert(name.clone(), value);
    }
    environment.extend(settings.env.clone());
    Ok(environment)
}

/// The URL of `@connections` for a function. The template's own value is checked, because no other
/// test would find a wrong one.
fn connections_url(
    parsed: &ParsedTemplate,
    ready: &GatewayAddresses,
    spec: &FunctionSpec,
    name: &str,
    value: &Result<String, crate::template::Unresolved>,
) -> Result<String, GatewayError> {
    let Ok(value) = value else {
        return Err(GatewayError::Wrong(format!(
            "{}: {name} has no value",
            spec.name
        )));
    };
    let right = |api: &&WsApi| *value == format!("https://{}/{}", api.domain, api.stage);
    match parsed.ws.iter().find(right) {
        Some(api) => Ok(format!("{}/{}", ready.connections, api.stage)),
        None => Err(GatewayError::Wrong(format!(
            "{}: {name} is {value}, but no WebSocket API has its stage there",
            spec.name
        ))),
    }
}

/// Rewrites the content security policy, and fetches the secrets in headers to origins.
async fn finish_site(site: &mut Site, settings: &GatewaySettings) -> Result<(), GatewayError> {
    for behaviour in &mut site.behaviours {
        for (_, value, _) in &mut behaviour.headers {
            *value = rewritten(value, &settings.rewrites);
        }
    }
    for origin in &mut site.origins {
        for (name, value) in &mut origin.headers {
            let endpoint = settings.endpoint.as_deref();
            *value = secrets::resolve(value, endpoint, &settings.deployment.region)
                .await
                .map_err(|cause| GatewayError::Wrong(format!("header {name}: {cause}")))?;
        }
    }
    Ok(())
}

fn rewritten(text: &str, rewrites: &[(String, String)]) -> String {
    rewrites
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, GatewayError> {
    TcpListener::bind(address)
        .await
        .map_err(io(&address.to_string()))
}

fn address(listener: &TcpListener) -> Result<SocketAddr, GatewayError> {
    listener.local_addr().map_err(io("listener"))
}

fn io(what: &str) -> impl FnOnce(std::io::Error) -> GatewayError + use<> {
    let what = what.to_owned();
    |cause| GatewayError::Io { what, cause }
}

/// Returns `host:port` of a URL of this gateway.
#[must_use]
pub fn authority(url: &str) -> String {
    let uri: Result<Uri, _> = url.parse();
    uri.ok()
        .and_then(|uri| Some(uri.authority()?.to_string()))
        .unwrap_or_default()
}
