//! What the plugin border costs, measured within one run: the time a step spends in the plugin's
//! energy beyond what the same energy costs linked in.

use crate::alone;
use crate::support::problems::{AllenCahn, small};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::{Energy, Initial, Result, Solver};
use std::f64::consts::FRAC_PI_4;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A density that counts the time spent in it.
struct Timed {
    inner: Arc<dyn EnergyDensity>,
    nanoseconds: AtomicU64,
}

impl EnergyDensity for Timed {
    fn traits(&self) -> Traits {
        self.inner.traits()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let start = Instant::now();
        let result = self.inner.evaluate(batch, wanted);
        let spent = start.elapsed().as_nanos() as u64;
        self.nanoseconds.fetch_add(spent, Ordering::Relaxed);
        result
    }
}

/// Seconds in the energy and in all, over the same steps.
fn run(inner: Arc<dyn EnergyDensity>) -> (f64, f64) {
    let timed = Arc::new(Timed {
        inner,
        nanoseconds: AtomicU64::new(0),
    });
    let mut options = small(2, -FRAC_PI_4, FRAC_PI_4, &[24, 24, 24]);
    options.set("tau", 0.005).unwrap();
    // A rough fit does: it is the steps that are timed.
    options.set("fit_max_iterations", 12_i64).unwrap();
    options.set("fit_accept", 1.0).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let density: Arc<dyn EnergyDensity> = Arc::clone(&timed) as Arc<dyn EnergyDensity>;
    solver
        .add_energy(&Energy::from_density("timed", density))
        .unwrap();
    solver.set_initial(Initial::Named("heat-2d")).unwrap();
    timed.nanoseconds.store(0, Ordering::Relaxed);
    let start = Instant::now();
    for _ in 0..8 {
        solver.step().unwrap();
    }
    let all = start.elapsed().as_secs_f64();
    (timed.nanoseconds.load(Ordering::Relaxed) as f64 * 1e-9, all)
}

#[test]
fn the_plugin_border_costs_less_than_two_percent_of_a_step() {
    let _alone = alone();
    let mut energy = Energy::plugin("dirichlet").unwrap();
    energy.set("kappa", &[0.1]).unwrap();
    let plugin = energy.instantiate(2).unwrap().local.unwrap();
    let linked = Arc::new(AllenCahn {
        kappa: 0.1,
        eps: f64::INFINITY,
    });
    let (in_linked, _) = run(linked);
    let (in_plugin, all) = run(plugin);
    let cost = (in_plugin - in_linked) / all;
    println!(
        "8 steps: {all:.3} s, in the plugin {in_plugin:.5} s, linked in {in_linked:.5} s, cost {:.3} %",
        100.0 * cost
    );
    assert!(
        cost <= 0.02,
        "the border costs {:.2} % of a step",
        100.0 * cost
    );
}
