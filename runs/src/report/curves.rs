//! How a run went, as pictures: losses against steps and against time, learning rate and length of the gradient.

use anyhow::Result;

use super::axes::{bulk, from_zero, late, ratios};
use crate::metrics::Metric;
use crate::plot::palette::{Colour, INK};
use crate::plot::{Band, Line, LinePanel, LinePicture, Picture, SERIES, Scale};

const PANEL: [u32; 2] = [520, 360];
/// A picture, the name of its file, and the sentence that stands for it.
pub(super) struct Curve {
    pub(super) file: &'static str,
    pub(super) picture: Picture,
    pub(super) description: &'static str,
}

/// A number of a run at the step and the second at which it was taken.
#[derive(Clone, Copy)]
struct Point {
    step: f64,
    seconds: f64,
    value: f64,
}

/// The numbers of a run.
#[derive(Default)]
struct Series {
    training: Vec<Point>,
    learning_rate: Vec<Point>,
    gradient_norm: Vec<Point>,
    held_out: Vec<(Point, f64)>,
    best: Option<Point>,
    resumed: Vec<f64>,
}

/// The pictures of the numbers that there are.
pub(super) fn draw(metrics: &[Metric]) -> Result<Vec<Curve>> {
    let series = Series::of(metrics);
    let mut curves = Vec::new();
    let mut add = |file, description, panel: Option<LinePanel>| -> Result<()> {
        if let Some(panel) = panel {
            let (panels, panel) = (vec![panel], PANEL);
            let picture = LinePicture { panels, panel }.draw()?;
            curves.push(Curve {
                file,
                picture,
                description,
            });
        }
        Ok(())
    };
    add(
        "loss.png",
        "Loss against steps",
        series.losses("Loss against steps", STEPS),
    )?;
    add(
        "loss_by_time.png",
        "Loss against seconds of training",
        series.losses("Loss against time", SECONDS),
    )?;
    add(
        "training_loss.png",
        "Training loss against steps",
        series.training_loss(),
    )?;
    add(
        "learning_rate.png",
        "Learning rate against steps",
        series.single("Learning rate", &series.learning_rate, from_zero),
    )?;
    add(
        "gradient_norm.png",
        "Length of the gradient against steps",
        series.single("Length of the gradient", &series.gradient_norm, ratios),
    )?;
    Ok(curves)
}

/// The text of a horizontal axis, and the place of a point on it.
type Abscissa = (&'static str, fn(&Point) -> f64);

const STEPS: Abscissa = ("steps", |point| point.step);
const SECONDS: Abscissa = ("seconds of training", |point| point.seconds);

/// Divides the vertical axis for points; `None` if there is nothing to show.
type Axis = fn(&[f64]) -> Option<(Scale, [f64; 2])>;

impl Series {
    fn of(metrics: &[Metric]) -> Series {
        let mut series = Series::default();
        for metric in metrics {
            let step = metric.step() as f64;
            match *metric {
                Metric::Train {
                    loss,
                    gradient_norm,
                    learning_rate,
                    seconds,
                    ..
                } => {
                    let point = |value| Point {
                        step,
                        seconds,
                        value,
                    };
                    series.training.push(point(loss));
                    series.gradient_norm.push(point(gradient_norm));
                    series.learning_rate.push(point(learning_rate));
                }
                Metric::Evaluation {
                    seconds,
                    loss,
                    standard_error,
                    improvement,
                    ..
                } => {
                    let point = Point {
                        step,
                        seconds,
                        value: loss,
                    };
                    series.held_out.push((point, standard_error));
                    if improvement {
                        series.best = Some(point);
                    }
                }
                Metric::Resumed { .. } => series.resumed.push(step),
                Metric::Finished { .. } => {}
            }
        }
        series
    }

    /// Held-out loss with its band and its best, over the training loss where both are of one size.
    fn losses(&self, title: &str, (x_label, x): Abscissa) -> Option<LinePanel> {
        let held_out: Vec<Point> = self.held_out.iter().map(|(point, _)| *point).collect();
        let together = self.is_together();
        let training = bulk(&values(&self.training));
        let mut y_range = bulk(&values(&held_out)).or(training)?;
        let band = self.held_out.iter().map(|(point, se)| {
            let ends = [point.value - se, point.value + se];
            (x(point), ends)
        });
        let band: Vec<(f64, [f64; 2])> = band.collect();
        let below: Vec<f64> = band.iter().map(|(_, ends)| ends[0]).collect();
        if let Some([low, _]) = bulk(late(&below)) {
            y_range[0] = low.min(y_range[0]);
        }
        if let Some([low, high]) = training.filter(|_| together) {
            // Noisy losses do not take the room of those that are judged.
            let room = 0.5 * (y_range[1] - y_range[0]);
            y_range = [
                low.clamp(y_range[0] - room, y_range[0]),
                high.clamp(y_range[1], y_range[1] + room),
            ];
        }
        let curve = |of: &[Point]| of.iter().map(|point| (x(point), point.value)).collect();
        let mut lines = Vec::new();
        if together && !self.training.is_empty() {
            let faint = true;
            let strong = line("training", INK, curve(&self.training));
            lines.push(Line { faint, ..strong });
        }
        if !held_out.is_empty() {
            lines.push(line("held-out", SERIES[0], curve(&held_out)));
        }
        if let Some(best) = &self.best {
            lines.push(line("best", SERIES[1], curve(&[*best])));
        }
        if x_label == STEPS.0 {
            lines.extend(self.resumptions("resumed", y_range));
        }
        Some(LinePanel {
            title: title.into(),
            x_label: x_label.into(),
            y_label: "loss".into(),
            x_range: [0.0, end(&lines)],
            y_range,
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
            bands: vec![Band {
                colour: SERIES[0],
                points: band,
            }],
            lines,
        })
    }

    /// Whether the training loss lies where the held-out loss does, or stands alone. A denoising loss, for example, differs
    /// from J by a constant.
    fn is_together(&self) -> bool {
        let held_out: Vec<Point> = self.held_out.iter().map(|(point, _)| *point).collect();
        match (
            bulk(&values(&held_out)),
            bulk(late(&values(&self.training))),
        ) {
            (Some([low, high]), Some(training)) => {
                let room = high - low;
                training[0] < high + room && training[1] > low - room
            }
            _ => true,
        }
    }

    /// The training loss, where it does not fit beside the held-out loss.
    fn training_loss(&self) -> Option<LinePanel> {
        (!self.is_together())
            .then(|| {
                self.single("Training loss", &self.training, |values| {
                    Some((Scale::Linear, bulk(values)?))
                })
            })
            .flatten()
    }

    /// One number against steps.
    fn single(&self, title: &str, points: &[Point], axis: Axis) -> Option<LinePanel> {
        let (y_scale, y_range) = axis(&values(points))?;
        let shown = |value: f64| value.is_finite() && (y_scale == Scale::Linear || value > 0.0);
        let curve = points.iter().filter(|point| shown(point.value));
        let curve: Vec<(f64, f64)> = curve.map(|point| (point.step, point.value)).collect();
        let mut lines: Vec<Line> = self.resumptions("", y_range).collect();
        lines.push(line("", SERIES[0], curve));
        Some(LinePanel {
            title: title.into(),
            x_label: "steps".into(),
            y_label: String::new(),
            x_range: [0.0, end(&lines)],
            y_range,
            x_scale: Scale::Linear,
            y_scale,
            bands: Vec::new(),
            lines,
        })
    }

    /// A vertical line where the run went on from a checkpoint; the first is in the legend.
    fn resumptions(&self, name: &str, [low, high]: [f64; 2]) -> impl Iterator<Item = Line> {
        let vertical = move |(place, step): (usize, &f64)| Line {
            faint: true,
            ..line(
                if place == 0 { name } else { "" },
                SERIES[2],
                vec![(*step, low), (*step, high)],
            )
        };
        self.resumed.iter().enumerate().map(vertical)
    }
}

/// A strong line; a point where there is no more than one.
fn line(name: &str, colour: Colour, points: Vec<(f64, f64)>) -> Line {
    Line {
        name: name.into(),
        colour,
        marked: points.len() == 1,
        points,
        faint: false,
    }
}

/// The last abscissa of all lines, greater than 0.
fn end(lines: &[Line]) -> f64 {
    let all = lines.iter().flat_map(|line| &line.points);
    let last = all.map(|point| point.0).fold(0.0, f64::max);
    if last > 0.0 { last } else { 1.0 }
}

/// The values of points, in their order.
fn values(points: &[Point]) -> Vec<f64> {
    points.iter().map(|point| point.value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn training(step: u64, loss: f64) -> Metric {
        Metric::Train {
            step,
            epoch: 0,
            loss,
            gradient_norm: loss.abs(),
            learning_rate: 0.01,
            seconds: step as f64,
        }
    }

    fn evaluation(step: u64, loss: f64) -> Metric {
        Metric::Evaluation {
            step,
            seconds: step as f64,
            loss,
            standard_error: 0.1,
            improvement: step == 1,
        }
    }

    fn files(metrics: &[Metric]) -> Vec<&'static str> {
        let curves = draw(metrics).unwrap();
        curves.iter().map(|curve| curve.file).collect()
    }

    #[test]
    fn there_is_a_picture_of_what_was_recorded() {
        assert_eq!(files(&[]), [""; 0]);
        let losses = ["loss.png", "loss_by_time.png"];
        assert_eq!(files(&[evaluation(0, 1.0)]), losses);
        let all = [
            losses[0],
            losses[1],
            "learning_rate.png",
            "gradient_norm.png",
        ];
        assert_eq!(files(&[training(3, -1.0)]), all);
        let broken = [training(3, f64::NAN), evaluation(3, f64::INFINITY)];
        assert_eq!(files(&broken), ["learning_rate.png"]);
        assert_eq!(files(&[training(3, 1.0), evaluation(3, f64::NAN)]), all);
    }

    #[test]
    fn numbers_of_every_size_are_drawn() {
        for losses in [
            [1e300, -1e300],
            [f64::MAX, f64::MIN],
            [5e-324, 1e-300],
            [1e-300, 1e300],
            [1e15, 1e15 + 1.0],
            [-1.0, -1.0 - 1e-15],
        ] {
            let metrics: Vec<Metric> = (1..5)
                .flat_map(|k| {
                    let loss = losses[k as usize % 2];
                    [
                        training(k * 1_000_000_000, loss),
                        evaluation(k * 1_000_000_000, loss),
                    ]
                })
                .collect();
            draw(&metrics).unwrap();
        }
    }

    #[test]
    fn a_training_loss_of_another_size_has_its_own_picture() {
        let near: Vec<Metric> = (1..9)
            .flat_map(|k| [training(k, 1.0), evaluation(k, 1.0)])
            .collect();
        assert!(!files(&near).contains(&"training_loss.png"));
        let far: Vec<Metric> = (1..9)
            .flat_map(|k| [training(k, 9.0), evaluation(k, 1.0)])
            .collect();
        assert!(files(&far).contains(&"training_loss.png"));
    }
}
