//! How a run went, as pictures: losses against steps and against time, learning rate and length of the gradient.

use anyhow::Result;

use crate::metrics::Metric;
use crate::plot::palette::INK;
use crate::plot::{Band, Line, LinePanel, LinePicture, Picture, SERIES, Scale};
use crate::statistics::bootstrap::quantile;

const PANEL: [u32; 2] = [560, 380];
/// How much of the height the last half of a curve gets at least: one part of so many. What lies higher is cut off.
const PARTS: f64 = 12.0;

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
    let (steps, seconds): (Abscissa, Abscissa) = (
        ("steps", |point| point.step),
        ("seconds of training", |point| point.seconds),
    );
    add(
        "loss.png",
        "Loss against steps",
        series.losses("Loss against steps", steps),
    )?;
    add(
        "loss_by_time.png",
        "Loss against seconds of training",
        series.losses("Loss against time", seconds),
    )?;
    add(
        "training_loss.png",
        "Training loss against steps",
        series.training_loss(),
    )?;
    add(
        "learning_rate.png",
        "Learning rate against steps",
        series.single("Learning rate", &series.learning_rate, Scale::Linear),
    )?;
    add(
        "gradient_norm.png",
        "Length of the gradient against steps",
        series.single("Length of the gradient", &series.gradient_norm, Scale::Log),
    )?;
    Ok(curves)
}

type Abscissa = (&'static str, fn(&Point) -> f64);

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
        let mut y_range = match held_out.is_empty() {
            true => range(&self.training)?,
            false => range(&held_out)?,
        };
        if let Some([low, high]) = range(&self.training).filter(|_| together) {
            // Noisy losses do not take the room of those that are judged.
            let room = 0.5 * (y_range[1] - y_range[0]);
            y_range = [
                low.clamp(y_range[0] - room, y_range[0]),
                high.clamp(y_range[1], y_range[1] + room),
            ];
        }
        let curve = |of: &[Point]| of.iter().map(|point| (x(point), point.value)).collect();
        let line = |name: &str, colour, points: Vec<(f64, f64)>, faint, marked| Line {
            name: name.into(),
            colour,
            points,
            marked,
            faint,
        };
        let mut lines = Vec::new();
        if together && !self.training.is_empty() {
            lines.push(line("training", INK, curve(&self.training), true, false));
        }
        if !held_out.is_empty() {
            lines.push(line(
                "held-out ± se",
                SERIES[0],
                curve(&held_out),
                false,
                false,
            ));
        }
        if let Some(best) = &self.best {
            lines.push(line("best", SERIES[1], curve(&[*best]), false, true));
        }
        if x_label == "steps" {
            lines.extend(self.resumptions(y_range));
        }
        let band = self.held_out.iter().map(|(point, se)| {
            let ends = [point.value - se, point.value + se];
            (x(point), ends)
        });
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
                points: band.collect(),
            }],
            lines,
        })
    }

    /// Whether the training loss lies where the held-out loss does, or stands alone. A denoising loss, for example, differs
    /// from J by a constant.
    fn is_together(&self) -> bool {
        let held_out: Vec<Point> = self.held_out.iter().map(|(point, _)| *point).collect();
        match (range(&held_out), range(&late(&self.training))) {
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
            .then(|| self.single("Training loss", &self.training, Scale::Linear))
            .flatten()
    }

    /// One number against steps.
    fn single(&self, title: &str, points: &[Point], y_scale: Scale) -> Option<LinePanel> {
        let shown = |point: &&Point| {
            point.value.is_finite() && (y_scale == Scale::Linear || point.value > 0.0)
        };
        let points: Vec<Point> = points.iter().filter(shown).copied().collect();
        let y_range = match (y_scale, title) {
            (Scale::Log, _) => {
                let values = || points.iter().map(|point| point.value);
                let least = values().fold(f64::INFINITY, f64::min);
                let greatest = values().fold(0.0, f64::max);
                (least <= greatest).then_some([0.8 * least, 1.25 * greatest])?
            }
            (Scale::Linear, "Learning rate") => {
                let greatest = points.iter().map(|point| point.value).fold(0.0, f64::max);
                (greatest > 0.0).then_some([0.0, 1.08 * greatest])?
            }
            (Scale::Linear, _) => range(&points)?,
        };
        let curve = points.iter().map(|point| (point.step, point.value));
        let mut lines = vec![Line {
            name: String::new(),
            colour: SERIES[0],
            points: curve.collect(),
            marked: points.len() == 1,
            faint: false,
        }];
        lines.extend(self.resumptions(y_range));
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

    /// A vertical line where the run went on from a checkpoint; the first has an entry in the legend.
    fn resumptions(&self, [low, high]: [f64; 2]) -> Vec<Line> {
        let line = |(place, step): (usize, &f64)| Line {
            name: if place == 0 {
                "resumed".into()
            } else {
                String::new()
            },
            colour: SERIES[2],
            points: vec![(*step, low), (*step, high)],
            marked: false,
            faint: true,
        };
        self.resumed.iter().enumerate().map(line).collect()
    }
}

/// The last abscissa of all lines, greater than 0.
fn end(lines: &[Line]) -> f64 {
    let all = lines.iter().flat_map(|line| &line.points);
    let last = all.map(|point| point.0).fold(0.0, f64::max);
    if last > 0.0 { last } else { 1.0 }
}

/// The last half of a curve.
fn late(points: &[Point]) -> Vec<Point> {
    points[points.len() / 2..].to_vec()
}

/// An axis for the values: without the first fall from far above, and without single values far out. `None` if no value
/// is finite.
fn range(points: &[Point]) -> Option<[f64; 2]> {
    let sorted = |points: &[Point]| {
        let finite = points.iter().map(|point| point.value);
        let mut values: Vec<f64> = finite.filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (all, late) = (sorted(points), sorted(&late(points)));
    let bulk = if late.is_empty() { &all } else { &late };
    let low = quantile(Some(&all[..]).filter(|all| !all.is_empty())?, 0.01);
    let settled = quantile(bulk, 0.95).max(low);
    let most = low + PARTS * (settled - low).max(1e-9 * low.abs()).max(f64::MIN_POSITIVE);
    let high = quantile(&all, 1.0).min(most).max(settled);
    let margin = match 0.06 * (high - low) {
        margin if margin > 1e-9 * low.abs().max(high.abs()) => margin,
        _ => 0.5 * low.abs().max(1e-3),
    };
    let range = [low - margin, high + margin];
    (range[0].is_finite() && range[1].is_finite()).then_some(range)
}
