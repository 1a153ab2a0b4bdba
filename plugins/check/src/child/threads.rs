//! Concurrent calls on one instance: one in the middle of another, and many at random.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use movimento_contract::usage::same_all;
use movimento_contract::{Inputs, Instance, InstanceTable};

use super::evaluation::told;
use super::interrupted::{self, Known};
use super::subject::Subject;

const THREADS: usize = 4;
/// Enough points for arrays of several pages.
const POINTS: usize = 1021;
/// Time for which threads go on, and the least number of calls of each.
const TIME: Duration = Duration::from_millis(200);
const LEAST: usize = 20;

pub fn check(subject: &Subject<'_>) {
    for case in subject.defaults() {
        for table in case.instance.tables() {
            subject.channel.trying(case.name.clone());
            let outcome = race(subject, &table);
            told(subject, outcome, &case.name);
        }
    }
}

/// Every thread evaluates other points, over and over, and compares with what one thread got.
fn race(subject: &Subject<'_>, table: &InstanceTable<'_>) -> Result<String, String> {
    let offered = table.offered();
    let mut serial: Vec<Known> = Vec::new();
    for seed in 0..THREADS {
        let at = subject.points(table, POINTS, 70 + seed as u64);
        let out = table
            .evaluate(&at, offered)
            .map_err(|why| why.to_string())?;
        serial.push((at, out));
    }
    let mut interruptions = 0;
    if let [mine, other, ..] = &serial[..] {
        interruptions = interrupted::check(table, mine, other)?;
    }
    let (start, wrong) = (Barrier::new(THREADS), AtomicBool::new(false));
    let work = |(at, expected): &Known| -> Result<usize, String> {
        start.wait();
        let since = Instant::now();
        for round in 0.. {
            let late = round >= LEAST && since.elapsed() > TIME;
            if late || wrong.load(Ordering::Relaxed) {
                return Ok(round);
            }
            let out = table.evaluate(at, offered).map_err(|why| why.to_string())?;
            if !same_all(expected, &out) {
                wrong.store(true, Ordering::Relaxed);
                return Err("other numbers than alone".to_owned());
            }
            if round % 64 == 0 {
                another(subject, table, at, expected)?;
            }
        }
        Ok(0)
    };
    let died = || Err("a thread died".to_owned());
    let outcomes: Vec<_> = thread::scope(|scope| {
        let start = |part| scope.spawn(move || work(part));
        let all: Vec<_> = serial.iter().map(start).collect();
        let join = |one: thread::ScopedJoinHandle<'_, _>| one.join().unwrap_or_else(|_| died());
        all.into_iter().map(join).collect()
    });
    let mut rounds = 0;
    for outcome in outcomes {
        rounds += outcome?;
    }
    Ok(format!(
        "{rounds} calls in {THREADS} threads, {interruptions} interrupted ones"
    ))
}

/// Other instances may come and go meanwhile.
fn another(
    subject: &Subject<'_>,
    table: &InstanceTable<'_>,
    at: &Inputs,
    expected: &[Vec<f64>],
) -> Result<(), String> {
    let d = u32::try_from(table.dimension()).unwrap_or(u32::MAX);
    let made = Instance::create(&subject.energy, d, &subject.fixed());
    let made = made.map_err(|why| format!("create in a thread: {why}"))?;
    for same in made
        .tables()
        .iter()
        .filter(|other| other.kind().id == table.kind().id)
    {
        let out = same.evaluate(at, table.offered());
        if !same_all(expected, &out.map_err(|why| why.to_string())?) {
            return Err("an instance made in a thread gives other numbers".to_owned());
        }
    }
    Ok(())
}
