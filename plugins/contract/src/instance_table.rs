//! The tables of an instance seen alike: inputs, outputs, one function.

use std::ffi::{c_char, c_void};
use std::{fmt, ptr};

use crate::capability::{ArraySpec, Extent, TableKind, Wanted, Widths};
use crate::descriptor::OfferedTable;
use crate::instance::Instance;
use crate::raw_batch::RawBatch;
use crate::refusal::Refusal;

/// Points, or pairs of points, to evaluate at: one array for each of [`TableKind::inputs`].
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Number of points.
    pub n: usize,
    /// The time.
    pub t: f64,
    /// The arrays.
    pub arrays: Vec<Vec<f64>>,
}

/// Why an evaluation gave nothing.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A status that is not 0.
    Refused(Refusal),
    /// Something was written behind the end of this output.
    PastEnd(&'static str),
    /// Something was written before the start of this output.
    BeforeStart(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(formatter),
            Self::PastEnd(name) => write!(formatter, "wrote past the end of {name}"),
            Self::BeforeStart(name) => write!(formatter, "wrote before the start of {name}"),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// One table of an instance.
#[derive(Clone, Copy)]
pub struct InstanceTable<'a> {
    instance: &'a Instance,
    table: OfferedTable,
}

impl<'a> InstanceTable<'a> {
    pub(crate) fn new(instance: &'a Instance, table: OfferedTable) -> Self {
        Self { instance, table }
    }

    /// The kind of the table.
    #[must_use]
    pub fn kind(&self) -> &'static TableKind {
        self.table.kind
    }

    /// The dimension of `x`.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.instance.dimension()
    }

    /// Components of u and dimension of `x`.
    #[must_use]
    pub fn widths(&self) -> Widths {
        Widths {
            // SAFETY: the table was validated when its descriptor was read.
            c: unsafe { (self.kind().components)(self.table.at) },
            d: self.dimension(),
        }
    }

    /// The flags of the energy's descriptor.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.instance.energy().flags
    }

    /// Times at which derivatives are compared: several, of an energy that depends on time.
    #[must_use]
    pub fn times(&self) -> &'static [f64] {
        match self.has(movimento_abi::USES_TIME) {
            true => &[0.0, 0.3, 1.7],
            false => &[0.0],
        }
    }

    /// Whether the descriptor has the flag.
    #[must_use]
    pub fn has(&self, flag: u32) -> bool {
        self.instance.energy().has(flag)
    }

    /// The outputs that may be asked for.
    #[must_use]
    pub fn offered(&self) -> Wanted {
        self.kind().offered(self.flags())
    }

    /// A batch that points to these arrays, in the orders of [`TableKind::inputs`] and
    /// [`TableKind::outputs`]; missing ones, and inputs that the energy does not use, are NULL.
    #[must_use]
    pub fn batch(&self, n: usize, t: f64, inputs: &[*const f64], outputs: &[*mut f64]) -> RawBatch {
        let used = |(spec, input): (&ArraySpec, &*const f64)| match spec.is_used(self.flags()) {
            true => *input,
            false => ptr::null(),
        };
        let inputs: Vec<_> = self.kind().inputs.iter().zip(inputs).map(used).collect();
        let Widths { c, d } = self.widths();
        let extent = Extent {
            n: n as u64,
            d: d as u64,
            c: c as u64,
        };
        (self.kind().batch)(extent, t, &inputs, outputs)
    }

    /// Calls the slot `evaluate`.
    ///
    /// # Safety
    /// `batch` is a batch of this table whose arrays are as long as it says, and `message` can
    /// hold `size` bytes.
    pub unsafe fn call(&self, batch: *const c_void, message: *mut c_char, size: u64) -> i32 {
        let (table, instance) = (self.table.at, self.instance.as_ptr());
        // SAFETY: the entry's promise and the caller's.
        unsafe { (self.kind().call)(table, instance, batch, message, size) }
    }

    /// Evaluates the outputs in `wanted`; the others come back empty.
    ///
    /// # Errors
    /// The status, or an output outside which something was written.
    pub fn evaluate(&self, at: &Inputs, wanted: Wanted) -> Result<Vec<Vec<f64>>, Failure> {
        self.evaluate_as(at, wanted, |batch| batch)
    }

    /// Evaluates as [`Self::evaluate`], by a batch of a host that knows `more` fields.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn evaluate_grown(
        &self,
        at: &Inputs,
        wanted: Wanted,
        more: usize,
    ) -> Result<Vec<Vec<f64>>, Failure> {
        self.evaluate_as(at, wanted, |batch| batch.grown(more))
    }

    fn evaluate_as(
        &self,
        at: &Inputs,
        wanted: Wanted,
        change: impl FnOnce(RawBatch) -> RawBatch,
    ) -> Result<Vec<Vec<f64>>, Failure> {
        let (n, widths, specs) = (at.n, self.widths(), self.kind().outputs);
        let mut padded: Vec<Vec<f64>> = specs
            .iter()
            .enumerate()
            .map(|(i, spec)| match wanted >> i & 1 {
                1 => vec![SENTINEL; PADDING + spec.length(n, widths) + PADDING],
                _ => Vec::new(),
            })
            .collect();
        let place = |padded: &mut Vec<f64>| match padded.get_mut(PADDING..) {
            Some(rest) => rest.as_mut_ptr(),
            None => ptr::null_mut(),
        };
        let outputs: Vec<_> = padded.iter_mut().map(place).collect();
        let inputs: Vec<_> = at.arrays.iter().map(std::vec::Vec::as_ptr).collect();
        let batch = change(self.batch(n, at.t, &inputs, &outputs));
        // SAFETY: every array has the length that the header names, with room around it.
        Refusal::of_call(|message, size| unsafe { self.call(batch.as_ptr(), message, size) })?;
        let outputs = specs.iter().zip(&padded);
        outputs
            .map(|(spec, padded)| unpadded(spec, padded))
            .collect()
    }
}

/// The values between the paddings of an output; none of one that was not wanted.
fn unpadded(spec: &ArraySpec, padded: &[f64]) -> Result<Vec<f64>, Failure> {
    let intact = |side: &[f64]| side.iter().all(|v| v.to_bits() == SENTINEL.to_bits());
    let end = padded.len().saturating_sub(PADDING);
    let (Some(before), Some(values), Some(after)) = (
        padded.get(..PADDING),
        padded.get(PADDING..end),
        padded.get(end..),
    ) else {
        return Ok(Vec::new());
    };
    match (intact(before), intact(after)) {
        (true, true) => Ok(values.to_vec()),
        (_, false) => Err(Failure::PastEnd(spec.name)),
        (false, true) => Err(Failure::BeforeStart(spec.name)),
    }
}

/// Number around every output, to show when it is overwritten, and how often it stands there.
const SENTINEL: f64 = -1.234_567e123;
const PADDING: usize = 64;
