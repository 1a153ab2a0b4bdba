//! Energies for `movimento` as plugins, written in Candle tensors.
//!
//! A gradient flow descends an energy. Here an [`Energy`] has a density `f(x, u, p)`, `p = grad u`
//! ([`Functional`]), or an interaction kernel `W(x, y)` ([`PairKernel`]), or both and is their sum; or a density of
//! a field of several components ([`SystemFunctional`]), or one of second derivatives ([`HessianFunctional`]).
//! Its author writes one tensor expression for each; Candle's autograd supplies the first
//! derivatives, the host takes
//! differences of them for the second, and [`export_plugin!`] writes the C tables of
//! `movimento_plugin.h`. Errors and panics reach the host as a status with a message; nothing
//! is printed.
//!
//! # A whole plugin
//!
//! `Cargo.toml` says `crate-type = ["cdylib"]` under `[lib]` and names `movimento-plugin` and
//! `candle-core` as dependencies; `src/lib.rs` is
//!
//! ```
//! use movimento_plugin::candle_core::{self, Tensor};
//! use movimento_plugin::{Arguments, Descriptor, Energy, Functional, Parameter, Result, Sample};
//!
//! struct SineGordon {
//!     kappa: f64,
//! }
//!
//! impl Energy for SineGordon {
//!     const DESCRIPTOR: Descriptor = Descriptor::new(c"sine-gordon", c"Sine-Gordon energy")
//!         .formula(c"kappa/2 |p|^2 + 1 - cos u")
//!         .uses_gradient()
//!         .parameters(&[Parameter::real(c"kappa", 1.0, c"stiffness").positive()]);
//!
//!     fn create(arguments: &Arguments) -> Result<Self> {
//!         Ok(Self { kappa: arguments.real("kappa")? })
//!     }
//! }
//!
//! impl Functional for SineGordon {
//!     fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
//!         (s.p.sqr()?.sum(1)? * (0.5 * self.kappa))? + (1.0 - s.u.cos()?)?
//!     }
//! }
//!
//! movimento_plugin::export_plugin!(SineGordon);
//!
//! # fn main() {
//! // In a test: every derivative against central differences, and the rest of the contract.
//! use movimento_plugin::check::Check;
//! Check::new(&movimento_plugin, 0).dimension(2).argument("kappa", &[0.3]).run().unwrap();
//! # }
//! ```
//!
//! # Without Candle
//!
//! The feature `candle`, on by default, is what tensors and autograd are behind. An energy with closed
//! forms that writes its density in [`with_candle!`] is built without it, too, in seconds.
//!
//! # Speed
//!
//! Closed forms replace autograd where [`Functional::FIRST`], [`Functional::SECOND`] or
//! [`PairKernel::GRADIENT`] is set; the density stays the definition, and [`check`] compares
//! the two.

#[cfg(panic = "abort")]
compile_error!("a plugin reports panics to its host: it cannot be built with panic = \"abort\"");

mod arguments;
#[cfg(feature = "candle")]
mod autograd;
mod border;
mod capability;
pub mod check;
mod descriptor;
mod energy;
mod error;
#[doc(hidden)]
pub mod export;

#[cfg(feature = "candle")]
pub use candle_core;
pub use movimento_abi as abi;
pub use movimento_contract::Entry;

pub use arguments::Arguments;
pub use capability::*;
pub use descriptor::{Descriptor, Parameter};
pub use energy::Energy;
pub use error::{Error, Result};
