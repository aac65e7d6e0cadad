//! CPU and wall time of steps that take turns. Linux counts CPU time when a process stops running, which each step does
//! when it waits for the disk.

use std::time::Instant;

/// Nanoseconds that this process has had a processor.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

/// What one kind of step cost, each time.
#[derive(Default)]
pub struct Cost {
    cpu: Vec<f64>,
    wall: Vec<f64>,
}

impl Cost {
    /// Does a step.
    pub fn of<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (before, begun) = (cpu(), Instant::now());
        let result = work();
        self.wall.push(begun.elapsed().as_secs_f64() * 1e6);
        self.cpu.push((cpu() - before) as f64 / 1e3);
        result
    }

    /// Prints what a step cost.
    pub fn print(mut self, name: &str) {
        let mean = self.cpu.iter().sum::<f64>() / self.cpu.len() as f64;
        self.wall.sort_by(f64::total_cmp);
        let at = |part: usize| {
            let index = self.wall.len() * part / 100;
            self.wall.get(index).copied().unwrap_or(f64::NAN)
        };
        println!(
            "{name:<44} {mean:>7.0} µs of CPU; {:>7.0} µs, one in a hundred over {:>7.0} µs",
            at(50),
            at(99)
        );
    }
}
