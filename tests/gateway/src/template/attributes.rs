//! The values of `Ref` and `GetAtt`. Resources that this gateway emulates are named after their
//! logical id; resources that hold data exist elsewhere, and the deployment gives their physical
//! id.

use super::resolve::{Resolver, Unresolved, type_of};

/// The account of this deployment.
pub const ACCOUNT: &str = "000000000000";

/// Returns `Ref` of a resource.
pub fn reference(resolver: &Resolver<'_>, name: &str) -> Result<String, Unresolved> {
    // SAM's own: `Ref: InviteFunction.Alias`.
    if let Some((function, "Alias" | "Version")) = name.split_once('.') {
        return attribute(resolver, function, "Arn");
    }
    let Some(resource) = resolver.resource(name) else {
        return Err(Unresolved(format!("{name} is not in the template")));
    };
    match type_of(resource) {
        "AWS::ApiGatewayV2::Api" => Ok(api_id(name)),
        "AWS::ApiGatewayV2::Stage" => resolver.text(&resource["Properties"]["StageName"]),
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => Ok(name.to_owned()),
        kind if is_emulated(kind) => Ok(name.to_owned()),
        _ => physical(resolver, name, "Ref"),
    }
}

/// Returns `GetAtt` of a resource.
pub fn attribute(
    resolver: &Resolver<'_>,
    name: &str,
    attribute: &str,
) -> Result<String, Unresolved> {
    let Some(resource) = resolver.resource(name) else {
        return Err(Unresolved(format!("{name} is not in the template")));
    };
    let region = &resolver.deployment.region;
    let id = || physical(resolver, name, attribute);
    match (type_of(resource), attribute) {
        ("AWS::Serverless::Function" | "AWS::Lambda::Function", "Arn") => {
            Ok(function_arn(region, name))
        }
        ("AWS::ApiGatewayV2::Api", "ApiId") => Ok(api_id(name)),
        ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => {
            let is_ws = resource["Properties"]["ProtocolType"] == "WEBSOCKET";
            let scheme = if is_ws { "wss" } else { "https" };
            Ok(format!("{scheme}://{}", api_domain(&api_id(name), region)))
        }
        ("AWS::CloudFront::Function", "FunctionARN") => Ok(name.to_owned()),
        ("AWS::CloudFront::Distribution", "DomainName") => Ok(site_domain(name)),
        ("AWS::S3::Bucket", "Arn") => Ok(format!("arn:aws:s3:::{}", id()?)),
        ("AWS::S3::Bucket", "DomainName") => Ok(format!("{}.s3.amazonaws.com", id()?)),
        ("AWS::S3::Bucket", "RegionalDomainName") => {
            Ok(format!("{}.s3.{region}.amazonaws.com", id()?))
        }
        ("AWS::DynamoDB::Table", "Arn") => Ok(format!(
            "arn:aws:dynamodb:{region}:{ACCOUNT}:table/{}",
            id()?
        )),
        // A queue's physical id is its URL, which ends with its name.
        ("AWS::SQS::Queue", "Arn") => {
            let url = id()?;
            let queue = url.rsplit('/').next().unwrap_or_default();
            Ok(format!("arn:aws:sqs:{region}:{ACCOUNT}:{queue}"))
        }
        ("AWS::SecretsManager::Secret", "Id") | ("AWS::Cognito::UserPool", "UserPoolId") => id(),
        ("AWS::Cognito::UserPoolClient", "ClientId") => id(),
        ("AWS::Cognito::UserPool", "ProviderURL") => Ok(format!(
            "https://cognito-idp.{region}.amazonaws.com/{}",
            id()?
        )),
        ("AWS::Cognito::UserPool", "ProviderName") => {
            Ok(format!("cognito-idp.{region}.amazonaws.com/{}", id()?))
        }
        (kind, "Id") if is_emulated(kind) => Ok(name.to_owned()),
        ("AWS::IAM::Role", "Arn") => Ok(format!("arn:aws:iam::{ACCOUNT}:role/{name}")),
        (kind, _) => Err(Unresolved(format!(
            "{attribute} of {name} ({kind}) is not known here"
        ))),
    }
}

/// Returns the id of an API, as in its domain name.
#[must_use]
pub fn api_id(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Returns the domain name of an API (execute-api endpoint).
#[must_use]
pub fn api_domain(id: &str, region: &str) -> String {
    format!("{id}.execute-api.{region}.amazonaws.com")
}

/// Returns the domain name of a distribution.
#[must_use]
pub fn site_domain(name: &str) -> String {
    format!("{}.cloudfront.net", name.to_ascii_lowercase())
}

/// Returns the ARN of a function.
#[must_use]
pub fn function_arn(region: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}")
}

/// Whether resources of a type exist only in this gateway.
fn is_emulated(kind: &str) -> bool {
    kind.starts_with("AWS::ApiGatewayV2::")
        || kind.starts_with("AWS::CloudFront::")
        || matches!(kind, "AWS::IAM::Role" | "AWS::Logs::LogGroup")
}

fn physical(resolver: &Resolver<'_>, name: &str, asked: &str) -> Result<String, Unresolved> {
    let known = resolver.deployment.physical.get(name);
    known.cloned().ok_or_else(|| {
        Unresolved(format!(
            "{asked} of {name} is not known: it is not among the deployed resources"
        ))
    })
}
