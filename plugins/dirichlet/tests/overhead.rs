//! The cost of one evaluation through the C table, every output wanted.

use std::ffi::c_void;
use std::mem;
use std::ptr;
use std::time::{Duration, Instant};

use movimento_dirichlet::PLUGIN;
use movimento_plugin::abi;

const N: usize = 1600;
const D: usize = 2;

#[test]
fn a_batch_of_1600_points_costs_less_than_300_microseconds() {
    let entry = PLUGIN.as_raw();
    let mut instance: *mut c_void = ptr::null_mut();
    let mut message = [0; 256];
    let (x, u, p) = (vec![0.5; N * D], vec![0.5; N], vec![0.25; N * D]);
    let mut outputs =
        [N, N, N * D, N * D, N, N * D, N * D * D].map(|length| vec![f64::NAN; length]);
    let [f, f_u, f_p, f_x, f_uu, f_up, f_pp] = outputs.each_mut().map(Vec::as_mut_ptr);
    let batch = abi::LocalBatch {
        struct_size: mem::size_of::<abi::LocalBatch>() as u64,
        n: N as u64,
        d: D as u64,
        x: x.as_ptr(),
        u: u.as_ptr(),
        p: p.as_ptr(),
        f,
        f_u,
        f_p,
        f_x,
        f_uu,
        f_up,
        f_pp,
        t: 0.0,
    };
    let mut best = Duration::MAX;
    // SAFETY: the entry is this crate's; arrays are as long as the batch says.
    unsafe {
        let create = entry.create.unwrap();
        let (text, size) = (message.as_mut_ptr(), message.len() as u64);
        let status = create(0, D as u32, ptr::null(), 0, &raw mut instance, text, size);
        assert_eq!(status, abi::OK);
        let table = entry.get_extension.unwrap()(0, abi::LOCAL_1.as_ptr());
        let evaluate = (*table.cast::<abi::LocalTable>()).evaluate.unwrap();
        for _ in 0..200 {
            let start = Instant::now();
            assert_eq!(evaluate(instance, &raw const batch, text, size), abi::OK);
            best = best.min(start.elapsed());
        }
        entry.destroy.unwrap()(instance);
    }
    let [f, ..] = outputs;
    assert_eq!(f[N - 1], 0.0625);
    println!("{best:?}");
    assert!(
        cfg!(debug_assertions) || best < Duration::from_micros(300),
        "{best:?}"
    );
}
