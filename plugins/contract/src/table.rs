//! The tables of the ABI seen alike: inputs, outputs, one function.

use std::ffi::{CStr, c_char, c_void};
use std::{fmt, mem, ptr};

use movimento_abi as abi;

use crate::driver::{Instance, Refusal, answered};

/// Which table of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `movimento.local/1`
    Local,
    /// `movimento.pair/1`
    Pair,
}

/// The name of an array of a batch, and how many indices of the dimension it has.
pub type Array = (&'static str, u32);

impl Kind {
    pub(crate) fn id(self) -> &'static CStr {
        match self {
            Self::Local => abi::LOCAL_1,
            Self::Pair => abi::PAIR_1,
        }
    }

    /// Whether a table, not NULL, is large enough and its slot is filled.
    pub(crate) fn is_complete(self, table: *const c_void) -> bool {
        // SAFETY: the entry's promise: the table of that id, which starts with its size.
        unsafe {
            match self {
                Self::Local => {
                    let table = table.cast::<abi::LocalTable>();
                    (*table).struct_size >= mem::size_of::<abi::LocalTable>() as u64
                        && (*table).evaluate.is_some()
                }
                Self::Pair => {
                    let table = table.cast::<abi::PairTable>();
                    (*table).struct_size >= mem::size_of::<abi::PairTable>() as u64
                        && (*table).evaluate.is_some()
                }
            }
        }
    }

    /// The inputs, in the order of the batch.
    #[must_use]
    pub fn inputs(self) -> &'static [Array] {
        match self {
            Self::Local => &[("x", 1), ("u", 0), ("p", 1)],
            Self::Pair => &[("x", 1), ("y", 1)],
        }
    }

    /// The outputs, in the order of the batch.
    #[must_use]
    pub fn outputs(self) -> &'static [Array] {
        match self {
            Self::Local => &[
                ("f", 0),
                ("f_u", 0),
                ("f_p", 1),
                ("f_x", 1),
                ("f_uu", 0),
                ("f_up", 1),
                ("f_pp", 2),
            ],
            Self::Pair => &[("w", 0), ("w_x", 1)],
        }
    }
}

/// How long an array of a batch is.
#[must_use]
pub fn length((_, indices): Array, n: usize, d: usize) -> usize {
    n * d.pow(indices)
}

/// Outputs that are asked for, as bits in the order of [`Kind::outputs`].
pub type Wanted = u32;

/// The outputs of first order of `movimento.local/1`, and those of second order.
pub(crate) const FIRST: Wanted = 0b000_1111;
pub(crate) const SECOND: Wanted = 0b111_0000;

/// Points, or pairs of points, to evaluate at: one array for each of [`Kind::inputs`].
#[derive(Clone, Debug)]
pub struct Batch {
    /// How many.
    pub n: usize,
    /// The arrays.
    pub inputs: Vec<Vec<f64>>,
}

/// A batch as a table reads it. It starts with its size.
#[repr(C)]
pub union RawBatch {
    local: mem::ManuallyDrop<abi::LocalBatch>,
    pair: mem::ManuallyDrop<abi::PairBatch>,
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
pub struct Table<'a> {
    instance: &'a Instance,
    /// Which.
    pub kind: Kind,
    /// The flags of the energy's descriptor.
    pub flags: u32,
    table: *const c_void,
}

// SAFETY: tables are static and are only read; the ABI allows concurrent calls.
unsafe impl Sync for Table<'_> {}

impl<'a> Table<'a> {
    pub(crate) fn new(
        instance: &'a Instance,
        kind: Kind,
        table: *const c_void,
        flags: u32,
    ) -> Self {
        Self {
            instance,
            kind,
            flags,
            table,
        }
    }

    /// The dimension of `x`.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.instance.dimension
    }

    /// Whether the descriptor has the flag.
    #[must_use]
    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Whether the table reads this input: `p` is NULL unless the gradient is used.
    #[must_use]
    pub fn reads(&self, input: &str) -> bool {
        input != "p" || self.has(abi::USES_GRADIENT)
    }

    /// The outputs that may be asked for.
    #[must_use]
    pub fn offered(&self) -> Wanted {
        match self.kind {
            Kind::Local if self.has(abi::SECOND_DERIVATIVES) => FIRST | SECOND,
            Kind::Local => FIRST,
            Kind::Pair => 0b11,
        }
    }

    /// A batch that points to these arrays, in the orders of [`Kind::inputs`] and
    /// [`Kind::outputs`]; missing ones are NULL.
    #[must_use]
    pub fn batch(&self, n: usize, inputs: &[*const f64], outputs: &[*mut f64]) -> RawBatch {
        let input = |i: usize| inputs.get(i).copied().unwrap_or(ptr::null());
        let output = |i: usize| outputs.get(i).copied().unwrap_or(ptr::null_mut());
        let (n, d) = (n as u64, self.dimension() as u64);
        match self.kind {
            Kind::Local => RawBatch {
                local: mem::ManuallyDrop::new(abi::LocalBatch {
                    struct_size: mem::size_of::<abi::LocalBatch>() as u64,
                    n,
                    d,
                    x: input(0),
                    u: input(1),
                    p: if self.reads("p") {
                        input(2)
                    } else {
                        ptr::null()
                    },
                    f: output(0),
                    f_u: output(1),
                    f_p: output(2),
                    f_x: output(3),
                    f_uu: output(4),
                    f_up: output(5),
                    f_pp: output(6),
                }),
            },
            Kind::Pair => RawBatch {
                pair: mem::ManuallyDrop::new(abi::PairBatch {
                    struct_size: mem::size_of::<abi::PairBatch>() as u64,
                    n,
                    d,
                    x: input(0),
                    y: input(1),
                    w: output(0),
                    w_x: output(1),
                }),
            },
        }
    }

    /// How many bytes of a [`RawBatch`] belong to this table's batch.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        match self.kind {
            Kind::Local => mem::size_of::<abi::LocalBatch>(),
            Kind::Pair => mem::size_of::<abi::PairBatch>(),
        }
    }

    /// Calls the slot `evaluate`; a negative status when it is empty.
    ///
    /// # Safety
    /// `batch` is a batch of this table whose arrays are as long as it says, and `message` can
    /// hold `size` bytes.
    pub unsafe fn call(&self, batch: *const RawBatch, message: *mut c_char, size: u64) -> i32 {
        let instance = self.instance.raw();
        // SAFETY: the entry's promise and the caller's.
        unsafe {
            match self.kind {
                Kind::Local => (*self.table.cast::<abi::LocalTable>())
                    .evaluate
                    .map_or(i32::MIN, |f| f(instance, batch.cast(), message, size)),
                Kind::Pair => (*self.table.cast::<abi::PairTable>())
                    .evaluate
                    .map_or(i32::MIN, |f| f(instance, batch.cast(), message, size)),
            }
        }
    }

    /// Evaluates the outputs in `wanted`; the others come back empty.
    ///
    /// # Errors
    /// The status, or an output outside which something was written.
    pub fn evaluate(&self, at: &Batch, wanted: Wanted) -> Result<Vec<Vec<f64>>, Failure> {
        let (n, d, arrays) = (at.n, self.dimension(), self.kind.outputs());
        let mut padded: Vec<Vec<f64>> = arrays
            .iter()
            .enumerate()
            .map(|(i, &array)| match wanted >> i & 1 {
                1 => vec![SENTINEL; PADDING + length(array, n, d) + PADDING],
                _ => Vec::new(),
            })
            .collect();
        let place = |padded: &mut Vec<f64>| match padded.get_mut(PADDING..) {
            Some(rest) => rest.as_mut_ptr(),
            None => ptr::null_mut(),
        };
        let outputs: Vec<_> = padded.iter_mut().map(place).collect();
        let inputs: Vec<_> = at.inputs.iter().map(|input| input.as_ptr()).collect();
        let batch = self.batch(n, &inputs, &outputs);
        // SAFETY: every array has the length that the header names, with room around it.
        answered(|message, size| unsafe { self.call(&raw const batch, message, size) })?;
        let unpad = |(&(name, _), padded): (&Array, &Vec<f64>)| {
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
                (_, false) => Err(Failure::PastEnd(name)),
                (false, true) => Err(Failure::BeforeStart(name)),
            }
        };
        arrays.iter().zip(&padded).map(unpad).collect()
    }
}

/// What stands around every output, to show when it is overwritten, and how often.
const SENTINEL: f64 = -1.234_567e123;
const PADDING: usize = 64;
