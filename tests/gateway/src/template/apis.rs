//! The two APIs with their stages, routes and integrations.

use std::time::Duration;

use serde_json::Value;

use super::attributes::{api_domain, api_id};
use super::permissions::Permissions;
use super::resolve::Resolver;
use super::{TemplateError, at};

/// A route and its function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Route key, such as `ANY /api/{proxy+}` or `$connect`.
    pub key: String,
    /// Logical id of the function.
    pub function: String,
    /// `TimeoutInMillis`, where the integration sets one.
    pub timeout: Option<Duration>,
    /// Whether a route response is defined, so that the function's `body` is sent to the client
    /// (WebSocket alone).
    pub answers: bool,
    /// Its throttle: its own in the stage, else the stage's default.
    pub throttle: Option<Throttle>,
}

/// A token bucket of API Gateway (HTTP API Developer Guide, "Throttle requests to your HTTP APIs").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Requests a second.
    pub rate: u32,
    /// Requests at once.
    pub burst: u32,
}

/// The HTTP API.
#[derive(Clone, Debug)]
pub struct HttpApi {
    /// Its id.
    pub id: String,
    /// Its domain name.
    pub domain: String,
    /// Name of its stage.
    pub stage: String,
    /// Its routes.
    pub routes: Vec<Route>,
}

/// A WebSocket API.
#[derive(Clone, Debug)]
pub struct WsApi {
    /// Its id.
    pub id: String,
    /// Its domain name.
    pub domain: String,
    /// Name of its stage.
    pub stage: String,
    /// Path of the route key in a message, below `$request.body`.
    pub selector: Vec<String>,
    /// Its routes.
    pub routes: Vec<Route>,
}

/// Reads the HTTP API, if the template has one.
pub fn http(resolver: &Resolver<'_>) -> Result<Option<HttpApi>, TemplateError> {
    let mut all = apis(resolver, "HTTP");
    let Some((name, _)) = all.next() else {
        return Ok(None);
    };
    if let Some((second, _)) = all.next() {
        return Err(TemplateError::Wrong(format!(
            "{second} is a second HTTP API; this gateway supports one"
        )));
    }
    let stage = Stage::of(resolver, name)?;
    let (id, region) = (api_id(name), &resolver.deployment.region);
    Ok(Some(HttpApi {
        domain: api_domain(&id, region),
        routes: routes(resolver, name, &stage)?,
        id,
        stage: stage.name,
    }))
}

/// Reads the WebSocket APIs. Each has a stage of another name, by which this gateway tells them
/// apart.
pub fn ws(resolver: &Resolver<'_>) -> Result<Vec<WsApi>, TemplateError> {
    let mut found: Vec<WsApi> = Vec::new();
    for (name, resource) in apis(resolver, "WEBSOCKET") {
        let api = ws_api(resolver, name, resource)?;
        if found.iter().any(|other| other.stage == api.stage) {
            return Err(TemplateError::Wrong(format!(
                "{name} has the same name of a stage as another API"
            )));
        }
        found.push(api);
    }
    Ok(found)
}

fn ws_api(resolver: &Resolver<'_>, name: &str, resource: &Value) -> Result<WsApi, TemplateError> {
    let stage = Stage::of(resolver, name)?;
    let expression = &resource["Properties"]["RouteSelectionExpression"];
    let expression = at(name, "RouteSelectionExpression", resolver.text(expression))?;
    let path = expression
        .trim_matches(['{', '}'])
        .trim_start_matches("${")
        .strip_prefix("$request.body.")
        .ok_or_else(|| {
            TemplateError::Wrong(format!(
                "{name}: route selection by {expression} is not supported by this gateway"
            ))
        })?;
    let (id, region) = (api_id(name), &resolver.deployment.region);
    Ok(WsApi {
        domain: api_domain(&id, region),
        selector: path.split('.').map(str::to_owned).collect(),
        routes: routes(resolver, name, &stage)?,
        id,
        stage: stage.name,
    })
}

fn apis<'a>(resolver: &Resolver<'a>, protocol: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    resolver
        .of_type("AWS::ApiGatewayV2::Api")
        .filter(move |(_, resource)| resource["Properties"]["ProtocolType"] == protocol)
}

/// The stage of an API.
struct Stage {
    name: String,
    usual: Option<Throttle>,
    /// By route key.
    own: Vec<(String, Option<Throttle>)>,
}

impl Stage {
    fn of(resolver: &Resolver<'_>, api: &str) -> Result<Self, TemplateError> {
        for (name, resource) in resolver.of_type("AWS::ApiGatewayV2::Stage") {
            if !belongs(resolver, name, resource, api)? {
                continue;
            }
            let properties = &resource["Properties"];
            let of = |settings| throttle(resolver, name, settings);
            let named = properties["RouteSettings"].as_object();
            let own = named.into_iter().flatten();
            return Ok(Self {
                name: at(name, "StageName", resolver.text(&properties["StageName"]))?,
                usual: of(&properties["DefaultRouteSettings"])?,
                own: own
                    .map(|(key, settings)| Ok((key.clone(), of(settings)?)))
                    .collect::<Result<_, TemplateError>>()?,
            });
        }
        Err(TemplateError::Wrong(format!("{api} has no stage")))
    }

    fn throttle(&self, key: &str) -> Option<Throttle> {
        let own = self.own.iter().find(|(named, _)| named == key);
        own.map_or(self.usual, |(_, throttle)| *throttle)
    }
}

fn throttle(
    resolver: &Resolver<'_>,
    stage: &str,
    settings: &Value,
) -> Result<Option<Throttle>, TemplateError> {
    if settings.get("ThrottlingRateLimit").is_none() {
        return Ok(None);
    }
    let number = |property: &str| {
        let text = at(stage, property, resolver.text(&settings[property]))?;
        text.parse().map_err(|_| {
            TemplateError::Wrong(format!("{stage}: {property} {text} is not a whole number"))
        })
    };
    Ok(Some(Throttle {
        rate: number("ThrottlingRateLimit")?,
        burst: number("ThrottlingBurstLimit")?,
    }))
}

fn belongs(
    resolver: &Resolver<'_>,
    name: &str,
    resource: &Value,
    api: &str,
) -> Result<bool, TemplateError> {
    let of = at(
        name,
        "ApiId",
        resolver.text(&resource["Properties"]["ApiId"]),
    )?;
    Ok(of == api_id(api))
}

fn routes(resolver: &Resolver<'_>, api: &str, stage: &Stage) -> Result<Vec<Route>, TemplateError> {
    let permissions = Permissions::read(resolver)?;
    let mut routes = Vec::new();
    for (name, resource) in resolver.of_type("AWS::ApiGatewayV2::Route") {
        if !belongs(resolver, name, resource, api)? {
            continue;
        }
        let properties = &resource["Properties"];
        let key = at(name, "RouteKey", resolver.text(&properties["RouteKey"]))?;
        let kind = properties["AuthorizationType"].as_str().unwrap_or("NONE");
        if kind != "NONE" {
            return Err(TemplateError::Wrong(format!(
                "{name}: authorization {kind} is not supported by this gateway"
            )));
        }
        let target = at(name, "Target", resolver.text(&properties["Target"]))?;
        let integration = target.strip_prefix("integrations/").unwrap_or_default();
        let (function, timeout) = integration_of(resolver, name, integration)?;
        if !permissions.allows(&function, &api_id(api), &stage.name, &key) {
            return Err(TemplateError::Wrong(format!(
                "{name}: nothing permits {api} to invoke {function} for {key}"
            )));
        }
        routes.push(Route {
            answers: answers(resolver, name)?,
            throttle: stage.throttle(&key),
            key,
            function,
            timeout,
        });
    }
    // API Gateway does not make such a stage.
    let unknown = |key: &str| !routes.iter().any(|route: &Route| route.key == key);
    match stage.own.iter().find(|(key, _)| unknown(key)) {
        Some((key, _)) => Err(TemplateError::Wrong(format!(
            "the stage of {api} has settings of {key}, which is not a route"
        ))),
        None => Ok(routes),
    }
}

/// Returns the function of an integration, and its time limit if it sets one.
fn integration_of(
    resolver: &Resolver<'_>,
    route: &str,
    name: &str,
) -> Result<(String, Option<Duration>), TemplateError> {
    let wrong = |what: &str| TemplateError::Wrong(format!("{route}: {name} {what}"));
    let resource = resolver
        .resource(name)
        .ok_or_else(|| wrong("is not an integration"))?;
    let properties = &resource["Properties"];
    if properties["IntegrationType"] != "AWS_PROXY" {
        return Err(wrong("is not an AWS_PROXY integration"));
    }
    let version = at(
        name,
        "PayloadFormatVersion",
        resolver.text(&properties["PayloadFormatVersion"]),
    )?;
    let api = at(name, "ApiId", resolver.text(&properties["ApiId"]))?;
    let is_http = resolver
        .of_type("AWS::ApiGatewayV2::Api")
        .any(|(id, api_of)| api_id(id) == api && api_of["Properties"]["ProtocolType"] == "HTTP");
    if is_http && version != "2.0" {
        return Err(wrong("has a payload format other than 2.0"));
    }
    let uri = at(
        name,
        "IntegrationUri",
        resolver.text(&properties["IntegrationUri"]),
    )?;
    // Either the function's ARN, or the ARN of its invocation, which ends in `/invocations`; both
    // with an alias or without.
    let function = uri
        .split_once(":function:")
        .map(|(_, rest)| rest.split([':', '/']).next().unwrap_or_default())
        .ok_or_else(|| wrong("names no function"))?;
    let timeout = properties["TimeoutInMillis"].as_u64();
    Ok((function.to_owned(), timeout.map(Duration::from_millis)))
}

fn answers(resolver: &Resolver<'_>, route: &str) -> Result<bool, TemplateError> {
    for (name, resource) in resolver.of_type("AWS::ApiGatewayV2::RouteResponse") {
        let of = &resource["Properties"]["RouteId"];
        if at(name, "RouteId", resolver.text(of))? == route {
            return Ok(true);
        }
    }
    Ok(false)
}
