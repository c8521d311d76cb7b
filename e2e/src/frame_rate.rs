//! How steadily frames come: from the moments of `requestAnimationFrame` to rates.

use serde::Deserialize;

/// Records the moment of every animation frame of the page, in milliseconds, and the moment when the memory of
/// WebAssembly last grew, if it did.
pub const RECORD: &str = "
    const record = window.eseFrames = { moments: [], grew_at: null };
    const bytes = () => window.eseWasm?.memory.buffer.byteLength;
    let size = bytes();
    const next = moment => {
        if (window.eseFrames !== record) return;
        record.moments.push(moment);
        if (bytes() !== size) { size = bytes(); record.grew_at = moment; }
        requestAnimationFrame(next);
    };
    requestAnimationFrame(next);";
/// Ends the recording and returns it.
pub const RECORDED: &str = "const record = window.eseFrames; window.eseFrames = null; return record;";

/// A recording.
#[derive(Clone, Debug, Deserialize)]
pub struct Frames {
    /// The moment of each frame, in milliseconds.
    pub moments: Vec<f64>,
    /// The moment when the memory of WebAssembly last grew, on the same clock.
    pub grew_at: Option<f64>,
}

/// How steadily frames came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The number of frames.
    pub frames: usize,
    /// Frames per second over all of the time.
    pub mean: f64,
    /// Frames per second if all came as late as the latest hundredth of them did on average.
    pub low: f64,
    /// The longest time between two, in milliseconds.
    pub longest_ms: f64,
}

impl Pace {
    /// From the moments of frames, ascending, in milliseconds; none for fewer than two.
    pub fn of(moments: &[f64]) -> Option<Self> {
        let mut gaps: Vec<f64> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable_by(f64::total_cmp);
        let longest_ms = *gaps.last()?;
        let latest = &gaps[gaps.len() - gaps.len().div_ceil(100)..];
        let per_second = |gaps: &[f64]| 1000.0 * gaps.len() as f64 / gaps.iter().sum::<f64>();
        Some(Self { frames: moments.len(), mean: per_second(&gaps), low: per_second(latest), longest_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_hides_what_the_low_shows() {
        let steady: Vec<f64> = (0..=200).map(|frame| f64::from(frame) * 10.0).collect();
        let pace = Pace::of(&steady).unwrap();
        assert_eq!((pace.frames, pace.mean, pace.low, pace.longest_ms), (201, 100.0, 100.0, 10.0));

        // One of two hundred takes 90 ms longer: the latest two are 100 and 10 ms.
        let late: Vec<f64> = steady.iter().map(|&at| if at > 1000.0 { at + 90.0 } else { at }).collect();
        let pace = Pace::of(&late).unwrap();
        assert!(pace.mean > 95.0 && pace.longest_ms == 100.0 && (pace.low - 2000.0 / 110.0).abs() < 1e-9, "{pace:?}");
        assert_eq!(Pace::of(&[1.0]), None);
    }
}
