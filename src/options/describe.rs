//! The option table as JSON, for bindings, manuals and graphical front ends.

use super::{Kind, TABLE, is_live};
use serde_json::{Value, json};

/// The options as a JSON array of objects with `name`, `type`, `default`, `help`, `live` (whether
/// it may be changed in a run) and either `minimum` and `maximum` or `choices`.
#[must_use]
pub fn describe() -> String {
    let options: Vec<Value> = TABLE
        .iter()
        .map(|spec| {
            let mut entry = json!({
                "name": spec.name, "type": spec.kind.name(), "help": spec.help,
                "live": is_live(spec.name),
            });
            let mut put = |key: &str, value: Value| entry[key] = value;
            match spec.kind {
                Kind::Real { default, min, max } => {
                    put("default", json!(default));
                    put("minimum", json!(min));
                    put("maximum", json!(max));
                }
                Kind::Integer { default, min, max } => {
                    put("default", json!(default));
                    put("minimum", json!(min));
                    put("maximum", json!(max));
                }
                Kind::Text { choices } => {
                    put("default", json!(choices.first()));
                    put("choices", json!(choices));
                }
                Kind::Reals { default, min, max } => {
                    put("default", json!(default));
                    put("minimum", json!(min));
                    put("maximum", json!(max));
                }
                Kind::Integers { default, min, max } => {
                    put("default", json!(default));
                    put("minimum", json!(min));
                    put("maximum", json!(max));
                }
            }
            entry
        })
        .collect();
    Value::Array(options).to_string()
}
