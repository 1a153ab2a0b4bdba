//! Options as a section of a file.

use super::{Options, Value};
use crate::error::Result;
use crate::section::Section;

/// Values that were the only ones before the options came to be, and are not their defaults.
const BEFORE: [(&str, &str); 2] = [("training", "all"), ("transport", "map")];

impl Options {
    /// Saves every option with its value, set or default.
    pub fn save(&self, into: &mut Section) {
        for (name, value) in self.iter() {
            match value {
                Value::Real(value) => into.set_f64(name, value),
                Value::Integer(value) => into.set_i64(name, value),
                Value::Text(value) => into.set_text(name, value),
                // An empty list, an automatic choice, is an error to some readers of files.
                Value::Reals(values) if values.is_empty() => {}
                Value::Integers(values) if values.is_empty() => {}
                Value::Reals(values) => into.set_list(name, values),
                Value::Integers(values) => into.set_integers(name, values),
            }
        }
    }

    /// Takes back what [`save`](Self::save) saved. Options that the section does not have are
    /// as they would have been then, or else their defaults: it is older than they are.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if an entry is of another kind than its option, and
    /// [`Option`](crate::ErrorKind::Option) if its value is not accepted.
    pub fn load(from: &Section) -> Result<Self> {
        let mut options = Self::new();
        for (name, default) in Self::new().iter() {
            let is_there = match default {
                Value::Text(_) => from.has_text(name),
                _ => from.has(name),
            };
            if !is_there {
                if let Some((_, word)) = BEFORE.iter().find(|(option, _)| *option == name) {
                    options.set(name, *word)?;
                }
                continue;
            }
            let value = match default {
                Value::Real(_) => Value::Real(from.get_f64(name)?),
                Value::Integer(_) => Value::Integer(from.get_i64(name)?),
                Value::Text(_) => Value::Text(from.get_text(name)?.to_owned()),
                Value::Reals(_) => Value::Reals(from.get_list(name)?.to_vec()),
                Value::Integers(_) => Value::Integers(from.get_integers(name)?.to_vec()),
            };
            options.set(name, value)?;
        }
        Ok(options)
    }
}
