//! Detection of properties of an array that mislead a model trained on it: repeated rows, values on few levels,
//! outliers. J = mean of ½‖∇E‖² − ΔE has no lower bound if samples repeat. In units of a standard deviation that
//! outliers dominate, all other rows are almost equal. Neither makes a run fail.

use std::hash::{DefaultHasher, Hash, Hasher};

use ndarray::{ArrayView1, ArrayView2, Axis};
use scorematch_kernels::simd::Real;
use serde::{Deserialize, Serialize};

use super::finding::FAR;
use super::standardizer::median_and_deviation;
use super::{DataError, Finding, Levels, Outliers};

/// How a trainer handles findings in its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Guard {
    /// Each finding is logged once as a warning and included in the report.
    #[default]
    Warn,
    /// Findings are an error.
    Error,
    /// The data is not examined.
    Silent,
}

/// Noise, in robust deviations, below which repeated rows are reported. At this noise, the minimum of J on a repeated
/// row is −D/(2·0.02²).
const LEAST_NOISE: f64 = 0.02;
/// The smallest fraction of repeated rows that is reported.
const REPEATS: f64 = 0.01;
/// Quantiles and levels are computed from at most this many rows, evenly spaced. Levels are reported only if there are
/// at least [`FEW`] rows.
const SAMPLE: usize = 10_000;
const FEW: usize = 20;

/// The findings about `[rows, columns]`, all finite and in the units of training, if normal noise of this standard
/// deviation is added in training. `names` are the names of the columns, or empty.
///
/// - Rows that equal an earlier row, if they are a hundredth of all rows or more. They are not reported if the noise is
///   at least a fiftieth of the largest robust deviation of a column.
/// - Columns with at most half as many distinct values as rows. They are not reported if the noise is at least half the
///   median distance between neighbouring levels and a fiftieth of the robust deviation of the column.
/// - Columns with outliers: values more than a hundred robust deviations from the median, see
///   [`Standardizer::robust`](super::Standardizer::robust).
///
/// Rows are compared by hashes of 64 bits. If there are more than 10 000 rows, levels and robust deviations are
/// computed from 10 000 evenly spaced rows.
#[must_use]
pub fn examine<'x, T: Real>(
    x: impl Into<ArrayView2<'x, T>>,
    noise: f64,
    names: &[String],
) -> Vec<Finding> {
    let x = x.into();
    let (mut levels, mut outliers, mut widest) = (Vec::new(), Vec::new(), 0.0f64);
    for (place, values) in x.axis_iter(Axis(1)).enumerate() {
        let sorted = sample(values);
        let Some(median) = sorted.get(sorted.len() / 2) else {
            return Vec::new();
        };
        let (_, deviation) = median_and_deviation(&sorted);
        widest = widest.max(deviation);
        let (column, name) = (place + 1, names.get(place).cloned());
        let distances = || values.iter().map(|&value| (value.to_f64() - median).abs());
        let farthest = distances().fold(0.0, f64::max) / deviation;
        if deviation > 0.0 && farthest > FAR {
            outliers.push(Outliers {
                column,
                name: name.clone(),
                rows: distances()
                    .filter(|distance| *distance > FAR * deviation)
                    .count(),
                farthest,
                deviation,
            });
        }
        let (count, needed) = count_levels(&sorted, deviation);
        if sorted.len() >= FEW && 2 * count <= sorted.len() && is_less(noise, needed) {
            levels.push(Levels {
                column,
                name,
                levels: count,
                rows: sorted.len(),
                needed,
            });
        }
    }
    let mut findings = Vec::new();
    findings.extend(repeats(x, noise, LEAST_NOISE * widest));
    if !levels.is_empty() {
        let columns = levels;
        findings.push(Finding::Levels { columns, noise });
    }
    if !outliers.is_empty() {
        let columns = outliers;
        findings.push(Finding::Outliers { columns });
    }
    findings
}

/// Whether there is too little noise. No noise is always too little.
fn is_less(noise: f64, needed: f64) -> bool {
    noise == 0.0 || noise < needed
}

fn repeats<T: Real>(x: ArrayView2<T>, noise: f64, needed: f64) -> Option<Finding> {
    if !is_less(noise, needed) {
        return None;
    }
    let hash = |row: ArrayView1<T>| {
        let mut hasher = DefaultHasher::new();
        for &value in row {
            // Adding 0 maps −0 to 0.
            (value.to_f64() + 0.0).to_bits().hash(&mut hasher);
        }
        hasher.finish()
    };
    let mut hashes: Vec<u64> = x.outer_iter().map(hash).collect();
    hashes.sort_unstable();
    let runs = hashes.chunk_by(|a, b| a == b).map(<[u64]>::len);
    let (distinct, most) = runs.fold((0, 0), |(distinct, most), run| {
        (distinct + 1, most.max(run))
    });
    let (rows, repeated) = (x.nrows(), x.nrows() - distinct);
    let finding = Finding::Repeats {
        rows,
        repeated,
        most,
        noise,
        needed,
    };
    (repeated > 0 && repeated as f64 >= REPEATS * rows as f64).then_some(finding)
}

/// The sorted values of a column; of a long column, the sorted values of evenly spaced rows.
fn sample<T: Real>(values: ArrayView1<T>) -> Vec<f64> {
    let count = values.len().min(SAMPLE);
    let at = |k: usize| (k as u128 * values.len() as u128 / count as u128) as usize;
    let mut sample: Vec<f64> = (0..count).map(|k| values[at(k)].to_f64()).collect();
    sample.sort_by(f64::total_cmp);
    sample
}

/// The number of distinct values of a sorted column, and the noise that bridges them.
fn count_levels(sorted: &[f64], deviation: f64) -> (usize, f64) {
    let mut gaps: Vec<f64> = sorted
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|&gap| gap > 0.0)
        .collect();
    gaps.sort_by(f64::total_cmp);
    let bridge = gaps.get(gaps.len() / 2).map_or(0.0, |gap| 0.5 * gap);
    (gaps.len() + 1, bridge.max(LEAST_NOISE * deviation))
}

impl Guard {
    /// The findings of [`examine`]; none for [`Guard::Silent`]. Nothing is logged.
    ///
    /// # Errors
    /// [`DataError::Guarded`] with all findings, if this is [`Guard::Error`] and there are any.
    pub fn findings<'x, T: Real>(
        self,
        x: impl Into<ArrayView2<'x, T>>,
        noise: f64,
        names: &[String],
    ) -> Result<Vec<Finding>, DataError> {
        if self == Guard::Silent {
            return Ok(Vec::new());
        }
        let findings = examine(x, noise, names);
        if self == Guard::Error && !findings.is_empty() {
            return Err(DataError::Guarded { findings });
        }
        Ok(findings)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use scorematch_kernels::simd::InstructionSet;

    use super::*;
    use crate::directions::noise;

    fn normal(rows: usize) -> Array2<f64> {
        noise(InstructionSet::detect().unwrap(), 5, 0, 0, rows, 2)
    }

    fn found(x: &Array2<f64>, noise: f64) -> String {
        let findings = examine(x.view(), noise, &["a".to_owned(), "b".to_owned()]);
        findings
            .iter()
            .map(|finding| format!("{finding}\n"))
            .collect()
    }

    #[test]
    fn sound_data_is_not_spoken_of() {
        let x = normal(20_000);
        assert_eq!(examine(x.view(), 0.0, &[]), []);
        assert_eq!(examine(x.mapv(|x| x as f32).view(), 0.0, &[]), []);
        assert_eq!(examine(x.mapv(|x| x.exp()).view(), 0.0, &[]), []);
        assert_eq!(examine(Array2::<f64>::zeros((0, 2)).view(), 0.0, &[]), []);
        assert_eq!(examine(Array2::<f64>::zeros((2, 0)).view(), 0.1, &[]), []);
        assert_eq!(examine(normal(1).view(), 0.0, &[]), []);
    }

    #[test]
    fn repeated_rows_until_noise_tells_them_apart() {
        let five = normal(5);
        let x = Array2::from_shape_fn((1000, 2), |(row, column)| five[[row % 5, column]]);
        let message = found(&x, 0.0);
        assert!(
            message.contains("995 of 1000 rows repeat")
                && message.contains("commonest stands 200 times"),
            "{message}"
        );
        assert!(found(&x, 1e-4).contains("995 of 1000"));
        assert!(!found(&x, 0.1).contains("rows repeat"));
        let mut one = normal(1000);
        one.row_mut(1).fill(0.5);
        one.row_mut(7).fill(0.5);
        assert_eq!(found(&one, 0.0), "", "one pair of a thousand");
        let zeros = ndarray::array![[0.0, 1.0], [-0.0, 1.0]];
        assert!(found(&zeros, 0.0).contains("1 of 2 rows"));
    }

    #[test]
    fn rounded_columns_until_noise_bridges_them() {
        let mut x = normal(400);
        x.column_mut(1).mapv_inplace(|x| (4.0 * x).round() / 4.0);
        let message = found(&x, 0.0);
        assert!(
            message.contains("column 2 (\"b\")")
                && message.contains("a jitter of 0.12")
                && !message.contains("\"a\""),
            "{message}"
        );
        assert!(found(&x, 0.1).contains("\"b\""));
        assert_eq!(found(&x, 0.15), "");
    }

    #[test]
    fn far_out_rows_and_what_they_do_to_the_rest() {
        let mut x = normal(1000);
        for row in 0..10 {
            x[[100 * row, 0]] = 1e6;
        }
        let message = found(&x, 0.1);
        assert!(
            message.contains("10 in column 1 (\"a\")") && !message.contains("\"b\""),
            "{message}"
        );
        let units = crate::data::Standardization::fit(x.view()).unwrap();
        let z = units.apply(x.view()).unwrap();
        assert!(
            found(&z, 0.1).contains("robust deviation is 1.0e-5"),
            "{}",
            found(&z, 0.1)
        );
    }

    #[test]
    fn what_each_guard_does() {
        let x = Array2::from_elem((50, 2), 1.0);
        assert_eq!(Guard::Silent.findings(x.view(), 0.0, &[]).unwrap(), []);
        assert!(!Guard::Warn.findings(x.view(), 0.0, &[]).unwrap().is_empty());
        let error = Guard::Error
            .findings(x.view(), 0.0, &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("49 of 50 rows") && error.contains("column 2 (from 1)"),
            "{error}"
        );
        assert!(Guard::Error.findings(normal(50).view(), 0.0, &[]).is_ok());
        let wide = Array2::from_elem((50, 10_000), 1.0);
        assert!(
            Guard::Error
                .findings(wide.view(), 0.0, &[])
                .unwrap_err()
                .to_string()
                .len()
                < 1500
        );
    }
}
