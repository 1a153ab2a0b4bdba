//! Loading a plugin, and the entry as a whole.

use std::error::Error;
use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use movimento_abi as abi;
use movimento_contract::descriptor::{outline, require_new};
use movimento_contract::{EnergyDescriptor, Functions};

use super::channel::Channel;
use crate::options::Options;
use crate::protocol::{Event, Offer};

/// Checks the entry and says which energies there are.
pub fn check(options: &Options, channel: &Channel) {
    let checked = load(&options.plugin, channel).and_then(|functions| {
        let minor = functions.abi_minor();
        channel.send(&Event::Abi(format!("{}.{minor}", abi::ABI_MAJOR)));
        offers(functions, channel)
    });
    if let Err(why) = checked {
        channel.fail(why);
    }
}

/// The functions of the plugin's entry, read as the library does.
pub fn load(plugin: &Path, channel: &Channel) -> Result<Functions, String> {
    channel.trying("loading the shared object");
    // SAFETY: what the plugin does when it is loaded, it does to this process, which is for that.
    let library = unsafe { Library::open(Some(plugin), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|error| format!("the dynamic loader says: {}", innermost(&error)))?;
    // SAFETY: only the address is taken.
    let symbol = unsafe { library.get::<*const abi::PluginEntry>(abi::ENTRY_SYMBOL.as_bytes()) };
    let symbol = symbol.map(|symbol| *symbol);
    let _for_good = library.into_raw();
    let missing = || format!("it does not export the symbol `{}`", abi::ENTRY_SYMBOL);
    let entry = symbol.map_err(|_| missing())?;
    // SAFETY: it is never unloaded. Its promises are what the checks are about: this process may
    // die of them.
    unsafe { Functions::read(entry) }
}

fn offers(functions: Functions, channel: &Channel) -> Result<(), String> {
    channel.trying("reading the descriptors");
    let mut ids: Vec<String> = Vec::new();
    for index in 0..functions.energy_count()? {
        let (id, formula) = outline(&functions, index)?;
        require_new(ids.iter().map(String::as_str), &id)?;
        // What else does not hold together is for the check of the descriptor to tell.
        let parameters = EnergyDescriptor::read(functions, index).map(|energy| energy.parameters);
        let parameters = parameters.unwrap_or_default().into_iter();
        channel.send(&Event::Offer(Offer {
            index,
            id: id.clone(),
            formula,
            parameters: parameters.map(|parameter| parameter.name).collect(),
        }));
        ids.push(id);
    }
    channel.pass(format!("it offers {}", ids.join(", ")));
    Ok(())
}

fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
