//! Identities of energies: a run that is resumed must find the same ones.

use super::{Energy, Source};
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

/// Which energy, with which parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The plugin's id, or the name its maker gave it.
    pub name: String,
    /// The plugin; `None` for an energy of the host.
    pub plugin: Option<PluginIdentity>,
    /// The parameters, sorted by name.
    pub parameters: Vec<(String, Vec<f64>)>,
}

impl Energy {
    /// Which energy this is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        // In printable ASCII and of a length that any file can hold.
        let name = self.name.escape_default().take(256).collect();
        let Source::Plugin(energy, values) = &self.source else {
            return Identity {
                name,
                plugin: None,
                parameters: Vec::new(),
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
        }
    }
}
