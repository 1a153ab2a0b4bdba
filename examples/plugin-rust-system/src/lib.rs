//! Two coupled fields, `kappa_u/2 |grad u|^2 + kappa_v/2 |grad v|^2 + g/2 (u - v)^2`, as a plugin.
//! `cargo build --release` makes `target/release/libmovimento_two_fields.so`, ready to be loaded.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Parameter, Result, SystemFunctional, SystemSample,
};

struct TwoFields {
    kappa: [f64; 2],
    g: f64,
}

impl Energy for TwoFields {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"two-fields", c"Two coupled fields")
        .formula(c"kappa_u/2 |grad u|^2 + kappa_v/2 |grad v|^2 + g/2 (u - v)^2")
        .uses_gradient()
        .convex()
        .parameters(&[
            Parameter::real(c"kappa_u", 1.0, c"diffusivity of u").positive(),
            Parameter::real(c"kappa_v", 1.0, c"diffusivity of v").positive(),
            Parameter::real(c"g", 1.0, c"coupling").positive(),
        ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            kappa: [arguments.real("kappa_u")?, arguments.real("kappa_v")?],
            g: arguments.real("g")?,
        })
    }
}

impl SystemFunctional for TwoFields {
    const COMPONENTS: usize = 2;

    fn density(&self, s: &SystemSample) -> TensorResult<Tensor> {
        let apart = (s.u.narrow(1, 0, 1)? - s.u.narrow(1, 1, 1)?)?.squeeze(1)?;
        let kappa = Tensor::new(&self.kappa, s.u.device())?;
        let slopes = s.p.sqr()?.sum(2)?.broadcast_mul(&kappa)?.sum(1)?;
        (slopes * 0.5)? + (apart.sqr()? * (0.5 * self.g))?
    }
}

movimento_plugin::export_plugin!(TwoFields);

#[test]
fn derivatives() {
    movimento_plugin::check::Check::new(&movimento_plugin, 0)
        .dimension(2)
        .run()
        .unwrap();
}
