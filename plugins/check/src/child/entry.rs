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
    channel.trying("reading the shared object");
    let bytes = std::fs::read(plugin).map_err(|error| error.to_string())?;
    if asks_for_executable_stack(&bytes) {
        return Err(
            "it asks for an executable stack, with which newer systems do not load it: link it without -z execstack, \
             and give files of assembler a section .note.GNU-stack"
                .to_owned(),
        );
    }
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

/// Whether an ELF file of 64 bits in the machine's byte order has a header that says so.
fn asks_for_executable_stack(file: &[u8]) -> bool {
    const GNU_STACK: u32 = 0x6474_e551;
    const EXECUTABLE: u32 = 1;
    let word = |at: usize| Some(u32::from_ne_bytes(*file.get(at..)?.first_chunk()?));
    let half = |at: usize| Some(u16::from_ne_bytes(*file.get(at..)?.first_chunk()?));
    let start = file.get(32..).and_then(|it| it.first_chunk());
    let start = start.map(|it| u64::from_ne_bytes(*it));
    let (Some(start), Some(size), Some(count)) = (start, half(54), half(56)) else {
        return false;
    };
    let Ok(start) = usize::try_from(start) else {
        return false;
    };
    file.starts_with(b"\x7fELF\x02")
        && (0..usize::from(count)).any(|header| {
            let at = start.saturating_add(header * usize::from(size));
            let flags = at.checked_add(4).and_then(word);
            word(at) == Some(GNU_STACK) && flags.is_some_and(|flags| flags & EXECUTABLE != 0)
        })
}

fn innermost(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}
