//! A run in its folder: training with checkpoints and metrics, until it ends.

use std::cell::{Cell, RefCell};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Result, ensure};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use scorematch::__private::AnySpec;
use scorematch::train::{Event, Report, Resumed, StepInfo, Stop, Trainer};
use scorematch::{Error, Real};

use crate::data::{Rows, units_setting};
use crate::folder::{Environment, RunFolder, read_json};
use crate::metrics::{self, Metric, Writer};
use crate::model::{AnyModel, CompiledModel};
use crate::settings::{MachineFlags, Settings};
use crate::standard_output::say;
use crate::tensorboard::EventFile;

/// Where a run starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At step 0, in a folder that was made for it.
    New,
    /// At step 0, in the folder of a run that was ended before its first checkpoint.
    Again,
    /// At its last checkpoint.
    Resumed,
}

/// Trains a model in the folder of a run. Afterwards the folder has the report. The folder of a new run that ends with an
/// error before its first step is removed: nothing is lost, and the next try may have it.
pub(super) fn fit<T: Real>(
    folder: &RunFolder,
    settings: &Settings,
    compiled: CompiledModel<T>,
    rows: Rows<T>,
    start: Start,
    machine: &MachineFlags,
) -> Result<()> {
    let stepped = Cell::new(false);
    let fitted = fitted(folder, settings, compiled, rows, start, machine, &stepped);
    if fitted.is_err() && start == Start::New && !stepped.get() {
        folder.discard();
    }
    fitted
}

/// [`fit`]; `stepped` becomes true with the first step.
fn fitted<T: Real>(
    folder: &RunFolder,
    settings: &Settings,
    compiled: CompiledModel<T>,
    rows: Rows<T>,
    start: Start,
    machine: &MachineFlags,
    stepped: &Cell<bool>,
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
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(settings.train.seed);
    let mut model = AnyModel::init_of(compiled.spec(), &mut rng);
    model.set_threads(settings.threads);
    model.set_device(settings.device.parse()?)?;
    let metrics: RefCell<Option<Metrics<'_>>> = RefCell::new(None);
    // Settings that the run refuses do not take the place of those that it has.
    let written = Cell::new(start == Start::New);
    let write_settings = || match written.replace(true) {
        true => Ok(()),
        false => folder.write_settings(settings),
    };
    let mut trainer = trainer(settings, &rows)
        .checkpoint(folder.model())
        .save_state(folder.state())
        .save_every(
            // Beyond what a duration holds, there are checkpoints at the beginning and at the end alone.
            Duration::try_from_secs_f64(settings.checkpoint_every).unwrap_or(Duration::MAX),
        )
        .progress(!machine.no_progress)
        .stop_on_signals(true)
        .on_step(|_| {
            stepped.set(true);
            write_settings().map_err(|error| as_error(folder, &error))
        });
    let observe = |event: &Event<'_, AnySpec, T>| -> scorematch::Result<()> {
        let mut metrics = metrics.borrow_mut();
        let report = event.report();
        let mut follow = || {
            write_settings()?;
            if metrics.is_none() {
                let resumed = report.resumed.last();
                let again = resumed.is_some_and(|resumed| resumed.step == report.steps());
                *metrics = Some(Metrics::begin(folder, report, settings, again)?);
            }
            match &mut *metrics {
                Some(metrics) => metrics.follow(report, event.held_out(), event.is_best()),
                None => Ok(()),
            }
        };
        follow().map_err(|error| as_error(folder, &error))
    };
    let report = match start {
        Start::New | Start::Again => trainer.fit_with(&mut model, &rows.train, observe)?,
        Start::Resumed => trainer.resume_with(&mut model, &rows.train, observe)?,
    };
    drop(trainer);
    folder.remove_row_copy();
    write_settings()?;
    let mut metrics = match metrics.into_inner() {
        Some(metrics) => metrics,
        None => Metrics::begin(folder, &report, settings, false)?,
    };
    metrics.finish(&report)?;
    folder.write_json("report.json", &report)?;
    say(&report);
    if !machine.no_report {
        super::report::write(folder, settings, compiled, rows.held_out_in_data_units)?;
    }
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

/// An error of a callback, as the library takes it.
fn as_error(folder: &RunFolder, error: &anyhow::Error) -> Error {
    Error::Io {
        path: folder.path().to_owned(),
        source: std::io::Error::other(format!("{error:#}")),
    }
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
    /// The same for TensorBoard, if it is wanted.
    events: Option<EventFile>,
    settings: &'s Settings,
    /// The step of the last line about the training loss.
    told: u64,
}

impl<'s> Metrics<'s> {
    /// The metrics of a run that has this report now. Lines of what comes again, because the run was resumed from an earlier
    /// step, are removed. `again`: whether so do those of the step itself.
    fn begin(
        folder: &RunFolder,
        report: &Report,
        settings: &'s Settings,
        again: bool,
    ) -> Result<Self> {
        let resumed = report.resumed.last();
        let begun = resumed.map_or(0, |resumed| resumed.step);
        let kept = match resumed {
            None => 0,
            Some(_) if again => begun,
            Some(_) => begun + 1,
        };
        let file = folder.file("metrics.jsonl");
        let mut writer = Writer::open(&file, kept)?;
        if let Some(Resumed { step, changes, .. }) = resumed {
            writer.add(&Metric::Resumed {
                step: *step,
                changes: changes.clone(),
            })?;
        }
        let interval = settings.report_interval(1);
        Ok(Metrics {
            events: match settings.tensorboard {
                true => Some(events(folder, &metrics::read(&file)?)?),
                false => None,
            },
            writer,
            settings,
            told: match begun.checked_sub(u64::from(again)) {
                Some(before) => before - before % interval,
                None => 0,
            },
        })
    }

    /// Writes what is new at a step.
    fn follow(
        &mut self,
        report: &Report,
        held_out: Option<scorematch::train::HeldOut>,
        improvement: bool,
    ) -> Result<()> {
        let step = report.steps();
        let interval = self.settings.report_interval(1);
        let due = step > self.told && step.is_multiple_of(interval);
        if let Some(last) = report.last_step.filter(|_| due) {
            self.loss(report, &last)?;
        }
        if let Some(held_out) = held_out {
            self.add(&Metric::Evaluation {
                step: held_out.step,
                seconds: held_out.seconds,
                loss: held_out.loss,
                standard_error: held_out.standard_error,
                improvement,
            })?;
        }
        Ok(())
    }

    fn add(&mut self, line: &Metric) -> Result<()> {
        self.writer.add(line)?;
        match &mut self.events {
            Some(events) => events.add(line),
            None => Ok(()),
        }
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
        self.add(&line)
    }

    fn finish(&mut self, report: &Report) -> Result<()> {
        self.add(&Metric::Finished {
            step: report.steps(),
            seconds: report.seconds,
            stop: report.stop.clone(),
            best_step: report.best.map(|best| best.step),
        })
    }
}

/// The event file of a run, with the lines that there are.
fn events(folder: &RunFolder, metrics: &[Metric]) -> Result<EventFile> {
    let environment: Environment = read_json(folder.path(), "environment.json")?;
    let began = humantime::parse_rfc3339(&environment.began)?;
    let seconds = began.duration_since(UNIX_EPOCH)?.as_secs();
    EventFile::create(folder.path(), seconds, metrics)
}
