//! Evaluates the expressions of a template.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::attributes::{self, ACCOUNT};

/// An expression without a value: names what it lacks, as the template writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unresolved(pub String);

/// The facts about a deployment that its template does not contain.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// Region, such as `eu-central-1`.
    pub region: String,
    /// Parameters with a value other than their default, and pseudo parameters such as
    /// `AWS::StackId`.
    pub parameters: BTreeMap<String, String>,
    /// Physical ids of resources by logical id.
    pub physical: BTreeMap<String, String>,
}

/// Evaluates expressions of one template.
#[derive(Clone, Copy, Debug)]
pub struct Resolver<'a> {
    /// The whole template, in long forms.
    pub template: &'a Value,
    /// What was deployed.
    pub deployment: &'a Deployment,
}

impl<'a> Resolver<'a> {
    /// Returns the value of an expression. `AWS::NoValue` is null and is dropped from lists and
    /// maps.
    ///
    /// # Errors
    /// When it needs a value that is not known here.
    pub fn value(&self, expression: &Value) -> Result<Value, Unresolved> {
        match expression {
            Value::Object(map) => match call(map) {
                Some((name, argument)) => self.call(name, argument),
                None => self.map(map),
            },
            Value::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.value(item)?);
                }
                values.retain(|value| !value.is_null());
                Ok(Value::Array(values))
            }
            plain => Ok(plain.clone()),
        }
    }

    /// Returns the value of an expression as text.
    ///
    /// # Errors
    /// As [`Self::value`], and when it is a list or a map.
    pub fn text(&self, expression: &Value) -> Result<String, Unresolved> {
        text_of(&self.value(expression)?)
    }

    /// Returns the resources that exist under this deployment's conditions.
    pub fn resources(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all = self.template.get("Resources").and_then(Value::as_object);
        let resolver = *self;
        all.into_iter()
            .flatten()
            .map(|(name, resource)| (name.as_str(), resource))
            .filter(move |(_, resource)| resolver.exists(resource))
    }

    /// Returns the resources of one type.
    pub fn of_type(&self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.resources()
            .filter(move |(_, resource)| type_of(resource) == kind)
    }

    /// Finds a resource by its logical id.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&'a Value> {
        self.template.get("Resources")?.get(name)
    }

    fn exists(&self, resource: &Value) -> bool {
        let condition = resource.get("Condition").and_then(Value::as_str);
        condition.is_none_or(|name| self.condition(name).unwrap_or(true))
    }

    fn map(&self, map: &Map<String, Value>) -> Result<Value, Unresolved> {
        let mut values = Map::new();
        for (key, expression) in map {
            let value = self.value(expression)?;
            if !value.is_null() || expression.is_null() {
                values.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(values))
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Value, Unresolved> {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap_or_default()),
            "Fn::GetAtt" => self.attribute(argument),
            "Fn::Sub" => self.substitute(argument),
            "Fn::Join" => self.join(argument),
            "Fn::Split" => self.split(argument),
            "Fn::Select" => self.select(argument),
            "Fn::If" => self.choose(argument),
            "Fn::FindInMap" => self.find_in_map(argument),
            "Condition" => Ok(Value::Bool(
                self.condition(argument.as_str().unwrap_or_default())?,
            )),
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                Ok(Value::Bool(self.test(name, argument)?))
            }
            other => Err(Unresolved(format!(
                "{other} is not supported by this gateway"
            ))),
        }
    }

    /// Whether a condition of the template holds.
    ///
    /// # Errors
    /// When the template has no condition of that name.
    pub fn condition(&self, name: &str) -> Result<bool, Unresolved> {
        let all = self.template.get("Conditions");
        let condition = all
            .and_then(|all| all.get(name))
            .ok_or_else(|| Unresolved(format!("no condition {name}")))?;
        self.holds(condition)
    }

    fn holds(&self, expression: &Value) -> Result<bool, Unresolved> {
        match self.value(expression)? {
            Value::Bool(holds) => Ok(holds),
            Value::String(text) if text == "true" => Ok(true),
            Value::String(text) if text == "false" => Ok(false),
            other => Err(Unresolved(format!("{other} is not a condition"))),
        }
    }

    fn test(&self, name: &str, argument: &Value) -> Result<bool, Unresolved> {
        let items = list(name, argument)?;
        match name {
            "Fn::Equals" => {
                let mut texts = Vec::new();
                for item in items {
                    texts.push(self.text(item)?);
                }
                Ok(texts.windows(2).all(|pair| pair.first() == pair.last()))
            }
            "Fn::Not" => Ok(!self.holds(items.first().unwrap_or(&Value::Null))?),
            "Fn::And" => {
                for item in items {
                    if !self.holds(item)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => {
                for item in items {
                    if self.holds(item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    fn reference(&self, name: &str) -> Result<Value, Unresolved> {
        if let Some(parameter) = self.parameter(name) {
            return parameter;
        }
        // The deployment may also give pseudo parameters, such as `AWS::StackId`.
        if let Some(given) = self.deployment.parameters.get(name) {
            return Ok(Value::String(given.clone()));
        }
        let region = &self.deployment.region;
        let pseudo = match name {
            "AWS::NoValue" => return Ok(Value::Null),
            "AWS::Region" => region.clone(),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => "sightline".to_owned(),
            "AWS::StackId" => format!(
                "arn:aws:cloudformation:{region}:{ACCOUNT}:stack/sightline/00000000-0000-0000-0000-000000000000"
            ),
            _ => return attributes::reference(self, name).map(Value::String),
        };
        Ok(Value::String(pseudo))
    }

    fn parameter(&self, name: &str) -> Option<Result<Value, Unresolved>> {
        let declared = self.template.get("Parameters")?.get(name)?;
        let given = self.deployment.parameters.get(name);
        let value = given
            .map(|given| Value::String(given.clone()))
            .or_else(|| declared.get("Default").cloned());
        let Some(value) = value else {
            return Some(Err(Unresolved(format!("parameter {name} has no value"))));
        };
        let is_list = declared
            .get("Type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind == "CommaDelimitedList" || kind.starts_with("List<"));
        Some(text_of(&value).map(|text| match is_list {
            true => text.split(',').map(|item| item.trim().to_owned()).collect(),
            false => Value::String(text),
        }))
    }

    fn attribute(&self, argument: &Value) -> Result<Value, Unresolved> {
        let parts = list("Fn::GetAtt", argument)?;
        let mut parts = parts.iter().filter_map(Value::as_str);
        let (Some(resource), Some(attribute)) = (parts.next(), parts.next()) else {
            return Err(Unresolved(format!("Fn::GetAtt of {argument}")));
        };
        attributes::attribute(self, resource, attribute).map(Value::String)
    }

    fn substitute(&self, argument: &Value) -> Result<Value, Unresolved> {
        let nothing = Value::Null;
        let (text, variables) = match argument {
            Value::Array(items) => (
                items.first().and_then(Value::as_str).unwrap_or_default(),
                items.get(1).unwrap_or(&nothing),
            ),
            other => (other.as_str().unwrap_or_default(), &nothing),
        };
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| Unresolved(format!("{text} has an open brace")))?;
            whole.push_str(before);
            whole.push_str(&self.variable(name, variables)?);
            rest = after;
        }
        whole.push_str(rest);
        Ok(Value::String(whole))
    }

    fn variable(&self, name: &str, variables: &Value) -> Result<String, Unresolved> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        if let Some(given) = variables.get(name) {
            return self.text(given);
        }
        match name.split_once('.') {
            Some((resource, attribute)) => attributes::attribute(self, resource, attribute),
            None => text_of(&self.reference(name)?),
        }
    }

    fn join(&self, argument: &Value) -> Result<Value, Unresolved> {
        let [separator, items] = pair("Fn::Join", argument)?;
        let separator = self.text(separator)?;
        let items = self.value(items)?;
        let mut texts = Vec::new();
        for item in list("Fn::Join", &items)? {
            texts.push(text_of(item)?);
        }
        Ok(Value::String(texts.join(&separator)))
    }

    fn split(&self, argument: &Value) -> Result<Value, Unresolved> {
        let [separator, text] = pair("Fn::Split", argument)?;
        let (separator, text) = (self.text(separator)?, self.text(text)?);
        Ok(text.split(&separator).map(str::to_owned).collect())
    }

    fn select(&self, argument: &Value) -> Result<Value, Unresolved> {
        let [at, items] = pair("Fn::Select", argument)?;
        let at = self.text(at)?.parse().unwrap_or(usize::MAX);
        let items = self.value(items)?;
        let item = items.get(at).cloned();
        item.ok_or_else(|| Unresolved(format!("Fn::Select finds nothing in {argument}")))
    }

    fn choose(&self, argument: &Value) -> Result<Value, Unresolved> {
        let items = list("Fn::If", argument)?;
        let [condition, yes, no] = items else {
            return Err(Unresolved(format!("Fn::If of {argument}")));
        };
        match self.condition(condition.as_str().unwrap_or_default())? {
            true => self.value(yes),
            false => self.value(no),
        }
    }

    fn find_in_map(&self, argument: &Value) -> Result<Value, Unresolved> {
        let mut at = self
            .template
            .get("Mappings")
            .ok_or_else(|| Unresolved("no mappings".to_owned()))?;
        for key in list("Fn::FindInMap", argument)?.iter().take(3) {
            let key = self.text(key)?;
            at = at
                .get(&key)
                .ok_or_else(|| Unresolved(format!("no {key} in the mapping")))?;
        }
        Ok(at.clone())
    }
}

/// Returns the type of a resource.
#[must_use]
pub fn type_of(resource: &Value) -> &str {
    resource
        .get("Type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Returns the function that a map calls, if it is a call.
fn call(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next()?;
    // `Condition` stands beside others in IAM statements; alone and with a name it is a call.
    let is_call =
        name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string());
    (map.len() == 1 && is_call).then_some((name.as_str(), argument))
}

fn list<'v>(name: &str, argument: &'v Value) -> Result<&'v [Value], Unresolved> {
    argument
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| Unresolved(format!("{name} of {argument}")))
}

fn pair<'v>(name: &str, argument: &'v Value) -> Result<[&'v Value; 2], Unresolved> {
    match list(name, argument)? {
        [first, second] => Ok([first, second]),
        _ => Err(Unresolved(format!("{name} of {argument}"))),
    }
}

fn text_of(value: &Value) -> Result<String, Unresolved> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Null => Ok(String::new()),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Ok(texts.join(","))
        }
        other => Err(Unresolved(format!("{other} is not text"))),
    }
}
