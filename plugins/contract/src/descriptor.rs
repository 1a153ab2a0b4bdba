//! The descriptors of a plugin, read and checked: what the library accepts is decided here, for
//! the library itself, for `movimento-check` and for the plugin's own tests.

use std::ffi::{CStr, c_char, c_void};

use movimento_abi as abi;

use crate::Functions;
use crate::capability::{CAPABILITIES, Capability, TableKind};
use crate::parameter::ParameterDescriptor;
use crate::sized;

/// The flags of a descriptor and their names in descriptions.
pub const FLAGS: [(u32, &str); 5] = [
    (abi::USES_GRADIENT, "uses-gradient"),
    (abi::USES_POSITION, "uses-position"),
    (abi::SECOND_DERIVATIVES, "second-derivatives"),
    (abi::CONVEX, "convex"),
    (abi::USES_TIME, "uses-time"),
];

/// The most parameters that an energy may have, and the most tables.
const MOST_PARAMETERS: u32 = 1024;
const MOST_EXTENSIONS: usize = 64;

/// One energy of a plugin, as its descriptor declares it. What can be relied on has been checked.
#[derive(Debug)]
pub struct EnergyDescriptor {
    /// The key that a user asks for, such as `dirichlet`.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The version of the energy.
    pub version: String,
    /// The density or kernel as one line of plain text.
    pub formula: String,
    /// References, each with its DOI.
    pub references: Vec<String>,
    /// An or of the bits of [`FLAGS`].
    pub flags: u32,
    /// The parameters, in the plugin's order.
    pub parameters: Vec<ParameterDescriptor>,
    /// The ids of the tables offered, those that this library does not know included.
    pub extensions: Vec<String>,
    pub(crate) functions: Functions,
    pub(crate) index: u32,
    pub(crate) tables: Vec<OfferedTable>,
}

/// A table that an energy offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfferedTable {
    pub kind: &'static TableKind,
    pub at: *const c_void,
}

// SAFETY: tables are static and nothing in them is ever written.
unsafe impl Send for OfferedTable {}
// SAFETY: as above.
unsafe impl Sync for OfferedTable {}

impl EnergyDescriptor {
    /// Reads every energy of a plugin, in its order.
    ///
    /// # Errors
    /// The first thing that does not hold together.
    pub fn read_all(functions: Functions) -> Result<Vec<Self>, String> {
        let mut all: Vec<Self> = Vec::new();
        for index in 0..functions.energy_count()? {
            let energy = Self::read(functions, index)?;
            require_new(all.iter().map(|known| known.id.as_str()), &energy.id)?;
            all.push(energy);
        }
        Ok(all)
    }

    /// Reads the energy at an index.
    ///
    /// # Errors
    /// The first thing that does not hold together.
    pub fn read(functions: Functions, index: u32) -> Result<Self, String> {
        let raw = functions.raw_descriptor(index)?;
        let id = vouched_text("the id", raw.id)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if id.is_empty() || !id.bytes().all(plain) {
            return Err(format!(
                "the id `{id}` is not made of lower case letters, digits and '-'"
            ));
        }
        let of = |why: String| format!("energy `{id}`: {why}");
        let (extensions, tables) = tables(&functions, index, raw.extensions).map_err(of)?;
        let references = vouched_text("`references`", raw.references).map_err(of)?;
        Ok(Self {
            name: vouched_text("`name`", raw.name).map_err(of)?,
            version: vouched_text("`version`", raw.version).map_err(of)?,
            formula: vouched_text("`formula`", raw.formula).map_err(of)?,
            references: references.lines().map(str::to_owned).collect(),
            flags: flags(raw.flags).map_err(of)?,
            parameters: parameters(&raw).map_err(of)?,
            extensions,
            functions,
            index,
            tables,
            id,
        })
    }

    /// Whether the flag is set.
    #[must_use]
    pub const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// The names of the flags that are set.
    pub fn flag_names(&self) -> impl Iterator<Item = &'static str> {
        let set = FLAGS.into_iter().filter(|(flag, _)| self.has(*flag));
        set.map(|(_, name)| name)
    }

    /// The table of one capability, if the energy offers it.
    #[must_use]
    pub fn table<C: Capability>(&self) -> Option<C> {
        let offered = self.tables.iter().find(|table| table.kind.id == C::ID)?;
        // SAFETY: the table of that id, which is static and was read before.
        unsafe { sized::read::<C>("a table", offered.at.cast()) }.ok()
    }

    /// Lists what is allowed but serves no user: missing help, say.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let texts = [
            ("name", &self.name),
            ("version", &self.version),
            ("formula", &self.formula),
        ];
        let poor = |text: &str| text.trim().is_empty() || text.contains('\n');
        let texts = texts.into_iter().filter(|(_, text)| poor(text));
        let texts = texts.map(|(what, _)| format!("`{what}` is not one line of text"));
        let parameters = self.parameters.iter().filter_map(|parameter| {
            let remark = parameter.remark()?;
            Some(format!("parameter `{}`: {remark}", parameter.name))
        });
        texts.chain(parameters).collect()
    }
}

/// The id and the formula of an energy whose descriptor may not hold together otherwise.
///
/// # Errors
/// There is no descriptor, or it is too small.
pub fn outline(functions: &Functions, index: u32) -> Result<(String, String), String> {
    let raw = functions.raw_descriptor(index)?;
    let id = vouched_text("the id", raw.id).unwrap_or_else(|_| format!("energy {index}"));
    let formula = vouched_text("`formula`", raw.formula).unwrap_or_default();
    Ok((id, formula))
}

/// Reads a text of a descriptor that came from an [`Entry`](crate::Entry).
fn vouched_text(what: &str, text: *const c_char) -> Result<String, String> {
    // SAFETY: the entry's promise: the texts of a descriptor are NUL-terminated, or NULL.
    unsafe { sized::text(what, text) }
}

/// Checks that an id is none of those that are known.
///
/// # Errors
/// It is.
pub fn require_new<'a>(mut known: impl Iterator<Item = &'a str>, id: &str) -> Result<(), String> {
    match known.any(|known| known == id) {
        true => Err(format!("it offers the energy `{id}` twice")),
        false => Ok(()),
    }
}

/// An unknown flag may change what the energy is, so that it cannot be passed over.
fn flags(flags: u32) -> Result<u32, String> {
    let all = FLAGS.iter().fold(0, |all, (flag, _)| all | flag);
    if flags & !all == 0 {
        return Ok(flags);
    }
    let known: Vec<_> = FLAGS
        .iter()
        .map(|(flag, name)| format!("{flag} ({name})"))
        .collect();
    Err(format!(
        "`flags` is {flags}; accepted is an or of {}",
        known.join(", ")
    ))
}

fn parameters(raw: &abi::Descriptor) -> Result<Vec<ParameterDescriptor>, String> {
    let count = raw.parameter_count;
    if count > MOST_PARAMETERS {
        return Err(format!(
            "it declares {count} parameters; at most {MOST_PARAMETERS} are accepted"
        ));
    }
    // SAFETY: the entry's promise: `parameter_count` entries of `parameter_size` bytes.
    let entries = unsafe {
        sized::read_array(
            ("`parameters`", "a parameter"),
            raw.parameters,
            count as usize,
            ("`parameter_size`", raw.parameter_size),
        )
    }?;
    let mut all: Vec<ParameterDescriptor> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        // SAFETY: the entry's promise: its texts are NUL-terminated, or NULL.
        let parameter = unsafe { ParameterDescriptor::read(entry) }
            .map_err(|why| format!("parameter {at}: {why}"))?;
        if all.iter().any(|known| known.name == parameter.name) {
            return Err(format!("parameter `{}` is there twice", parameter.name));
        }
        all.push(parameter);
    }
    Ok(all)
}

/// The ids in a list that ends with NULL.
fn declared(list: *const *const c_char) -> Result<Vec<&'static CStr>, String> {
    if list.is_null() {
        return Err("`extensions` is NULL".to_owned());
    }
    let mut ids = Vec::new();
    loop {
        // SAFETY: the entry's promise: the list ends with NULL, and is not read past it.
        let id = unsafe { *list.add(ids.len()) };
        if id.is_null() {
            return Ok(ids);
        }
        if ids.len() == MOST_EXTENSIONS {
            return Err(format!(
                "`extensions` has no end within {MOST_EXTENSIONS} entries"
            ));
        }
        // SAFETY: the entry's promise: its entries are NUL-terminated, and static.
        ids.push(unsafe { CStr::from_ptr(id) });
    }
}

/// The name in an id, which says which term of the energy the table stands for.
fn term(id: &str) -> &str {
    id.split_once('/').map_or(id, |(name, _)| name)
}

/// The ids that an energy declares, and the tables among them that this library knows.
fn tables(
    functions: &Functions,
    index: u32,
    list: *const *const c_char,
) -> Result<(Vec<String>, Vec<OfferedTable>), String> {
    let declared = declared(list)?;
    let (mut ids, mut tables) = (Vec::new(), Vec::new());
    for &id in &declared {
        let name = id
            .to_str()
            .map_err(|_| "an extension is not UTF-8".to_owned())?;
        ids.push(name.to_owned());
        let at = functions.extension(index, id);
        if at.is_null() {
            return Err(format!(
                "it declares the extension `{name}` but `get_extension` does not offer it"
            ));
        }
        if let Some(kind) = CAPABILITIES.iter().find(|kind| kind.id == id) {
            // SAFETY: the entry's promise: the table of that id, not NULL.
            unsafe { (kind.validate)(at) }?;
            tables.push(OfferedTable { kind, at });
        }
    }
    if tables.is_empty() {
        let known: Vec<_> = CAPABILITIES.iter().map(TableKind::name).collect();
        return Err(format!(
            "it offers no table that this library knows ({}); it declares {}",
            known.join(", "),
            match ids.is_empty() {
                true => "none".to_owned(),
                false => ids.join(", "),
            },
        ));
    }
    for (name, id) in ids.iter().zip(&declared) {
        let is_known = CAPABILITIES.iter().any(|kind| kind.id == *id);
        let is_another_form = tables
            .iter()
            .any(|table| term(table.kind.name()) == term(name));
        if name.starts_with("movimento.") && !is_known && !is_another_form {
            return Err(format!(
                "this library does not know the table `{name}`, without which the energy would \
                 be another one"
            ));
        }
    }
    for kind in CAPABILITIES.iter().filter(|k| !declared.contains(&k.id)) {
        // Whatever is not declared would be left out of the energy in silence.
        if !functions.extension(index, kind.id).is_null() {
            return Err(format!(
                "`get_extension` offers the extension `{}`, which it does not declare",
                kind.name()
            ));
        }
    }
    let nothing = c"movimento.nothing/1";
    if !functions.extension(index, nothing).is_null() {
        return Err(format!(
            "`get_extension` returns a table for the unknown id {nothing:?}; accepted is NULL"
        ));
    }
    Ok((ids, tables))
}
