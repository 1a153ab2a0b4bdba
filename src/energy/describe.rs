//! The descriptors of plugins as JSON, for bindings, manuals and graphical front ends.

use super::plugin::{Plugin, PluginEnergy};
use super::search;
use crate::error::Result;
use movimento_contract::ParameterDescriptor;
use serde_json::{Value, json};
use std::path::Path;

/// A JSON array with an object for each energy: the one with this id, those of the plugin in this
/// file (a text with a '/' or a '.' is a path), or all that are found.
///
/// # Errors
/// [`Plugin`](crate::ErrorKind::Plugin) if the id is not found or the file is refused.
pub fn describe(what: Option<&str>) -> Result<String> {
    let offers = match what {
        None => search::all(),
        Some(path) if path.contains(['/', '.']) => {
            Plugin::load(Path::new(path))?.energies().collect()
        }
        Some(id) => vec![search::find(id)?],
    };
    Ok(Value::Array(offers.iter().map(energy).collect()).to_string())
}

fn energy(offer: &PluginEnergy) -> Value {
    let energy = offer.descriptor();
    json!({
        "id": energy.id,
        "name": energy.name,
        "version": energy.version,
        "formula": energy.formula,
        "references": energy.references,
        "flags": energy.flag_names().collect::<Vec<_>>(),
        "extensions": energy.extensions,
        "parameters": energy.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "file": offer.plugin().path().to_string_lossy(),
    })
}

/// JSON has no infinity: an unbounded end of the range is null.
fn parameter(parameter: &ParameterDescriptor) -> Value {
    json!({
        "name": parameter.name,
        "type": parameter.kind.name(),
        "default": parameter.default,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "help": parameter.help,
    })
}
