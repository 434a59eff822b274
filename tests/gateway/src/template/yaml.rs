//! Reads YAML with CloudFormation's short forms as plain JSON with the long ones.

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

/// Reads a template; `!Ref X` becomes `{"Ref": "X"}` and `!Sub` `{"Fn::Sub": …}`.
///
/// # Errors
/// When it is not YAML, or has a key that is not text.
pub fn read(text: &str) -> Result<Value, String> {
    let yaml: Yaml = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    json(yaml)
}

fn json(yaml: Yaml) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => number_of(&number)?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => {
            Value::Array(items.into_iter().map(json).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(pairs) => {
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| Ok((key_of(&key)?, json(value)?)));
            Value::Object(pairs.collect::<Result<Map<_, _>, String>>()?)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            long_form(tag.trim_start_matches('!'), json(tagged.value)?)
        }
    })
}

fn number_of(number: &serde_yaml_ng::Number) -> Result<Value, String> {
    let whole = number.as_i64().map(Value::from);
    whole
        .or_else(|| number.as_u64().map(Value::from))
        .or_else(|| number.as_f64().map(Value::from))
        .ok_or_else(|| format!("{number} is not a number"))
}

fn key_of(key: &Yaml) -> Result<String, String> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(value) => Ok(value.to_string()),
        other => Err(format!("{other:?} is not a key")),
    }
}

fn long_form(tag: &str, value: Value) -> Value {
    let name = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        other => format!("Fn::{other}"),
    };
    let value = match (tag, value) {
        // `!GetAtt Table.Arn`: a resource's name has no dot.
        ("GetAtt", Value::String(text)) => match text.split_once('.') {
            Some((resource, attribute)) => Value::from(vec![resource, attribute]),
            None => Value::String(text),
        },
        (_, value) => value,
    };
    Value::Object(Map::from_iter([(name, value)]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_are_read_as_long_ones() {
        let text = [
            "a: !Ref X",
            "b: !GetAtt Table.Arn",
            "c: !Sub ['${Y}/z', {Y: !Ref Z}]",
            "d: !If [Big, 2, 1.5]",
            "1: {on: true}",
        ];
        let read = read(&text.join("\n")).unwrap();
        let wanted = json!({
            "a": {"Ref": "X"},
            "b": {"Fn::GetAtt": ["Table", "Arn"]},
            "c": {"Fn::Sub": ["${Y}/z", {"Y": {"Ref": "Z"}}]},
            "d": {"Fn::If": ["Big", 2, 1.5]},
            "1": {"on": true},
        });
        assert_eq!(read, wanted);
    }
}
