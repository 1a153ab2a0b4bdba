//! A plugin that was built from the first version of the ABI, and plugins of other versions.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use crate::support::common::*;
use movimento::capi::*;
use movimento::energy::plugin::Plugin;
use movimento::energy::{Batch, Derivatives};
use movimento::{Energy, ErrorKind};
use std::fs;
use std::path::PathBuf;

/// Made by tests/plugins/abi-1.0/build, once.
fn landau() -> PathBuf {
    root().join("tests/plugins/abi-1.0/landau.so")
}

#[test]
fn the_numbers_of_the_first_version_are_right() {
    let (kappa, g) = (0.3, -0.7);
    let mut energy = Energy::from_file(&landau(), Some("landau")).unwrap();
    energy.set("kappa", &[kappa]).unwrap();
    energy.set("g", &[g]).unwrap();
    let density = energy.instantiate(2).unwrap().local.unwrap();
    let x = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6];
    let u = [0.7, -1.2, 0.0];
    let p = [1.0, -0.5, 0.25, 2.0, 0.0, -3.0];
    let (mut f, mut f_u, mut f_uu) = ([9.0; 3], [9.0; 3], [9.0; 3]);
    let (mut f_p, mut f_x, mut f_up) = ([9.0; 6], [9.0; 6], [9.0; 6]);
    let mut f_pp = [9.0; 12];
    let batch = Batch {
        c: 1,
        d: 2,
        t: 0.0,
        x: &x,
        u: &u,
        p: &p,
        h: &[],
    };
    let mut wanted = Derivatives {
        f: Some(&mut f),
        f_u: Some(&mut f_u),
        f_p: Some(&mut f_p),
        f_x: Some(&mut f_x),
        f_uu: Some(&mut f_uu),
        f_up: Some(&mut f_up),
        f_pp: Some(&mut f_pp),
        ..Derivatives::default()
    };
    density.evaluate(&batch, &mut wanted).unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-15 * b.abs().max(1.0), "{a} {b}");
    for i in 0..3 {
        let (u, x0, w) = (u[i], x[2 * i], u[i] * u[i] - 1.0);
        let square = p[2 * i].powi(2) + p[2 * i + 1].powi(2);
        near(f[i], 0.5 * kappa * square + 0.25 * w * w + g * u * x0);
        near(f_u[i], u * w + g * x0);
        near(f_uu[i], 3.0 * u * u - 1.0);
        near(f_x[2 * i], g * u);
        near(f_x[2 * i + 1], 0.0);
        for j in 0..2 {
            near(f_p[2 * i + j], kappa * p[2 * i + j]);
            near(f_up[2 * i + j], 0.0);
            for k in 0..2 {
                near(f_pp[4 * i + 2 * j + k], if j == k { kappa } else { 0.0 });
            }
        }
    }
}

#[test]
fn its_descriptor_is_read_and_its_ranges_are_kept() {
    let path = landau();
    let described = describe(path.to_str()).unwrap();
    assert_eq!(described[0]["id"], "landau");
    assert_eq!(described[0]["parameters"][1]["name"], "g");
    let energy = unsafe { mov_energy_create_from_file(c_path(&path).as_ptr(), std::ptr::null()) };
    let energy = made(energy);
    let status = unsafe { mov_energy_set_real(energy, c"kappa".as_ptr(), -1.0) };
    refused(status, MOV_ERROR_OPTION, &["kappa", "-1"]);
    mov_energy_free(energy);
}

/// The same file, said to be of another major version: nothing past the first fields is looked at.
#[test]
fn other_major_versions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(landau()).unwrap();
    // The entry begins with the version 1.0 and its size.
    let size = size_of::<movimento_abi::PluginEntry>() as u64;
    let entry = [
        &1_u32.to_ne_bytes()[..],
        &0_u32.to_ne_bytes(),
        &size.to_ne_bytes(),
    ]
    .concat();
    let places = bytes.windows(entry.len()).enumerate();
    let places: Vec<_> = places.filter(|(_, window)| *window == entry).collect();
    assert_eq!(places.len(), 1, "the entry is not found in the file");
    let at = places[0].0;
    for major in [0_u32, 2, u32::MAX] {
        let mut other = bytes.clone();
        other[at..at + 4].copy_from_slice(&major.to_ne_bytes());
        let path = folder.path().join(format!("major-{major}.so"));
        fs::write(&path, other).unwrap();
        let error = Plugin::load(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Plugin);
        let message = format!("it was built for version {major}.0 of the plugin ABI; this library");
        assert!(error.message().contains(&message), "{error}");
    }
}

/// A newer minor version, whose structures are larger, is taken.
#[test]
fn a_newer_minor_version_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = fs::read(landau()).unwrap();
    let size = size_of::<movimento_abi::PluginEntry>() as u64;
    let entry = [
        &1_u32.to_ne_bytes()[..],
        &0_u32.to_ne_bytes(),
        &size.to_ne_bytes(),
    ]
    .concat();
    let at = bytes
        .windows(entry.len())
        .position(|window| window == entry)
        .unwrap();
    bytes[at + 4..at + 8].copy_from_slice(&7_u32.to_ne_bytes());
    bytes[at + 8..at + 16].copy_from_slice(&(size + 8).to_ne_bytes());
    let path = folder.path().join("minor-7.so");
    fs::write(&path, bytes).unwrap();
    let plugin = Plugin::load(&path).unwrap();
    assert_eq!(plugin.ids().collect::<Vec<_>>(), ["landau"]);
}
