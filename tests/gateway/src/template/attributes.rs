//! What `Ref` and `GetAtt` give for resources. What this gateway plays itself is named after the
//! logical id; what holds data was made elsewhere, and its physical id is told.

use super::resolve::{Resolver, Unresolved, type_of};

/// The account of this deployment.
pub const ACCOUNT: &str = "000000000000";

/// `Ref` of a resource.
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
        kind if played(kind) => Ok(name.to_owned()),
        _ => physical(resolver, name, "Ref"),
    }
}

/// `GetAtt` of a resource.
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
        ("AWS::SecretsManager::Secret", "Id") | ("AWS::Cognito::UserPool", "UserPoolId") => id(),
        ("AWS::Cognito::UserPoolClient", "ClientId") => id(),
        ("AWS::Cognito::UserPool", "ProviderURL") => Ok(format!(
            "https://cognito-idp.{region}.amazonaws.com/{}",
            id()?
        )),
        ("AWS::Cognito::UserPool", "ProviderName") => {
            Ok(format!("cognito-idp.{region}.amazonaws.com/{}", id()?))
        }
        (kind, "Id") if played(kind) => Ok(name.to_owned()),
        ("AWS::IAM::Role", "Arn") => Ok(format!("arn:aws:iam::{ACCOUNT}:role/{name}")),
        (kind, _) => Err(Unresolved(format!(
            "{attribute} of {name} ({kind}) is not known here"
        ))),
    }
}

/// An API's id, as it stands in its domain name.
#[must_use]
pub fn api_id(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Where an API is reached (execute-api endpoint).
#[must_use]
pub fn api_domain(id: &str, region: &str) -> String {
    format!("{id}.execute-api.{region}.amazonaws.com")
}

/// Where a distribution is reached.
#[must_use]
pub fn site_domain(name: &str) -> String {
    format!("{}.cloudfront.net", name.to_ascii_lowercase())
}

/// A function's ARN.
#[must_use]
pub fn function_arn(region: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{name}")
}

/// Types that exist nowhere but in this gateway's reading of the template.
fn played(kind: &str) -> bool {
    kind.starts_with("AWS::ApiGatewayV2::")
        || kind.starts_with("AWS::CloudFront::")
        || matches!(kind, "AWS::IAM::Role" | "AWS::Logs::LogGroup")
}

fn physical(resolver: &Resolver<'_>, name: &str, asked: &str) -> Result<String, Unresolved> {
    let known = resolver.deployment.physical.get(name);
    known.cloned().ok_or_else(|| {
        Unresolved(format!(
            "{asked} of {name} is not known: it is not among the resources that were made"
        ))
    })
}
