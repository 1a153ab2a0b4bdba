//! An energy of second derivatives by its density alone: every derivative is autograd's.

#![cfg(feature = "candle")]
#![allow(
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::check::Check;
use movimento_plugin::{
    Arguments, Descriptor, Energy, Entry, HessianFunctional, HessianSample, Parameter, Result,
};

/// `kappa/2 (1 + x_0^2) |h|^2 + u (tr h) + |p|^2 h_00`, in which nothing is left out.
struct Bent {
    kappa: f64,
}

impl Energy for Bent {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"bent", c"All that there is")
        .formula(c"kappa/2 (1 + x_0^2) |h|^2 + u tr h + |p|^2 h_00")
        .uses_gradient()
        .uses_position()
        .parameters(&[Parameter::real(c"kappa", 1.0, c"stiffness").positive()]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            kappa: arguments.real("kappa")?,
        })
    }
}

impl HessianFunctional for Bent {
    fn density(&self, s: &HessianSample) -> candle_core::Result<Tensor> {
        let first = s.x.narrow(1, 0, 1)?.squeeze(1)?;
        let stiffness = ((first.sqr()? + 1.0)? * (0.5 * self.kappa))?;
        let square = s.h.sqr()?.sum(2)?.sum(1)?;
        let corner =
            s.h.narrow(1, 0, 1)?
                .narrow(2, 0, 1)?
                .squeeze(2)?
                .squeeze(1)?;
        let mixed = (&s.u * s.laplacian()?)? + (s.p.sqr()?.sum(1)? * corner)?;
        (stiffness * square)? + mixed?
    }
}

static PLUGIN: Entry = movimento_plugin::plugin_entry!(Bent);

#[test]
fn derivatives_are_autograd_s() {
    for d in 1..=3 {
        let check = Check::new(&PLUGIN, 0).dimension(d);
        check.argument("kappa", &[0.3]).run().unwrap();
    }
}
