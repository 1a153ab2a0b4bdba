//! Interactions `1/2 int int W(x, y) u(x) u(y) dx dy`: kernels, those of plugins by the table
//! `movimento.pair/1`.

use super::density::{first_bad, position};
use crate::energy::plugin::{error_of, require_dimension};
use crate::error::{Error, Result};
use movimento_abi as abi;
use movimento_contract::capability::Evaluate;
use movimento_contract::{Instance, Refusal};
use std::ptr::null_mut;
use std::sync::Arc;

/// Pairs of points at which an interaction kernel is wanted.
#[derive(Clone, Copy, Debug)]
pub struct PairBatch<'a> {
    /// Dimension of x and y.
    pub d: usize,
    /// Time at which the kernel is wanted.
    pub t: f64,
    /// First points, `[n][d]`.
    pub x: &'a [f64],
    /// Second points, `[n][d]`.
    pub y: &'a [f64],
}

impl PairBatch<'_> {
    /// Number of pairs.
    #[must_use]
    pub const fn n(&self) -> usize {
        match self.x.len().checked_div(self.d) {
            Some(n) => n,
            None => 0,
        }
    }

    /// Checks that every array, those that are wanted included, has the shape that `n` and `d` ask.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) naming the first array that does not.
    pub fn check(&self, w: Option<&[f64]>, w_x: Option<&[f64]>) -> Result<()> {
        let n = self.n();
        let points = n * self.d;
        for (name, len, accepted) in [
            ("x", self.x.len(), points),
            ("y", self.y.len(), points),
            ("w", w.map_or(n, <[f64]>::len), n),
            ("w_x", w_x.map_or(points, <[f64]>::len), points),
        ] {
            if len != accepted {
                return Err(Error::argument(format!(
                    "array `{name}` of a batch has {len} entries; {n} pairs in dimension {} ask \
                     for {accepted}",
                    self.d
                )));
            }
        }
        Ok(())
    }
}

/// An interaction kernel `W(x, y) = W(y, x)`, or `W(t, x, y)`. At `x = y` a kernel that is singular there
/// says 0, as does the gradient of every kernel. What such a kernel does within the cell that a mass stands for
/// is taken from its values at other points nearby, as of a function of `x - y`.
pub trait PairKernel: Send + Sync {
    /// Whether it depends on time explicitly.
    fn uses_time(&self) -> bool {
        false
    }

    /// Whether it may only be called from the thread that called the solver (host callbacks).
    fn caller_thread_only(&self) -> bool {
        false
    }

    /// Fills `w` (`[n]`) and `grad_x W` (`[n][d]`) where they are wanted.
    ///
    /// # Errors
    /// The refusal of the plugin behind it, and [`NotFinite`](crate::ErrorKind::NotFinite).
    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        w: Option<&mut [f64]>,
        w_x: Option<&mut [f64]>,
    ) -> Result<()>;
}

impl<K: PairKernel + ?Sized> PairKernel for Arc<K> {
    fn uses_time(&self) -> bool {
        (**self).uses_time()
    }

    fn caller_thread_only(&self) -> bool {
        (**self).caller_thread_only()
    }

    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        w: Option<&mut [f64]>,
        w_x: Option<&mut [f64]>,
    ) -> Result<()> {
        (**self).evaluate(batch, w, w_x)
    }
}

/// A kernel whose every number is known to be finite; its errors name the energy.
pub struct CheckedPairKernel<K> {
    name: String,
    inner: K,
}

impl<K> CheckedPairKernel<K> {
    /// Wraps a kernel of the energy of this name.
    pub fn new(name: &str, inner: K) -> Self {
        let name = name.to_owned();
        Self { name, inner }
    }
}

impl<K: PairKernel> PairKernel for CheckedPairKernel<K> {
    fn uses_time(&self) -> bool {
        self.inner.uses_time()
    }

    fn caller_thread_only(&self) -> bool {
        self.inner.caller_thread_only()
    }

    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        mut w: Option<&mut [f64]>,
        mut w_x: Option<&mut [f64]>,
    ) -> Result<()> {
        let named = |e: Error| e.context(format_args!("energy `{}`", self.name));
        self.inner
            .evaluate(batch, w.as_deref_mut(), w_x.as_deref_mut())
            .map_err(named)?;
        let n = batch.n();
        for (array, values) in [("w", &w), ("w_x", &w_x)] {
            let Some((pair, value)) = values.as_deref().and_then(|v| first_bad(v, n)) else {
                continue;
            };
            let x = position(batch.x, batch.d, pair);
            let y = position(batch.y, batch.d, pair);
            return Err(named(Error::not_finite(format!(
                "{array} is {value} at pair {pair} (counted from 0), x = {x}, y = {y}; accepted are finite numbers"
            ))));
        }
        Ok(())
    }
}

/// The kernel of an instance.
#[derive(Debug)]
pub struct PluginPairKernel {
    instance: Arc<Instance>,
    evaluate: Evaluate<abi::PairBatch>,
}

impl PluginPairKernel {
    /// The kernel, if the energy has one.
    #[must_use]
    pub fn of(instance: &Arc<Instance>) -> Option<Self> {
        let table = instance.energy().table::<abi::PairTable>()?;
        Some(Self {
            instance: Arc::clone(instance),
            evaluate: table.evaluate?,
        })
    }
}

impl PairKernel for PluginPairKernel {
    fn uses_time(&self) -> bool {
        self.instance.energy().has(abi::USES_TIME)
    }

    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        mut w: Option<&mut [f64]>,
        mut w_x: Option<&mut [f64]>,
    ) -> Result<()> {
        require_dimension(batch.d, &self.instance)?;
        batch.check(w.as_deref(), w_x.as_deref())?;
        let n = batch.n();
        if n == 0 || (w.is_none() && w_x.is_none()) {
            return Ok(());
        }
        let place = |array: &mut Option<&mut [f64]>| {
            array
                .as_mut()
                .map_or(null_mut(), |array| array.as_mut_ptr())
        };
        let batch = abi::PairBatch {
            struct_size: size_of::<abi::PairBatch>() as u64,
            n: n as u64,
            d: batch.d as u64,
            x: batch.x.as_ptr(),
            y: batch.y.as_ptr(),
            w: place(&mut w),
            w_x: place(&mut w_x),
            t: batch.t,
        };
        Refusal::of_call(|message, size| {
            // SAFETY: the instance is alive; every array has the shape that n and d say, checked
            // above, and the outputs are exclusive borrows, so that nothing overlaps.
            unsafe { (self.evaluate)(self.instance.as_ptr(), &raw const batch, message, size) }
        })
        .map_err(error_of)
    }
}
