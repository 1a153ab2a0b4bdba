//! Fields on meshes of the host, whose weights know little of what lies between their nodes.

use crate::support::problems::{dirichlet, on_grid, relative, start_from};
use crate::support::wasserstein::energy;
use movimento::{Options, Solver};

/// `w tan(w/2) = 1`: the lowest mode of `u_n + u = 0` on an interval of length 1 is `cos(w x)` about its middle.
const W: f64 = 1.306_542_374_188_806;

/// Cells of the mesh along an axis, each of two triangles.
const CELLS: usize = 20;

fn mode(t: f64, x: &[f64]) -> f64 {
    let waves = x.iter().map(|x| (W * (x - 0.5)).cos());
    waves.product::<f64>() * (-2.0 * W * W * t).exp()
}

/// Centroids of triangles and middles of edges: with as many features as the nodes have equations the steps were
/// refused, or the field was wrong on the sides.
#[test]
fn a_wall_with_robin_sides_on_a_coarse_mesh_follows_its_mode() {
    let mut options = Options::new();
    options.set("dimension", 2_i64).unwrap();
    options.set("tau", 0.05).unwrap();
    options.set("movement", "second").unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    let size = 1.0 / CELLS as f64;
    let (mut x, mut sides, mut normals) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..CELLS * CELLS {
        for part in [1.0 / 3.0, 2.0 / 3.0] {
            x.push(size * ((i % CELLS) as f64 + part));
            x.push(size * ((i / CELLS) as f64 + part));
        }
    }
    for i in 0..CELLS {
        let middle = size * (i as f64 + 0.5);
        for (end, normal) in [(0.0, -1.0), (1.0, 1.0)] {
            sides.extend([end, middle, middle, end]);
            normals.extend([normal, 0.0, 0.0, normal]);
        }
    }
    let w = vec![size * size / 2.0; x.len() / 2];
    solver.set_nodes(&x, &w, None).unwrap();
    let w = vec![size; sides.len() / 2];
    solver.set_boundary(&sides, &normals, &w).unwrap();
    let robin = energy("internal", "quadratic", &[("kappa", &[1.0])]);
    solver.add_boundary_energy(&robin, None).unwrap();
    start_from(&mut solver, |x| mode(0.0, x));
    for _ in 0..10 {
        solver.step().unwrap();
    }
    let (x, u) = on_grid(&solver, 41);
    let exact: Vec<f64> = x.chunks_exact(2).map(|x| mode(0.5, x)).collect();
    let error = relative(&u, &exact);
    println!("error {error:.2e}");
    assert!(error < 1.5e-2, "{error:e}");
}
