//! What this machine can do at most: matrix products and memory traffic, measured.

use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, Mat, Par};
use rustix::time::{ClockId, clock_gettime};

/// Floating-point operations a second of the fastest matrix product found, of some shapes that a
/// layer of 256 units has and of large squares, all threads together.
pub fn peak<T: ComplexField + Copy + From<f32>>(threads: usize) -> f64 {
    let shapes = [
        (256, 256, 192),
        (256, 256, 384),
        (256, 256, 768),
        (1024, 1024, 1024),
        (2048, 512, 2048),
    ];
    let mut best = 0.0_f64;
    for (m, k, n) in shapes {
        let work = 2.0 * (m * k * n) as f64;
        let repeats = (2e9 / work).ceil().max(1.0);
        for _ in 0..3 {
            let rates = together(threads, || {
                let one = T::from(1.0);
                let (a, b) = (Mat::full(m, k, one), Mat::full(k, n, one));
                let mut c = Mat::full(m, n, one);
                let mut product = || {
                    matmul(c.as_mut(), Accum::Replace, &a, &b, one, Par::Seq);
                };
                product();
                let start = cpu_seconds();
                let mut done = 0.0;
                while done < repeats {
                    product();
                    done += 1.0;
                }
                let rate = repeats * work / (cpu_seconds() - start);
                std::hint::black_box(&c);
                rate
            });
            best = best.max(rates.into_iter().sum());
        }
    }
    best
}

/// Bytes a second of `a = b + 3 c` over arrays too large for any cache, all threads together.
pub fn bandwidth(threads: usize) -> f64 {
    const LENGTH: usize = 24 << 20;
    let seconds = together(threads, || {
        let (b, c) = (vec![1.0_f64; LENGTH], vec![2.0_f64; LENGTH]);
        let mut a = vec![0.0_f64; LENGTH];
        let mut best = f64::INFINITY;
        for _ in 0..4 {
            let start = cpu_seconds();
            for ((a, b), c) in a.iter_mut().zip(&b).zip(&c) {
                *a = b + 3.0 * c;
            }
            std::hint::black_box(&a);
            best = best.min(cpu_seconds() - start);
        }
        best
    });
    let slowest = seconds.into_iter().fold(0.0, f64::max);
    threads as f64 * 24.0 * LENGTH as f64 / slowest
}

/// Runs the same on some threads at once.
fn together(threads: usize, work: impl Fn() -> f64 + Sync) -> Vec<f64> {
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(&work)).collect();
        running
            .into_iter()
            .flat_map(std::thread::ScopedJoinHandle::join)
            .collect()
    })
}

/// Processor time of this thread: what other programs on the machine take does not count.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
