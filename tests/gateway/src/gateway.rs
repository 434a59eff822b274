//! Puts the parts together: listeners first, since functions are told of them; then functions; then
//! answers.

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
use crate::connections::Connections;
use crate::faults::Mischief;
use crate::ledger::{Entry, Ledger};
use crate::listen;
use crate::runtime::{Function, InvokeError, Recipe};
use crate::settings::{Limits, Settings};
use crate::template::{
    FunctionSpec, House, HttpApi, Route, Site, TemplateError, WsApi, function_arn,
};
use crate::{connections, control, front, http, secrets, ws};

/// Where everything is.
#[derive(Clone, Debug, Serialize)]
pub struct Ready {
    /// The site: pages, API and socket under one origin.
    pub page: String,
    /// The WebSocket API itself, with its stage; for whoever does not come through the site.
    pub ws_api: String,
    /// The HTTP API itself.
    pub http_api: String,
    /// Where `@connections` are served; functions are told it with the stage.
    pub connections: String,
    /// Faults, figures, log.
    pub control: String,
}

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file or a port.
    #[error("{what}: {cause}")]
    Io {
        /// Which.
        what: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// What the template or the settings ask for does not work.
    #[error("{0}")]
    Wrong(String),
}

/// A running gateway. It ends with [`Gateway::stop`]; dropped, it ends its processes too, without
/// waiting for them.
#[derive(Debug)]
pub struct Gateway {
    ready: Ready,
    core: Arc<Core>,
    serving: JoinSet<()>,
}

/// What every part needs.
#[derive(Debug)]
pub struct Core {
    pub region: String,
    pub limits: Limits,
    pub functions: BTreeMap<String, Arc<Function>>,
    pub http: Option<HttpApi>,
    pub ws: Option<WsApi>,
    pub connections: Connections,
    pub mischief: Mischief,
    pub ledger: Ledger,
}

impl Gateway {
    /// Starts.
    ///
    /// # Errors
    /// When a port is taken, a file is missing, or the template would not answer.
    pub async fn start(mut settings: Settings) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(&settings.template)
            .map_err(io(&settings.template.display().to_string()))?;
        let house = House::read(&text, &settings.deployment)?;
        if let Some(endpoint) = &settings.endpoint {
            // Buckets are reached there, by path.
            let buckets = house.buckets.iter().cloned();
            settings
                .rewrites
                .extend(buckets.map(|origin| (origin, endpoint.clone())));
        }
        let free = SocketAddr::new(settings.listen.ip(), 0);
        let site_port = bind(settings.listen).await?;
        let [ws_port, http_port, connections_port, control_port] = [
            bind(free).await?,
            bind(free).await?,
            bind(free).await?,
            bind(free).await?,
        ];
        let stage = house.ws.as_ref().map_or("", |api| api.stage.as_str());
        let ready = Ready {
            page: format!("http://{}", address(&site_port)?),
            ws_api: format!("ws://{}/{stage}", address(&ws_port)?),
            http_api: format!("http://{}", address(&http_port)?),
            connections: format!("http://{}", address(&connections_port)?),
            control: format!("http://{}", address(&control_port)?),
        };
        let functions = functions(&settings, &house, &ready)?;
        let mut site = house.site;
        if let Some(site) = &mut site {
            finish_site(site, &settings).await?;
        }
        let core = Arc::new(Core {
            region: settings.deployment.region.clone(),
            limits: settings.limits,
            functions,
            http: house.http,
            ws: house.ws,
            connections: Connections::default(),
            mischief: Mischief::default(),
            ledger: Ledger::default(),
        });
        let front = front::Front::new(site, settings.page_dir.clone(), &core, &ready);
        let front = Arc::new(front);
        let mut serving = JoinSet::new();
        serving.spawn(listen::serve(site_port, move |request, peer| {
            let front = front.clone();
            async move { front.answer(request, peer).await }
        }));
        let part = core.clone();
        serving.spawn(listen::serve(ws_port, move |request, peer| {
            ws::handshake(part.clone(), request, peer)
        }));
        let part = core.clone();
        serving.spawn(listen::serve(http_port, move |request, peer| {
            http::answer(part.clone(), request, peer)
        }));
        let part = core.clone();
        serving.spawn(listen::serve(connections_port, move |request, _| {
            connections::answer(part.clone(), request)
        }));
        let part = core.clone();
        serving.spawn(listen::serve(control_port, move |request, _| {
            control::answer(part.clone(), request)
        }));
        Ok(Self {
            ready,
            core,
            serving,
        })
    }

    /// Where everything is.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Closes everything and ends the functions' processes.
    pub async fn stop(&mut self) {
        self.serving.shutdown().await;
        for function in self.core.functions.values() {
            function.stop().await;
        }
    }
}

impl Core {
    /// Invokes a route's function, within its limit, and keeps an entry of it.
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
                    .integrate(event, limit, &self.mischief, &route.key)
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

    /// A function by logical id or binary.
    pub fn function(&self, name: &str) -> Option<&Arc<Function>> {
        self.functions
            .values()
            .find(|function| function.names().contains(&name))
    }
}

fn functions(
    settings: &Settings,
    house: &House,
    ready: &Ready,
) -> Result<BTreeMap<String, Arc<Function>>, Failure> {
    let mut functions = BTreeMap::new();
    for (name, spec) in &house.functions {
        let recipe = recipe(settings, house, ready, spec)?;
        functions.insert(name.clone(), Arc::new(Function::new(recipe)));
    }
    Ok(functions)
}

fn recipe(
    settings: &Settings,
    house: &House,
    ready: &Ready,
    spec: &FunctionSpec,
) -> Result<Recipe, Failure> {
    let path = settings.bin_dir.join(&spec.binary);
    let path = path
        .canonicalize()
        .map_err(io(&format!("{}: {}", spec.name, path.display())))?;
    let log = settings.logs.as_ref();
    Ok(Recipe {
        environment: environment(settings, house, ready, spec)?,
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

/// What a function's process finds: Lambda's own variables, the template's, and what is said beside
/// it.
fn environment(
    settings: &Settings,
    house: &House,
    ready: &Ready,
    spec: &FunctionSpec,
) -> Result<BTreeMap<String, String>, Failure> {
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
            "WS_ENDPOINT" => Some(pushes(house, ready, spec, value)?),
            _ => None,
        };
        let value = match (settings.env.get(name), ours, value) {
            (Some(given), _, _) => given.clone(),
            (None, Some(ours), _) => ours,
            (None, None, Ok(value)) => rewritten(value, &settings.rewrites),
            (None, None, Err(cause)) => {
                return Err(Failure::Template(TemplateError::Unresolved {
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

/// Where a function finds `@connections`. The template's own value is checked, since a wrong one is
/// found nowhere else.
fn pushes(
    house: &House,
    ready: &Ready,
    spec: &FunctionSpec,
    value: &Result<String, crate::template::Unresolved>,
) -> Result<String, Failure> {
    let Some(api) = &house.ws else {
        return Err(Failure::Wrong(format!(
            "{} has WS_ENDPOINT, and there is no WebSocket API",
            spec.name
        )));
    };
    let right = format!("https://{}/{}", api.domain, api.stage);
    match value {
        Ok(value) if *value != right => Err(Failure::Wrong(format!(
            "{}: WS_ENDPOINT is {value}, and the WebSocket API's stage is at {right}",
            spec.name
        ))),
        _ => Ok(format!("{}/{}", ready.connections, api.stage)),
    }
}

/// Rewrites the content policy, and fetches secrets that headers towards origins name.
async fn finish_site(site: &mut Site, settings: &Settings) -> Result<(), Failure> {
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
                .map_err(|cause| Failure::Wrong(format!("header {name}: {cause}")))?;
        }
    }
    Ok(())
}

fn rewritten(text: &str, rewrites: &[(String, String)]) -> String {
    rewrites
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(io(&address.to_string()))
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(io("listener"))
}

fn io(what: &str) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let what = what.to_owned();
    |cause| Failure::Io { what, cause }
}

/// `host:port` of a URL of ours.
#[must_use]
pub fn authority(url: &str) -> String {
    let uri: Result<Uri, _> = url.parse();
    uri.ok()
        .and_then(|uri| Some(uri.authority()?.to_string()))
        .unwrap_or_default()
}
