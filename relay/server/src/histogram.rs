//! Counts of short times, by how long they were.

use std::time::Duration;

/// The longest time of each class, microseconds. One more class has the longer ones.
pub const UP_TO_US: [u64; 10] = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/// How many times of each class there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; UP_TO_US.len() + 1],
    sum: Duration,
}

impl Histogram {
    /// Counts a time.
    pub fn note(&mut self, time: Duration) {
        let is_within = |up_to: &u64| time <= Duration::from_micros(*up_to);
        let class = UP_TO_US.iter().position(is_within);
        if let Some(count) = self.counts.get_mut(class.unwrap_or(UP_TO_US.len())) {
            *count += 1;
        }
        self.sum += time;
    }

    /// Counts the times of another one too.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.sum += other.sum;
    }

    /// How many times there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All times together.
    #[must_use]
    pub const fn sum(&self) -> Duration {
        self.sum
    }

    /// Returns each class's longest time, and how many times were not longer.
    pub fn cumulative(&self) -> impl Iterator<Item = (Duration, u64)> {
        let mut so_far = 0;
        let classes = UP_TO_US.iter().zip(self.counts);
        classes.map(move |(up_to, count)| {
            so_far += count;
            (Duration::from_micros(*up_to), so_far)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_counts_in_every_class_that_holds_it() {
        let mut histogram = Histogram::default();
        for us in [0, 5, 6, 1_000, 9_000] {
            histogram.note(Duration::from_micros(us));
        }
        let counts: Vec<u64> = histogram.cumulative().map(|(_, count)| count).collect();
        assert_eq!(counts, [2, 3, 3, 3, 3, 3, 3, 4, 4, 4]);
        assert_eq!(histogram.count(), 5);
        assert_eq!(histogram.sum(), Duration::from_micros(10_011));
        let one = histogram;
        histogram.add(&one);
        assert_eq!(histogram.count(), 10);
        assert_eq!(histogram.sum(), Duration::from_micros(20_022));
    }
}
