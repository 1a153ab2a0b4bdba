//! Loading a plugin, and the entry as a whole.

use std::error::Error;
use std::ffi::CStr;
use std::mem;
use std::path::Path;

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use movimento_abi as abi;
use movimento_contract::{Entry, driver};

use super::channel::Channel;
use crate::protocol::{Event, Offer};

/// The most energies that the library takes.
const MOST: u32 = 4096;

/// Checks the entry and says which energies there are.
pub fn check(plugin: &Path, channel: &Channel) {
    match load(plugin, channel) {
        Err(why) => channel.fail(why),
        Ok(entry) => {
            let raw = entry.as_raw();
            channel.send(&Event::Abi(format!("{}.{}", raw.abi_major, raw.abi_minor)));
            if let Err(why) = offers(entry, channel) {
                channel.fail(why);
            }
        }
    }
}

/// The entry of the plugin, whose version, size and slots are looked at.
pub fn load(plugin: &Path, channel: &Channel) -> Result<&'static Entry, String> {
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
    if entry.is_null() || !entry.is_aligned() {
        return Err("the entry is NULL or misaligned".to_owned());
    }
    // SAFETY: every entry of every version starts with these fields.
    let (major, minor, size) = unsafe {
        (
            (&raw const (*entry).abi_major).read(),
            (&raw const (*entry).abi_minor).read(),
            (&raw const (*entry).struct_size).read(),
        )
    };
    if major != abi::ABI_MAJOR {
        return Err(format!(
            "built for version {major}.{minor} of the plugin ABI; {}.x is needed",
            abi::ABI_MAJOR
        ));
    }
    let least = mem::size_of::<abi::PluginEntry>() as u64;
    if size < least {
        return Err(format!("struct_size of the entry is {size}, not {least}"));
    }
    // SAFETY: it is as large as the structure and is never unloaded. Its promises are what the
    // checks are about: this process may die of them.
    let entry = unsafe { Entry::from_raw(&*entry) };
    let raw = entry.as_raw();
    for (slot, missing) in [
        ("descriptor_count", raw.descriptor_count.is_none()),
        ("descriptor", raw.descriptor.is_none()),
        ("create", raw.create.is_none()),
        ("destroy", raw.destroy.is_none()),
        ("get_extension", raw.get_extension.is_none()),
    ] {
        if missing {
            return Err(format!("the slot `{slot}` of the entry is NULL"));
        }
    }
    Ok(entry)
}

fn offers(entry: &'static Entry, channel: &Channel) -> Result<(), String> {
    channel.trying("reading the descriptors");
    let count = driver::count(entry);
    if count == 0 || count > MOST {
        return Err(format!(
            "it offers {count} energies; 1 to {MOST} are accepted"
        ));
    }
    let mut ids: Vec<String> = Vec::new();
    for index in 0..count {
        let descriptor = driver::descriptor(entry, index)
            .ok_or_else(|| format!("descriptor({index}) is NULL; there are {count} energies"))?;
        let (size, least) = (descriptor.struct_size, mem::size_of::<abi::Descriptor>());
        if size < least as u64 {
            return Err(format!(
                "struct_size of descriptor {index} is {size}, not {least}"
            ));
        }
        let id = driver::id(entry, index).unwrap_or_else(|| format!("energy {index}"));
        if ids.contains(&id) {
            return Err(format!("it offers the energy `{id}` twice"));
        }
        // SAFETY: the entry's promise: a static text; NULL is looked out for.
        let formula = (!descriptor.formula.is_null())
            .then(|| unsafe { CStr::from_ptr(descriptor.formula) }.to_string_lossy());
        let parameters = match descriptor.parameters.is_null() {
            true => Vec::new(),
            false => driver::parameters(descriptor),
        };
        channel.send(&Event::Offer(Offer {
            index,
            id: id.clone(),
            formula: formula.unwrap_or_default().into_owned(),
            parameters: parameters.into_iter().map(driver::name).collect(),
        }));
        ids.push(id);
    }
    if driver::descriptor(entry, count).is_some() {
        return Err(format!(
            "descriptor({count}) is not NULL, past the last energy"
        ));
    }
    channel.pass(format!("it offers {}", ids.join(", ")));
    Ok(())
}

fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
