//! Networks taken out of a solver, evaluated by others: numpy from the documented layout, and Candle.

use crate::support::common;
use crate::support::problems::{dirichlet, small};
use candle_core::{DType, Device};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::export::Exported;
use movimento::initial::profile::{Mixture, OnBox, Profile};
use movimento::options::Value;
use movimento::snapshot::write;
use movimento::{Energy, ErrorKind, Initial, Options, Result, Settings, Solver};
use std::f64::consts::PI;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

fn python() -> PathBuf {
    std::env::var_os("MOVIMENTO_PYTHON").map_or_else(
        || common::root().join("target/tools/bin/python"),
        PathBuf::from,
    )
}

/// A double in C's hexadecimal notation, as Python prints it.
fn hexadecimal(text: &str) -> f64 {
    let (sign, text) = text
        .strip_prefix('-')
        .map_or((1.0, text), |rest| (-1.0, rest));
    let (digits, power) = text.strip_prefix("0x").unwrap().split_once('p').unwrap();
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = u64::from_str_radix(&format!("{whole}{part}"), 16).unwrap();
    let power: i32 = power.parse::<i32>().unwrap() - 4 * part.len() as i32;
    sign * mantissa as f64 * 2.0_f64.powi(power)
}

/// What numpy makes of the exported network at points, `[n][d]`.
fn by_numpy(solver: &Solver, x: &[f64], folder: &Path) -> Vec<f64> {
    let d = solver.domain().dimension();
    let network = folder.join("network.safetensors");
    solver.exported().unwrap().write(&network).unwrap();
    let number = write(solver, folder).unwrap();
    let line = |x: &[f64]| x.iter().map(|x| format!("{x:e} ")).collect::<String>() + "\n";
    let points = folder.join("points.txt");
    fs::write(&points, x.chunks(d).map(line).collect::<String>()).unwrap();
    let output = Command::new(python())
        .arg(common::root().join("tests/export/evaluate.py"))
        .args([&network, &folder.join(format!("snap_{number:06}.h5"))])
        .arg(points)
        .output()
        .unwrap();
    common::succeeded(&output);
    let text = common::text(&output.stdout);
    text.split_whitespace().map(hexadecimal).collect()
}

/// The largest difference, relative to the largest value.
#[track_caller]
fn same(theirs: &[f64], ours: &[f64]) {
    assert_eq!(theirs.len(), ours.len());
    let largest = ours.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let pairs = theirs.iter().zip(ours);
    let error = pairs.fold(0.0_f64, |m, (a, b)| m.max((a - b).abs())) / largest;
    println!("{error:.1e}");
    assert!(largest > 1e-3 && error < 1e-14, "{error:e} of {largest}");
}

fn points(d: usize, half: f64) -> Vec<f64> {
    let at = |k: usize| half * (2.0 * ((k as f64 * 0.618_034) % 1.0) - 1.0);
    (0..100 * d).map(at).collect()
}

#[test]
fn fields_with_every_embedding_and_activation() {
    for (embedding, activation) in [
        ("neumann", "tanh"),
        ("periodic", "softplus"),
        ("none", "sin"),
        ("none", "elu"),
        ("periodic", "cos"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut options = small(2, -1.0, 1.0, &[9, 7]);
        options.set("embedding", embedding).unwrap();
        options.set("activation", activation).unwrap();
        options.set("harmonics", 3_i64).unwrap();
        options.set("fit_max_iterations", 15_i64).unwrap();
        options.set("fit_accept", 1e3).unwrap();
        options.set("snapshot_resolution", 5_i64).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&dirichlet(0.1)).unwrap();
        let refused = solver.exported().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::State);
        let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
            let points = u.iter_mut().zip(x.chunks(2));
            points.for_each(|(u, x)| *u = (3.0 * x[0]).cos() + x[1]);
            Ok(())
        };
        let initial = Initial::Function {
            field: &mut field,
            has_gradient: false,
        };
        solver.set_initial(initial).unwrap();
        let x = points(2, 1.0);
        let mut u = vec![0.0; 100];
        solver.evaluate(&x, &mut u, None).unwrap();
        print!("{embedding} {activation} ");
        same(&by_numpy(&solver, &x, folder.path()), &u);
        by_candle(&solver, folder.path());
    }
}

/// Candle reads the same arrays.
fn by_candle(solver: &Solver, folder: &Path) {
    let path = folder.join("network.safetensors");
    let read = candle_core::safetensors::load(path, &Device::Cpu).unwrap();
    let exported = solver.exported().unwrap();
    assert_eq!(read.len(), exported.arrays.len());
    let mut parameters = Vec::new();
    for array in &exported.arrays {
        let tensor = &read[&array.name];
        assert_eq!(tensor.dtype(), DType::F64);
        assert_eq!(tensor.dims(), array.shape);
        let values = tensor.flatten_all().unwrap().to_vec1::<f64>().unwrap();
        assert_eq!(values, array.values);
        if array.name.contains("layers.") || array.name.ends_with("skip.weight") {
            parameters.extend(values);
        }
    }
    // Of maps that were composed, those of the last. A field's last layer has its offset and size.
    let own = solver.parameters();
    let hidden = match exported.notes.iter().any(|(_, note)| note == "field") {
        true => {
            own.len()
                - solver
                    .network()
                    .widths()
                    .iter()
                    .rev()
                    .take(2)
                    .product::<usize>()
                - 1
        }
        false => own.len(),
    };
    let last = &parameters[parameters.len() - own.len()..];
    assert_eq!(last[..hidden], own[..hidden]);
}

fn wasserstein(all: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    let basic = [
        ("flow", "wasserstein".into()),
        ("lower", vec![-4.0].into()),
        ("upper", vec![4.0].into()),
        ("tau", 0.02.into()),
        ("hidden", vec![8_i64, 8].into()),
        ("snapshot_resolution", 5_i64.into()),
    ];
    for (key, value) in basic.iter().chain(all) {
        options.set(key, value.clone()).unwrap();
    }
    options
}

/// `u ln u`
struct Entropy;

impl EnergyDensity for Entropy {
    fn traits(&self) -> Traits {
        Traits::default()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        for (node, u) in batch.u.iter().enumerate() {
            if let Some(f) = &mut wanted.f {
                f[node] = u * u.ln();
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node] = u.ln() + 1.0;
            }
            if let Some(f_uu) = &mut wanted.f_uu {
                f_uu[node] = 1.0 / u;
            }
        }
        Ok(())
    }
}

fn spreading(options: &Options, profile: Arc<dyn Profile>) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    let entropy = Energy::from_density("entropy", Arc::new(Entropy));
    solver.add_energy(&entropy).unwrap();
    solver.set_initial(Initial::Density(profile)).unwrap();
    solver
}

fn humps() -> Arc<Mixture> {
    Arc::new(Mixture::new(1, &[0.5, 0.5], &[-1.0, 0.8], &[0.3, 0.2]).unwrap())
}

#[test]
fn maps_of_space_that_were_composed() {
    let folder = tempfile::tempdir().unwrap();
    let more = [
        ("dimension", 1_i64.into()),
        ("domain", "space".into()),
        ("relabel", 1.2.into()),
    ];
    let options = wasserstein(&more);
    let mut solver = spreading(&options, humps());
    (0..5).for_each(|_| solver.step().unwrap());
    let notes = solver.exported().unwrap().notes;
    let maps = &notes.iter().find(|(key, _)| *key == "maps").unwrap().1;
    print!("{maps} maps ");
    assert!(maps.parse::<usize>().unwrap() > 2);
    // Labels of the beginning, through all of them.
    let x = points(1, 2.0);
    let mut y = vec![0.0; x.len()];
    solver.push_forward(&x, &mut y).unwrap();
    same(&by_numpy(&solver, &x, folder.path()), &y);
    by_candle(&solver, folder.path());
}

#[test]
fn maps_of_a_box() {
    let folder = tempfile::tempdir().unwrap();
    let more = [
        ("dimension", 2_i64.into()),
        ("lower", vec![-1.0, 0.0].into()),
        ("upper", vec![1.0, 3.0].into()),
        ("nodes", 400_i64.into()),
    ];
    let options = wasserstein(&more);
    let density = |x: &[f64], rho: &mut [f64]| {
        let points = rho.iter_mut().zip(x.chunks(2));
        points.for_each(|(rho, x)| *rho = (1.0 + 0.5 * (PI * x[0]).cos()) / 6.0);
        Ok(())
    };
    let domain = Settings::parse(&options).unwrap().problem.domain().unwrap();
    let profile = OnBox::new(domain, Arc::new(density)).unwrap();
    let mut solver = spreading(&options, Arc::new(profile));
    (0..2).for_each(|_| solver.step().unwrap());
    let x: Vec<f64> = points(2, 0.9).iter().map(|x| x.abs()).collect();
    let mut y = vec![0.0; x.len()];
    solver.push_forward(&x, &mut y).unwrap();
    same(&by_numpy(&solver, &x, folder.path()), &y);
    by_candle(&solver, folder.path());
}

#[test]
fn densities_of_w2gn() {
    let folder = tempfile::tempdir().unwrap();
    let more = [
        ("dimension", 1_i64.into()),
        ("transport", "w2gn".into()),
        ("minimizer", "adam".into()),
        ("embedding", "none".into()),
        ("nodes", 64_i64.into()),
    ];
    let solver = spreading(&wasserstein(&more), humps());
    let x = points(1, 3.0);
    let mut rho = vec![0.0; 100];
    solver.evaluate(&x, &mut rho, None).unwrap();
    same(&by_numpy(&solver, &x, folder.path()), &rho);
}

#[test]
fn files_that_cannot_be_written_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let network = Exported::default();
    let missing = folder.path().join("missing/network.safetensors");
    for path in [missing.as_path(), folder.path(), Path::new("/dev/null/x")] {
        let refused = network.write(path).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::File);
        assert!(
            refused.message().contains(path.to_str().unwrap()),
            "{refused}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
