//! The CloudFront distribution: origins, behaviours, and the headers it adds to answers.

use serde_json::Value;

use super::attributes::site_domain;
use super::edge::{self, EdgeFunction};
use super::resolve::Resolver;
use super::{TemplateError, at};

/// Managed origin request policy `AllViewerExceptHostHeader`.
const ALL_BUT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/// Managed origin request policy `AllViewer`.
const ALL_VIEWER: &str = "216adef6-5c7f-47e4-b989-5492eafa07d3";

/// The distribution.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its own domain name.
    pub domain: String,
    /// Key of the root object, if any.
    pub root: Option<String>,
    /// Its origins.
    pub origins: Vec<Origin>,
    /// Behaviours in the order of matching; the default one is the last and matches every path.
    pub behaviours: Vec<Behaviour>,
    /// Whether the distribution may list its bucket: a missing key then answers 404, otherwise 403.
    pub lists_bucket: bool,
}

/// One origin.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: OriginKind,
    /// `OriginPath`.
    pub path: String,
    /// Headers that are added to every request to it.
    pub headers: Vec<(String, String)>,
}

/// The kind of an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginKind {
    /// A bucket.
    Bucket,
    /// A server of this name.
    Server(String),
}

/// Which parts of a viewer's request the origin receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarding {
    /// Everything, and the origin's own host name.
    AllButHost,
    /// Everything, the viewer's host name included. API Gateway answers 403 to that.
    AllViewer,
    /// Neither cookies nor query nor headers.
    Nothing,
}

/// How requests for a path pattern are handled.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Pattern, such as `/api/*`; `*` for the default.
    pub pattern: String,
    /// Id of the origin.
    pub origin: String,
    /// Methods that are answered at all.
    pub methods: Vec<String>,
    /// Which parts of a request the origin receives.
    pub forwarding: Forwarding,
    /// Whether text is compressed.
    pub compress: bool,
    /// Headers of the response headers policy: name, value, and whether it wins over the origin's.
    pub headers: Vec<(String, String, bool)>,
    /// Headers it removes.
    pub removed: Vec<String>,
    /// What its functions do with a request.
    pub edges: Vec<EdgeFunction>,
}

/// Reads the distribution, if the template has one.
pub fn read(resolver: &Resolver<'_>) -> Result<Option<Site>, TemplateError> {
    let Some((name, resource)) = resolver.of_type("AWS::CloudFront::Distribution").next() else {
        return Ok(None);
    };
    let config = &resource["Properties"]["DistributionConfig"];
    if config.get("CustomErrorResponses").is_some() {
        return Err(TemplateError::Wrong(format!(
            "{name} has custom error responses, which would hide the API's own"
        )));
    }
    let mut origins = Vec::new();
    for origin in items(&config["Origins"]) {
        origins.push(read_origin(resolver, name, origin)?);
    }
    let mut behaviours = Vec::new();
    for behaviour in items(&config["CacheBehaviors"]) {
        behaviours.push(read_behaviour(resolver, name, behaviour)?);
    }
    behaviours.push(read_behaviour(
        resolver,
        name,
        &config["DefaultCacheBehavior"],
    )?);
    for behaviour in &behaviours {
        if !origins.iter().any(|origin| origin.id == behaviour.origin) {
            return Err(TemplateError::Wrong(format!(
                "{name}: {} goes to {}, which is not an origin",
                behaviour.pattern, behaviour.origin
            )));
        }
    }
    let root = match config.get("DefaultRootObject") {
        Some(key) => Some(at(name, "DefaultRootObject", resolver.text(key))?),
        None => None,
    };
    Ok(Some(Site {
        domain: site_domain(name),
        root,
        origins,
        behaviours,
        lists_bucket: lists_bucket(resolver),
    }))
}

fn read_origin(
    resolver: &Resolver<'_>,
    site: &str,
    origin: &Value,
) -> Result<Origin, TemplateError> {
    let text = |property: &str| at(site, property, resolver.text(&origin[property]));
    let kind = match origin.get("S3OriginConfig") {
        // Which bucket does not matter: its content is a folder here.
        Some(_) => OriginKind::Bucket,
        None => OriginKind::Server(text("DomainName")?),
    };
    let mut headers = Vec::new();
    for header in items(&origin["OriginCustomHeaders"]) {
        let name = at(site, "HeaderName", resolver.text(&header["HeaderName"]))?;
        let value = resolver.text(&header["HeaderValue"]);
        headers.push((name.to_ascii_lowercase(), at(site, "HeaderValue", value)?));
    }
    Ok(Origin {
        id: text("Id")?,
        kind,
        path: text("OriginPath")?,
        headers,
    })
}

fn read_behaviour(
    resolver: &Resolver<'_>,
    site: &str,
    behaviour: &Value,
) -> Result<Behaviour, TemplateError> {
    let text = |property: &str| at(site, property, resolver.text(&behaviour[property]));
    let pattern = match behaviour.get("PathPattern") {
        Some(_) => text("PathPattern")?,
        None => "*".to_owned(),
    };
    if !items(&behaviour["LambdaFunctionAssociations"]).is_empty() {
        return Err(TemplateError::Wrong(format!(
            "{site}: Lambda@Edge at {pattern} is not supported by this gateway"
        )));
    }
    let mut edges = Vec::new();
    for association in items(&behaviour["FunctionAssociations"]) {
        edges.push(edge::read(resolver, site, association)?);
    }
    let forwarding = match text("OriginRequestPolicyId")?.as_str() {
        "" => Forwarding::Nothing,
        ALL_BUT_HOST => Forwarding::AllButHost,
        ALL_VIEWER => Forwarding::AllViewer,
        other => {
            return Err(TemplateError::Wrong(format!(
                "{site}: origin request policy {other} of {pattern} is not supported by this gateway"
            )));
        }
    };
    let methods: Vec<String> = items(&behaviour["AllowedMethods"])
        .iter()
        .filter_map(|method| Some(method.as_str()?.to_owned()))
        .collect();
    let methods = match methods.is_empty() {
        true => vec!["GET".to_owned(), "HEAD".to_owned()],
        false => methods,
    };
    let policy = text("ResponseHeadersPolicyId")?;
    let (headers, removed) = response_headers(resolver, site, &policy)?;
    Ok(Behaviour {
        origin: text("TargetOriginId")?,
        compress: text("Compress")? == "true",
        pattern,
        methods,
        forwarding,
        headers,
        removed,
        edges,
    })
}

type Headers = (Vec<(String, String, bool)>, Vec<String>);

fn response_headers(
    resolver: &Resolver<'_>,
    site: &str,
    policy: &str,
) -> Result<Headers, TemplateError> {
    let mut headers = Vec::new();
    if policy.is_empty() {
        return Ok((headers, Vec::new()));
    }
    let resource = resolver.resource(policy).ok_or_else(|| {
        TemplateError::Wrong(format!(
            "{site}: response headers policy {policy} is not in the template"
        ))
    })?;
    let config = &resource["Properties"]["ResponseHeadersPolicyConfig"];
    let security = &config["SecurityHeadersConfig"];
    let mut add = |name: &str, section: &Value, value: String| {
        let wins = is_true(&section["Override"]);
        headers.push((name.to_ascii_lowercase(), value, wins));
    };
    for (section, property, header) in [
        (
            "ContentSecurityPolicy",
            "ContentSecurityPolicy",
            "content-security-policy",
        ),
        ("FrameOptions", "FrameOption", "x-frame-options"),
        ("ReferrerPolicy", "ReferrerPolicy", "referrer-policy"),
    ] {
        if let Some(section) = security.get(section) {
            let value = at(policy, property, resolver.text(&section[property]))?;
            add(header, section, value);
        }
    }
    if let Some(section) = security.get("ContentTypeOptions") {
        add("x-content-type-options", section, "nosniff".to_owned());
    }
    if let Some(section) = security.get("StrictTransportSecurity") {
        let age = &section["AccessControlMaxAgeSec"];
        let mut value = format!(
            "max-age={}",
            at(policy, "AccessControlMaxAgeSec", resolver.text(age))?
        );
        for (property, word) in [
            ("IncludeSubdomains", "; includeSubDomains"),
            ("Preload", "; preload"),
        ] {
            if is_true(&section[property]) {
                value.push_str(word);
            }
        }
        add("strict-transport-security", section, value);
    }
    for header in items(&config["CustomHeadersConfig"]["Items"]) {
        let name = at(policy, "Header", resolver.text(&header["Header"]))?;
        let value = at(policy, "Value", resolver.text(&header["Value"]))?;
        add(&name, header, value);
    }
    let mut removed = Vec::new();
    for header in items(&config["RemoveHeadersConfig"]["Items"]) {
        let name = at(policy, "Header", resolver.text(&header["Header"]))?;
        removed.push(name.to_ascii_lowercase());
    }
    Ok((headers, removed))
}

fn lists_bucket(resolver: &Resolver<'_>) -> bool {
    resolver
        .of_type("AWS::S3::BucketPolicy")
        .flat_map(|(_, resource)| items(&resource["Properties"]["PolicyDocument"]["Statement"]))
        .any(|statement| {
            statement["Effect"] == "Allow"
                && statement["Principal"]["Service"] == "cloudfront.amazonaws.com"
                && statement["Action"]
                    .to_string()
                    .contains("\"s3:ListBucket\"")
        })
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_true(value: &Value) -> bool {
    value == true || value == "true"
}
