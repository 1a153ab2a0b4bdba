//! Energies in Rust that panic or fail, for the tests of the host.
//!
//! * `panics`: the density `u^2/2` panics when `after` evaluations have passed (0: at once)
//! * `panics-in-create`: cannot be created
//! * `tensor-error`: the density adds tensors of different shapes
//! * `wrong-shape`: the density has shape `[n, 1]`

use std::sync::atomic::{AtomicI64, Ordering};

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{Arguments, Descriptor, Energy, Functional, Parameter, Result, Sample};

struct Panics {
    left: AtomicI64,
}

impl Energy for Panics {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"panics", c"Panics while evaluated")
        .formula(c"u^2/2, or a panic")
        .parameters(&[
            Parameter::integer(c"after", 0, c"evaluations before the panic").range(0.0, 1e9),
        ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            left: AtomicI64::new(arguments.integer("after")?),
        })
    }
}

impl Functional for Panics {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        let left = self.left.fetch_sub(1, Ordering::Relaxed);
        assert!(left > 0, "this energy panics on purpose");
        s.u.sqr()? * 0.5
    }
}

struct PanicsInCreate;

impl Energy for PanicsInCreate {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"panics-in-create", c"Panics while created").formula(c"none");

    fn create(_: &Arguments) -> Result<Self> {
        panic!("create panics on purpose")
    }
}

impl Functional for PanicsInCreate {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        Ok(s.u.clone())
    }
}

struct TensorError;

impl Energy for TensorError {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"tensor-error", c"Adds different shapes").formula(c"u + x");

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl Functional for TensorError {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        &s.u + Tensor::cat(&[&s.x, &s.x], 0)?
    }
}

struct WrongShape;

impl Energy for WrongShape {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"wrong-shape", c"Has one dimension too many").formula(c"u");

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl Functional for WrongShape {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        s.u.unsqueeze(1)
    }
}

movimento_plugin::export_plugin!(Panics, PanicsInCreate, TensorError, WrongShape);
