//! The sine-Gordon energy `kappa/2 |grad u|^2 + 1 - cos u` as a plugin.
//! `cargo build --release` makes `target/release/libmovimento_sine_gordon.so`, ready to be loaded.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{Arguments, Descriptor, Energy, Functional, Parameter, Result, Sample};

struct SineGordon {
    kappa: f64,
}

impl Energy for SineGordon {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"sine-gordon", c"Sine-Gordon energy")
        .formula(c"kappa/2 |p|^2 + 1 - cos u")
        .uses_gradient()
        .parameters(&[Parameter::real(c"kappa", 1.0, c"stiffness").positive()]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            kappa: arguments.real("kappa")?,
        })
    }
}

impl Functional for SineGordon {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        (s.p.sqr()?.sum(1)? * (0.5 * self.kappa))? + (1.0 - s.u.cos()?)?
    }
}

movimento_plugin::export_plugin!(SineGordon);

#[test]
fn derivatives() {
    movimento_plugin::check::Check::new(&movimento_plugin, 0)
        .dimension(2)
        .run()
        .unwrap();
}
