//! The tables of the ABI: a capability is a file here and a row in [`CAPABILITIES`]. The reader of
//! descriptors, [`Check`](crate::Check) and `movimento-check` work by these rows.
//!
//! A new capability touches nine files and is tested beside them:
//!
//! 1. `include/movimento_plugin.h`: the id, the batch and the table, and what they mean;
//! 2. `plugins/abi/src/lib.rs`: the same in Rust, which a test compares with the header;
//! 3. a file here: arrays, derivatives, what the checks must know; and
//! 4. its row, in this file;
//! 5. a file in `plugins/sdk/src/capability/`: the trait that authors implement; and
//! 6. its row, in `mod.rs` there;
//! 7. a file in `src/energy/term/`: the interface that flows see, and the table behind it; and
//! 8. its field of `Term`, in `mod.rs` there;
//! 9. the flow that takes it. The others refuse it by name.

mod hessian;
mod local;
mod pair;
mod system;

use std::ffi::{CStr, c_char, c_void};

use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::raw_batch::RawBatch;
use crate::report::Report;
use crate::sized::{self, SizedStruct};

/// The capabilities of this version of the library.
pub static CAPABILITIES: &[TableKind] = &[
    TableKind::of::<movimento_abi::LocalTable>(),
    TableKind::of::<movimento_abi::PairTable>(),
    TableKind::of::<movimento_abi::SystemTable>(),
    TableKind::of::<movimento_abi::HessianTable>(),
];

/// The slot `evaluate` of a table: instance, batch, message, and the message's size.
pub type Evaluate<B> = unsafe extern "C" fn(*const c_void, *const B, *mut c_char, u64) -> i32;

/// [`call`] for a table whose type is erased: table, instance, batch, message, and its size.
pub(crate) type ErasedCall =
    unsafe fn(*const c_void, *const c_void, *const c_void, *mut c_char, u64) -> i32;

/// [`Capability::batch`] for a table whose type is erased.
type MakeBatch = fn(Extent, f64, &[*const f64], &[*mut f64]) -> RawBatch;

/// The extent of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Points, or pairs of points.
    pub n: u64,
    /// The dimension of x.
    pub d: u64,
    /// The components of u.
    pub c: u64,
}

/// Components of u and dimension of x, which arrays are as wide as.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    /// The components of u.
    pub c: usize,
    /// The dimension of x.
    pub d: usize,
}

/// Outputs that are asked for, as bits in the order of [`Capability::OUTPUTS`].
pub type Wanted = u32;

/// An array of a batch.
#[derive(Clone, Copy, Debug)]
pub struct ArraySpec {
    /// Its name in the header.
    pub name: &'static str,
    /// Indices of the dimension: 0 for `[n]`, 1 for `[n][d]`, 2 for `[n][d][d]`.
    pub rank: u32,
    /// Indices of components.
    pub components: u32,
    /// The flags of a descriptor without which the host passes NULL.
    pub needs: u32,
}

impl ArraySpec {
    /// An array that the host may always pass.
    #[must_use]
    pub const fn new(name: &'static str, rank: u32) -> Self {
        Self {
            name,
            rank,
            components: 0,
            needs: 0,
        }
    }

    /// The same, NULL unless the flag is set.
    #[must_use]
    pub const fn only_with(self, flag: u32) -> Self {
        let needs = self.needs | flag;
        Self { needs, ..self }
    }

    /// The same with so many indices of components.
    #[must_use]
    pub const fn of_components(self, components: u32) -> Self {
        Self { components, ..self }
    }

    /// Whether an energy with these flags has to do with the array.
    #[must_use]
    pub const fn is_used(&self, flags: u32) -> bool {
        flags & self.needs == self.needs
    }

    /// Numbers for each point.
    #[must_use]
    pub const fn width(&self, of: Widths) -> usize {
        of.d.pow(self.rank) * of.c.pow(self.components)
    }

    /// Numbers for `n` points.
    #[must_use]
    pub const fn length(&self, n: usize, of: Widths) -> usize {
        n * self.width(of)
    }
}

/// A table of the ABI.
pub trait Capability: SizedStruct {
    /// The id by which a descriptor declares it.
    const ID: &'static CStr;

    /// The inputs, in the order of the batch.
    const INPUTS: &'static [ArraySpec];

    /// The outputs, in the order of the batch.
    const OUTPUTS: &'static [ArraySpec];

    /// The structure that `evaluate` takes.
    type Batch: SizedStruct;
    /// An array with a place for each input.
    type InputPointers: AsRef<[*const f64]>;
    /// An array with a place for each output.
    type OutputPointers: AsRef<[*mut f64]>;

    /// The slot.
    fn evaluate(&self) -> Option<Evaluate<Self::Batch>>;

    /// The components of the u that the table is of.
    fn components(&self) -> u64 {
        1
    }

    /// Why the table is not one that a host accepts, beyond its slot.
    ///
    /// # Errors
    /// What is given and what is accepted.
    fn is_sound(&self) -> Result<(), String> {
        Ok(())
    }

    /// A batch of this extent at time `t`; arrays that are missing are NULL.
    fn batch(extent: Extent, t: f64, inputs: &[*const f64], outputs: &[*mut f64]) -> Self::Batch;

    /// The time of a batch.
    fn time(batch: &Self::Batch) -> f64;

    /// The extent of a batch.
    fn extent(batch: &Self::Batch) -> Extent;

    /// The arrays of a batch.
    fn pointers(batch: &Self::Batch) -> (Self::InputPointers, Self::OutputPointers);

    /// Checks every derivative against differences of what it is the derivative of, relative to
    /// the largest entry of the batch or 1, and what else must hold of the values.
    ///
    /// # Errors
    /// An evaluation failed.
    fn derivatives(
        table: &InstanceTable<'_>,
        at: &Inputs,
        tolerance: f64,
        report: &mut Report,
    ) -> Result<(), Failure>;

    /// Whether NaN in an input must come out as NaN or be refused, by an energy with these flags.
    fn shows_nan(flags: u32, input: &str) -> bool;
}

/// A [`Capability`] as a row, its type erased.
#[derive(Debug)]
pub struct TableKind {
    /// The id by which a descriptor declares it.
    pub id: &'static CStr,
    /// The inputs, in the order of the batch.
    pub inputs: &'static [ArraySpec],
    /// The outputs, in the order of the batch.
    pub outputs: &'static [ArraySpec],
    pub(crate) batch: MakeBatch,
    pub(crate) derivatives:
        fn(&InstanceTable<'_>, &Inputs, f64, &mut Report) -> Result<(), Failure>,
    pub(crate) shows_nan: fn(u32, &str) -> bool,
    pub(crate) validate: unsafe fn(*const c_void) -> Result<(), String>,
    pub(crate) call: ErasedCall,
    pub(crate) components: unsafe fn(*const c_void) -> usize,
}

impl TableKind {
    const fn of<C: Capability>() -> Self {
        Self {
            id: C::ID,
            inputs: C::INPUTS,
            outputs: C::OUTPUTS,
            batch: |extent, t, inputs, outputs| RawBatch::of(C::batch(extent, t, inputs, outputs)),
            derivatives: C::derivatives,
            shows_nan: C::shows_nan,
            validate: validate::<C>,
            call: call::<C>,
            components: components::<C>,
        }
    }

    /// The id as text.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.id.to_str().unwrap_or("a table")
    }

    /// Whether the table reads an input of that name.
    #[must_use]
    pub fn has_input(&self, name: &str) -> bool {
        self.inputs.iter().any(|input| input.name == name)
    }

    /// The outputs that an energy with these flags may be asked for.
    #[must_use]
    pub fn offered(&self, flags: u32) -> Wanted {
        let outputs = self.outputs.iter().enumerate();
        let used = outputs.filter(|(_, output)| output.is_used(flags));
        used.fold(0, |all, (i, _)| all | 1 << i)
    }
}

/// Checks that an energy that does not say that it depends on time does not.
fn usage_of_time(
    table: &InstanceTable<'_>,
    at: &Inputs,
    report: &mut Report,
) -> Result<(), Failure> {
    if table.has(movimento_abi::USES_TIME) {
        return Ok(());
    }
    let there = Inputs {
        t: at.t + 1.0,
        ..at.clone()
    };
    let [now, later] = [at, &there].map(|at| table.evaluate(at, table.offered()));
    let same = crate::usage::same_all(&now?, &later?);
    report.require(
        "the same at any t without USES_TIME",
        same,
        "other numbers at another t",
    );
    Ok(())
}

/// Checks that a table is large enough and its slot filled.
///
/// # Safety
/// `table` points to a table of this capability, of any version.
unsafe fn validate<C: Capability>(table: *const c_void) -> Result<(), String> {
    let what = format!("the table `{}`", C::ID.to_string_lossy());
    // SAFETY: as this function's.
    let table = unsafe { sized::read::<C>(&what, table.cast()) }?;
    match table.evaluate() {
        Some(_) => table.is_sound().map_err(|why| format!("{what} {why}")),
        None => Err(format!("{what} has no `evaluate`")),
    }
}

/// The components of the u that a table is of.
///
/// # Safety
/// As of [`validate`].
unsafe fn components<C: Capability>(table: *const c_void) -> usize {
    // SAFETY: as this function's.
    let table = unsafe { sized::read::<C>("a table", table.cast()) };
    let components = table.map_or(1, |table| table.components());
    usize::try_from(components).unwrap_or(usize::MAX)
}

/// Calls the slot `evaluate` of a table that [`validate`] has passed.
///
/// # Safety
/// The table is of this capability, the instance of its energy, and `batch` is a batch of this
/// capability whose arrays are as long as it says; `message` can hold `size` bytes.
unsafe fn call<C: Capability>(
    table: *const c_void,
    instance: *const c_void,
    batch: *const c_void,
    message: *mut c_char,
    size: u64,
) -> i32 {
    // SAFETY: as this function's.
    let table = unsafe { sized::read::<C>("a table", table.cast()) };
    match table.ok().and_then(|table| table.evaluate()) {
        // SAFETY: as this function's.
        Some(evaluate) => unsafe { evaluate(instance, batch.cast(), message, size) },
        None => i32::MIN,
    }
}
