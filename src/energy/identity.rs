//! Identities of energies: a run that is resumed must find the same ones.

use super::{Energy, Origin};
use crate::error::Result;
use crate::section::Section;
use movimento_abi as abi;

/// Plugin that an energy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginIdentity {
    /// The version of the energy.
    pub version: String,
    /// The version of the plugin interface it was built for, such as 1.0.
    pub abi: String,
    /// The fingerprint of the plugin's file.
    pub file: String,
}

/// An energy by name, origin and parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The plugin's id, or the name its maker gave it.
    pub name: String,
    /// The plugin; `None` for an energy of the host.
    pub plugin: Option<PluginIdentity>,
    /// The parameters, sorted by name.
    pub parameters: Vec<(String, Vec<f64>)>,
    /// What part of the boundary it is on; `None` in the domain.
    pub place: Option<String>,
}

impl Identity {
    /// The same energy on a part of the boundary.
    #[must_use]
    pub(crate) fn at(mut self, place: String) -> Self {
        self.place = Some(place);
        self
    }

    /// Saves the identity: text `name`, of a plugin `version`, `abi` and `file`, on the boundary
    /// `place`; a list for each parameter.
    pub fn save(&self, into: &mut Section) {
        into.set_text("name", self.name.as_str());
        if let Some(place) = &self.place {
            into.set_text("place", place.as_str());
        }
        if let Some(plugin) = &self.plugin {
            into.set_text("version", plugin.version.as_str());
            into.set_text("abi", plugin.abi.as_str());
            into.set_text("file", plugin.file.as_str());
        }
        for (name, values) in &self.parameters {
            into.set_list(name, values.as_slice());
        }
    }

    /// Takes back what [`save`](Self::save) saved.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if an entry is missing or not as it was saved.
    pub fn load(from: &Section) -> Result<Self> {
        let text = |name| from.get_text(name).map(str::to_owned);
        let plugin = match from.has_text("file") {
            true => Some(PluginIdentity {
                version: text("version")?,
                abi: text("abi")?,
                file: text("file")?,
            }),
            false => None,
        };
        let parameters = from.entries().map(|(name, _)| {
            let values = from.get_list(name)?;
            Ok((name.to_owned(), values.to_vec()))
        });
        let mut parameters: Vec<_> = parameters.collect::<Result<_>>()?;
        parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self {
            name: text("name")?,
            plugin,
            parameters,
            place: match from.has_text("place") {
                true => Some(text("place")?),
                false => None,
            },
        })
    }
}

impl Energy {
    /// The identity of this energy.
    #[must_use]
    pub fn identity(&self) -> Identity {
        // In printable ASCII and of a length that any file can hold.
        let name = self.name.escape_default().take(256).collect();
        let Origin::Plugin(energy, values) = &self.origin else {
            return Identity {
                name,
                plugin: None,
                parameters: Vec::new(),
                place: None,
            };
        };
        let (plugin, energy) = (energy.plugin(), energy.descriptor());
        let parameters = energy.parameters.iter().zip(values);
        let parameters = parameters.map(|(known, values)| (known.name.clone(), values.clone()));
        let mut parameters: Vec<_> = parameters.collect();
        parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
        Identity {
            name,
            plugin: Some(PluginIdentity {
                version: energy.version.escape_default().take(256).collect(),
                abi: format!("{}.{}", abi::ABI_MAJOR, plugin.abi_minor()),
                file: plugin.fingerprint().to_string(),
            }),
            parameters,
            place: None,
        }
    }
}
