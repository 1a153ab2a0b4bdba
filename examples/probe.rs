use movimento::energy::*;
use movimento::*;
use std::sync::Arc;
struct Dirichlet(f64);
impl Density for Dirichlet {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            convex: true,
            ..Default::default()
        }
    }
    fn evaluate(&self, b: &Batch<'_>, w: &mut Derivatives<'_>) -> Result<()> {
        let d = b.d;
        if let Some(f) = &mut w.f {
            for (f, p) in f.iter_mut().zip(b.p.chunks(d)) {
                *f = 0.5 * self.0 * p.iter().map(|p| p * p).sum::<f64>();
            }
        }
        if let Some(f) = &mut w.f_u {
            f.fill(0.0)
        }
        if let Some(f) = &mut w.f_p {
            for (f, p) in f.iter_mut().zip(b.p) {
                *f = self.0 * p;
            }
        }
        if let Some(f) = &mut w.f_uu {
            f.fill(0.0)
        }
        if let Some(f) = &mut w.f_up {
            f.fill(0.0)
        }
        if let Some(f) = &mut w.f_pp {
            f.fill(0.0);
            for f in f.chunks_mut(d * d) {
                f.iter_mut().step_by(d + 1).for_each(|f| *f = self.0);
            }
        }
        Ok(())
    }
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut o = Options::new();
    let a = std::f64::consts::FRAC_PI_4;
    o.set("lower", vec![-a]).unwrap();
    o.set("upper", vec![a]).unwrap();
    o.set("tau", 0.005).unwrap();
    let mut steps = 40;
    let mut trace = false;
    for arg in &args[1..] {
        let (k, v) = arg.split_once('=').unwrap();
        if k == "steps" {
            steps = v.parse().unwrap();
            continue;
        }
        if k == "trace" {
            trace = true;
            continue;
        }
        let r = match o.get(k).unwrap() {
            movimento::options::Value::Real(_) => o.set(k, v.parse::<f64>().unwrap()),
            movimento::options::Value::Integer(_) => o.set(k, v.parse::<i64>().unwrap()),
            movimento::options::Value::Text(_) => o.set(k, v),
            movimento::options::Value::Reals(_) => o.set(
                k,
                v.split(',')
                    .map(|s| s.parse().unwrap())
                    .collect::<Vec<f64>>(),
            ),
            movimento::options::Value::Integers(_) => o.set(
                k,
                v.split(',')
                    .map(|s| s.parse().unwrap())
                    .collect::<Vec<i64>>(),
            ),
        };
        r.unwrap();
    }
    let kappa = 0.1;
    let mut s = Solver::new(&o).unwrap();
    s.add_energy(&Energy::from_density("d", Arc::new(Dirichlet(kappa))))
        .unwrap();
    if trace {
        s.set_observer(Some(Box::new(|p| {
            eprintln!(
                "{} {} {} {:.6e}",
                p.fitting, p.step, p.iteration, p.objective
            );
            std::ops::ControlFlow::Continue(())
        })));
    }
    s.set_initial(Initial::Named("heat-2d")).unwrap();
    let form = movimento::initial::closed_form::named("heat-2d", 2).unwrap();
    println!("fit {:?}", s.fit_report());
    let err = |s: &Solver| {
        let t = s.time();
        let n = 101;
        let (mut e, mut m, mut fl) = (0.0, 0.0, 0.0);
        let k = s.steps() as i32;
        let mut x = vec![];
        for i in 0..n {
            for j in 0..n {
                x.push(a * (2.0 * (i as f64 + 0.5) / n as f64 - 1.0));
                x.push(a * (2.0 * (j as f64 + 0.5) / n as f64 - 1.0));
            }
        }
        let mut u = vec![0.0; n * n];
        s.evaluate(&x, &mut u, None).unwrap();
        let mut eu = 0.0;
        for (x, u) in x.chunks(2).zip(&u) {
            let v = form.evaluate(x, |q| (-kappa * q * t).exp(), None);
            let w = form.evaluate(x, |q| (1.0 + 0.005 * kappa * q).powi(-k), None);
            e += (u - v) * (u - v);
            fl += (w - v) * (w - v);
            eu += (u - w) * (u - w);
            m += v * v;
        }
        ((e / m).sqrt(), (fl / m).sqrt(), (eu / m).sqrt())
    };
    println!("err0 {:?}", err(&s));
    let t0 = std::time::Instant::now();
    let mut its = 0;
    for k in 0..steps {
        if let Err(e) = s.step() {
            println!("{e}");
            break;
        }
        let r = s.report().unwrap();
        its += r.iterations;
        if k % 5 == 4 || k < 3 {
            println!(
                "{} its {} E {:.6} slack {:.2e} res {:.2e} bound {:.2e} gap {:.1e} dist {:.2e} flux {:.1e} err {:?} {:.2}s",
                r.step,
                r.iterations,
                r.energy,
                r.energy_slack,
                r.residual,
                r.error_bound,
                r.gap,
                r.movement_distance,
                r.boundary_flux,
                err(&s),
                r.seconds
            );
        }
    }
    println!("steps {:?} its {its}", t0.elapsed());
}
