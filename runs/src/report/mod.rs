//! Reports as pages that need no other file: what is known about a run in, a page and its pictures out.

mod axes;
mod curves;
mod held_out;
mod page;
mod pairs;

use anyhow::{Result, ensure};
use ndarray::Array2;

pub use page::Page;

use self::curves::Curve;
use self::pairs::add_pairs;
use crate::metrics::Metric;
use crate::statistics::residuals::column_residuals;

/// What a report is made of. Text is plain; the page escapes it.
#[derive(Clone, Debug, Default)]
pub struct Contents<'a> {
    /// The heading.
    pub title: String,
    /// The sentence below it.
    pub lead: String,
    /// How the run stands, in a few words.
    pub status: String,
    /// Names and values that are shown first: model, data, rows, steps, time.
    pub facts: Vec<(String, String)>,
    /// The record of the run.
    pub metrics: &'a [Metric],
    /// The name of the objective that was minimised.
    pub objective: String,
    /// Properties of the data that mislead the model, each with its cure.
    pub findings: &'a [String],
    /// What the reader of the data file did.
    pub notes: &'a [String],
    /// The model on held-out rows.
    pub held_out: Option<HeldOut>,
    /// Rows drawn from the model, in the units of the data.
    pub samples: Option<Array2<f64>>,
    /// The settings, as TOML.
    pub settings: &'a str,
    /// The spec of the model.
    pub spec: &'a str,
    /// The machine and the versions, as text.
    pub environment: &'a str,
}

/// A model on held-out rows.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// The name of each column.
    pub names: Vec<String>,
    /// `[rows, columns]`, in the units of the data.
    pub rows: Array2<f64>,
    /// The loss of each row, in the units of training.
    pub losses: Vec<f64>,
    /// What the losses are, as [`Evaluation`](scorematch::train::Evaluation) puts it: `J under noise 0.15, 4 draws a row`.
    pub loss: String,
    /// Where the scores were taken, `[rows, columns]` in the units of the data: the rows, with noise if the model was
    /// trained with it.
    pub points: Array2<f64>,
    /// The score −∇E at each of `points`, in the units of the data.
    pub scores: Array2<f64>,
    /// The noise on `points`, as text, or nothing.
    pub noise: String,
}

/// A report and the pictures in it.
pub struct Rendered {
    /// The page.
    pub html: String,
    /// The name and the content of each picture's file.
    pub pictures: Vec<(&'static str, Vec<u8>)>,
}

/// Makes the report.
///
/// # Errors
/// Arrays of different shapes where one is meant.
pub fn render(contents: &Contents<'_>) -> Result<Rendered> {
    let mut page = Page::new(&contents.title, &contents.lead);
    let mut pictures = Vec::new();
    if !contents.status.is_empty() {
        page.status(&contents.status);
    }
    page.facts(&contents.facts);
    if contents.findings.is_empty() {
        page.paragraph("The data guard has no findings.");
    } else {
        page.warnings("Findings in the data", contents.findings);
    }
    if !contents.notes.is_empty() {
        page.heading("How the data were read");
        page.list(contents.notes);
    }
    add_curves(contents, &mut page, &mut pictures)?;
    if let Some(held_out) = &contents.held_out {
        held_out.check(contents.samples.as_ref())?;
        let residuals = column_residuals(held_out.points.view(), held_out.scores.view());
        held_out.add_loss(&mut page);
        held_out.add_residuals(&residuals, &mut page);
        let samples = contents.samples.as_ref().map(|samples| samples.view());
        let pairs = add_pairs(held_out, samples, &residuals, &mut page)?;
        pictures.push(("pairs.png", pairs.png));
    }
    page.heading("What the run was made of");
    for (summary, text) in [
        ("Settings", contents.settings),
        ("Spec", contents.spec),
        ("Environment", contents.environment),
    ] {
        if !text.is_empty() {
            page.fold(summary, text);
        }
    }
    Ok(Rendered {
        html: page.html()?,
        pictures,
    })
}

fn add_curves(
    contents: &Contents<'_>,
    page: &mut Page,
    files: &mut Vec<(&'static str, Vec<u8>)>,
) -> Result<()> {
    page.heading("How the run went");
    let curves = curves::draw(contents.metrics)?;
    if curves.is_empty() {
        page.paragraph("No step has been recorded.");
        return Ok(());
    }
    page.pictures(
        curves
            .iter()
            .map(|curve| (&curve.picture, curve.description)),
    );
    let mut note = format!(
        "Training loss: {} of the batches with their noise, averaged between two points.",
        contents.objective
    );
    let is_evaluation = |metric: &Metric| matches!(metric, Metric::Evaluation { .. });
    if contents.metrics.iter().any(is_evaluation) {
        let of = contents.held_out.as_ref();
        note += &format!(
            " Held-out loss: {}, with a band of one standard error over the rows; all evaluations are of the same rows, so \
             their differences are surer than the bands say. The best is the last that improved on the one before by the \
             rule of the settings.",
            of.map_or("the loss of rows that are not trained on", |held_out| {
                &held_out.loss
            })
        );
    }
    note += " Curves are cut off where they leave the panel.";
    page.note(&note);
    for (step, changes) in contents.metrics.iter().filter_map(resumption) {
        let changes = match changes {
            [] => "with the same settings".into(),
            changes => format!("with {}", changes.join("; ")),
        };
        page.note(&format!("Resumed at step {step} {changes}."));
    }
    files.extend(
        curves
            .into_iter()
            .map(|Curve { file, picture, .. }| (file, picture.png)),
    );
    Ok(())
}

fn resumption(metric: &Metric) -> Option<(u64, &[String])> {
    match metric {
        Metric::Resumed { step, changes } => Some((*step, changes)),
        _ => None,
    }
}

impl HeldOut {
    fn check(&self, samples: Option<&Array2<f64>>) -> Result<()> {
        let (rows, columns) = self.rows.dim();
        let same = self.losses.len() == rows
            && self.names.len() == columns
            && self.points.ncols() == columns
            && self.points.dim() == self.scores.dim()
            && samples.is_none_or(|samples| samples.ncols() == columns);
        ensure!(
            same && columns > 0,
            "a report needs a name for each column, a loss for each row, a score for each point and samples of as many \
             columns: there are {rows} rows of {columns} columns with {} names and {} losses, scores of shape {:?} at \
             points of shape {:?}",
            self.names.len(),
            self.losses.len(),
            self.scores.dim(),
            self.points.dim()
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scorematch::train::Stop;

    fn held_out(rows: usize, columns: usize) -> HeldOut {
        let points = Array2::from_shape_fn((rows, columns), |(i, j)| ((i + 7 * j) as f64).sin());
        HeldOut {
            names: (0..columns).map(|k| format!("name<{k}>")).collect(),
            rows: points.clone(),
            losses: vec![-1.0; rows],
            loss: "J".into(),
            scores: -&points,
            points,
            noise: String::new(),
        }
    }

    #[test]
    fn a_run_that_has_not_begun_has_a_report() {
        let rendered = render(&Contents::default()).unwrap();
        assert!(rendered.html.contains("No step has been recorded"));
        assert!(rendered.html.contains("no findings"));
        assert!(rendered.pictures.is_empty());
    }

    #[test]
    fn everything_is_on_the_page_and_escaped() {
        let metrics = [
            Metric::Evaluation {
                step: 0,
                seconds: 0.0,
                loss: 1.0,
                standard_error: 0.1,
                improvement: true,
            },
            Metric::Resumed {
                step: 4,
                changes: vec!["batch: 64 → 128".into()],
            },
            Metric::Finished {
                step: 9,
                seconds: 1.0,
                stop: Stop::Interrupted,
                best_step: Some(0),
            },
        ];
        let (findings, notes) = (["a finding & cure".to_owned()], ["a note".to_owned()]);
        let contents = Contents {
            title: "<title>".into(),
            metrics: &metrics,
            findings: &findings,
            notes: &notes,
            held_out: Some(held_out(50, 8)),
            samples: Some(Array2::zeros((5, 8))),
            settings: "steps = 9",
            spec: "energy E(x: [8]) { sum(x < 0) }",
            environment: "float64",
            ..Contents::default()
        };
        let Rendered { html, pictures } = render(&contents).unwrap();
        for text in [
            "<h1>&lt;title&gt;</h1>",
            "a finding &amp; cure",
            "<li>a note</li>",
            "Resumed at step 4 with batch: 64 → 128.",
            "name&lt;3&gt;",
            "Of 8 columns, the 6 with the largest |z|",
            "steps = 9",
            "sum(x &lt; 0)",
            "float64",
        ] {
            assert!(html.contains(text), "{text} is not on the page");
        }
        let names: Vec<&str> = pictures.iter().map(|picture| picture.0).collect();
        assert_eq!(names, ["loss.png", "loss_by_time.png", "pairs.png"]);
        assert_eq!(html.matches("<img").count(), pictures.len());
    }

    #[test]
    fn few_rows_and_columns_are_no_trouble() {
        for (rows, columns, samples) in [(1, 1, 0), (0, 2, 3), (2, 1, 1)] {
            let contents = Contents {
                held_out: Some(held_out(rows, columns)),
                samples: Some(Array2::zeros((samples, columns))),
                ..Contents::default()
            };
            assert_eq!(render(&contents).unwrap().pictures.len(), 1);
        }
    }

    #[test]
    fn arrays_that_do_not_belong_together_are_an_error() {
        let contents = Contents {
            held_out: Some(held_out(3, 2)),
            samples: Some(Array2::zeros((5, 3))),
            ..Contents::default()
        };
        let message = render(&contents).err().unwrap().to_string();
        assert!(message.contains("3 rows of 2 columns"), "{message}");
    }
}
