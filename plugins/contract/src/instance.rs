//! Energies that a plugin has created.

use std::ffi::{CString, c_char, c_void};
use std::ptr;
use std::sync::Arc;

use movimento_abi as abi;

use crate::descriptor::EnergyDescriptor;
use crate::instance_table::InstanceTable;
use crate::refusal::Refusal;

/// Values for some parameters, by name.
pub type Given = [(String, Vec<f64>)];

/// An energy that was created, in one dimension and with its parameters.
#[derive(Debug)]
pub struct Instance {
    energy: Arc<EnergyDescriptor>,
    dimension: usize,
    raw: *mut c_void,
}

// SAFETY: the ABI demands that the tables take concurrent calls and change nothing; `destroy`
// needs `&mut` and so the last owner.
unsafe impl Sync for Instance {}
// SAFETY: the ABI asks for one thread at a time, not for the same one, in `create` and `destroy`.
unsafe impl Send for Instance {}

impl Instance {
    /// Creates an instance with every parameter, defaults filled in.
    ///
    /// Names that the descriptor does not have are passed too, to be refused.
    ///
    /// # Errors
    /// The plugin's answer.
    pub fn create(
        energy: &Arc<EnergyDescriptor>,
        dimension: u32,
        given: &Given,
    ) -> Result<Self, Refusal> {
        let mut instance = None;
        Refusal::of_call(|message, size| {
            // SAFETY: the message can hold `size` bytes.
            match unsafe { Self::create_with(energy, dimension, given, message, size) } {
                Ok(made) => {
                    instance = Some(made);
                    abi::OK
                }
                Err(status) => status,
            }
        })?;
        instance.ok_or_else(|| Refusal::here("there is no instance"))
    }

    /// Creates an instance, with a message of the caller's.
    ///
    /// # Errors
    /// The status, which is not 0.
    ///
    /// # Safety
    /// `message` can hold `size` bytes.
    pub unsafe fn create_with(
        energy: &Arc<EnergyDescriptor>,
        dimension: u32,
        given: &Given,
        message: *mut c_char,
        size: u64,
    ) -> Result<Self, i32> {
        let values = completed(energy, given);
        let arguments: Vec<abi::Argument> = values
            .iter()
            .map(|(name, values)| abi::Argument {
                name: name.as_ptr(),
                count: values.len() as u64,
                values: values.as_ptr(),
            })
            .collect();
        let (functions, place) = (&energy.functions, (energy.index, dimension));
        let mut raw = ptr::null_mut();
        // SAFETY: what the arguments point to is alive here; the message is the caller's promise.
        let status = unsafe { functions.create(place, &arguments, &mut raw, message, size) };
        match status {
            abi::OK => Ok(Self {
                energy: Arc::clone(energy),
                dimension: dimension as usize,
                raw,
            }),
            status => Err(status),
        }
    }

    /// The energy.
    #[must_use]
    pub fn energy(&self) -> &EnergyDescriptor {
        &self.energy
    }

    /// The dimension of `x`.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.dimension
    }

    /// The tables that the energy offers, as far as this library knows them.
    #[must_use]
    pub fn tables(&self) -> Vec<InstanceTable<'_>> {
        let tables = self.energy.tables.iter();
        tables
            .map(|&table| InstanceTable::new(self, table))
            .collect()
    }

    /// The pointer that the tables take.
    #[must_use]
    pub const fn as_ptr(&self) -> *const c_void {
        self.raw
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: this is the last use of what `create` gave.
        unsafe { self.energy.functions.destroy(self.raw) };
    }
}

/// A value for each parameter in its order, then those of unknown names.
fn completed(energy: &EnergyDescriptor, given: &Given) -> Vec<(CString, Vec<f64>)> {
    let mut all = Vec::new();
    for parameter in &energy.parameters {
        let given = given.iter().find(|(name, _)| *name == parameter.name);
        let default = || vec![parameter.default];
        let values = given.map_or_else(default, |(_, values)| values.clone());
        all.push((parameter.key.clone(), values));
    }
    for (name, values) in given {
        let unknown = energy.parameters.iter().all(|known| known.name != *name);
        // A name with a NUL is told by what comes before it.
        let text: Vec<u8> = name.bytes().take_while(|byte| *byte != 0).collect();
        if let (true, Ok(name)) = (unknown, CString::new(text)) {
            all.push((name, values.clone()));
        }
    }
    all
}
