//! A run in its folder: training with checkpoints and metrics, until it ends.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use anyhow::{Result, ensure};
use scorematch::__private::AnySpec;
use scorematch::train::{Event, Report, Resumed, StepInfo, Stop, Trainer};
use scorematch::{Error, Real};

use crate::data::{Rows, units_setting};
use crate::folder::RunFolder;
use crate::metrics::{Metric, Writer};
use crate::model::AnyModel;
use crate::settings::Settings;
use crate::standard_output::say;

/// Where a run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At step 0.
    New,
    /// At its last checkpoint.
    Resumed,
}

/// Trains a model in the folder of a run. Afterwards the folder has the report.
pub(super) fn fit<T: Real>(
    folder: &RunFolder,
    settings: &Settings,
    mut model: AnyModel<T>,
    rows: &Rows<T>,
    start: Start,
    progress: bool,
) -> Result<()> {
    ensure!(
        settings.checkpoint_every >= 0.0 && settings.checkpoint_every.is_finite(),
        "--checkpoint-every {}: a number of seconds, 0 or more",
        settings.checkpoint_every
    );
    for line in rows.account.notes.iter() {
        say(format_args!("note: {line}"));
    }
    for line in rows.account.findings.iter() {
        say(format_args!("warning: {line}"));
    }
    model.set_threads(settings.threads);
    model.set_device(settings.device.parse()?)?;
    let last: Cell<Option<StepInfo>> = Cell::new(None);
    let metrics: RefCell<Option<Metrics<'_>>> = RefCell::new(None);
    let mut trainer = trainer(settings, rows)
        .checkpoint(folder.model())
        .save_state(folder.state())
        .save_every(Duration::from_secs_f64(settings.checkpoint_every))
        .progress(progress)
        .stop_on_signals(true)
        .on_step(|info| last.set(Some(*info)));
    let observe = |event: &Event<'_, AnySpec, T>| -> scorematch::Result<()> {
        let mut metrics = metrics.borrow_mut();
        let result = match &mut *metrics {
            Some(metrics) => metrics.follow(
                event.report(),
                last.get(),
                event.held_out(),
                event.is_best(),
            ),
            None => Metrics::begin(folder, event.report(), settings).and_then(|begun| {
                metrics.insert(begun).follow(
                    event.report(),
                    last.get(),
                    event.held_out(),
                    event.is_best(),
                )
            }),
        };
        result.map_err(|error| Error::Io {
            path: folder.file("metrics.jsonl"),
            source: std::io::Error::other(format!("{error:#}")),
        })
    };
    let report = match start {
        Start::New => trainer.fit_with(&mut model, &rows.train, observe)?,
        Start::Resumed => trainer.resume_with(&mut model, &rows.train, observe)?,
    };
    drop(trainer);
    let mut metrics = match metrics.into_inner() {
        Some(metrics) => metrics,
        None => Metrics::begin(folder, &report, settings)?,
    };
    metrics.finish(&report)?;
    folder.write_json("report.json", &report)?;
    say(&report);
    say(format_args!("the run is in {}", folder.path().display()));
    ensure!(
        !matches!(report.stop, Stop::Diverged(_)),
        "the run diverged; {} has its last finite parameters. Resume it from its last checkpoint with a smaller learning rate: \
         scorematch resume {} --learning-rate {}",
        folder.path().display(),
        folder.path().display(),
        0.1 * settings.train.optimizer.learning_rate()
    );
    Ok(())
}

/// The trainer of a run, without files.
fn trainer<T: Real>(settings: &Settings, rows: &Rows<T>) -> Trainer<'static, T> {
    let mut training = settings.train.clone();
    training.units = units_setting(rows.units.as_ref());
    // The rows were examined when they were read, with the names of their columns.
    training.data_guard = scorematch::data::Guard::Silent;
    let trainer = Trainer::from(training);
    match &rows.held_out {
        Some(held_out) => trainer.held_out(held_out),
        None => trainer,
    }
}

/// The metrics of a run as it goes on.
struct Metrics<'s> {
    writer: Writer,
    settings: &'s Settings,
    /// The step of the last line about the training loss.
    told: u64,
}

impl<'s> Metrics<'s> {
    /// The metrics of a run that has this report now. Lines of steps that it has not made, because it was resumed from an
    /// earlier one, are removed.
    fn begin(folder: &RunFolder, report: &Report, settings: &'s Settings) -> Result<Self> {
        let resumed = report.resumed.last();
        let begun = resumed.map_or(0, |resumed| resumed.step);
        let mut writer = Writer::open(&folder.file("metrics.jsonl"), begun, resumed.is_none())?;
        if let Some(Resumed { step, changes, .. }) = resumed {
            writer.add(&Metric::Resumed {
                step: *step,
                changes: changes.clone(),
            })?;
        }
        let interval = settings.report_interval(1);
        Ok(Metrics {
            writer,
            settings,
            told: begun - begun % interval,
        })
    }

    /// Writes what is new at a step.
    fn follow(
        &mut self,
        report: &Report,
        last: Option<StepInfo>,
        held_out: Option<scorematch::train::HeldOut>,
        improvement: bool,
    ) -> Result<()> {
        let step = report.steps();
        let interval = self.settings.report_interval(1);
        if let Some(last) = last.filter(|_| step > self.told && step.is_multiple_of(interval)) {
            self.loss(report, &last)?;
        }
        if let Some(held_out) = held_out {
            self.writer.add(&Metric::Evaluation {
                step: held_out.step,
                seconds: held_out.seconds,
                loss: held_out.loss,
                standard_error: held_out.standard_error,
                improvement,
            })?;
        }
        Ok(())
    }

    fn loss(&mut self, report: &Report, last: &StepInfo) -> Result<()> {
        let step = report.steps();
        let line = Metric::Train {
            step,
            epoch: last.epoch,
            loss: report.mean_loss(self.told..step).unwrap_or(last.loss),
            gradient_norm: last.gradient_norm,
            learning_rate: last.learning_rate,
            seconds: report.seconds,
        };
        self.told = step;
        self.writer.add(&line)
    }

    fn finish(&mut self, report: &Report) -> Result<()> {
        self.writer.add(&Metric::Finished {
            step: report.steps(),
            seconds: report.seconds,
            stop: report.stop.to_string(),
            best_step: report.kept,
        })
    }
}
