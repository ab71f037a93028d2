//! Cures that the library names by its own names, in the flags of the commands.

/// What the library calls it, and the flag.
const FLAGS: [(&str, &str); 11] = [
    ("`Missing::DropRows`", "--drop-missing"),
    (
        "`TextColumns::LeaveOut`",
        "name other columns with --columns",
    ),
    ("`Constants::Keep`", "--keep-constant"),
    ("`Standardizer::robust`", "--units robust"),
    (
        "say after how many steps held-out rows are evaluated, with `validation`",
        "say after how many steps held-out rows are evaluated, with --evaluate-every",
    ),
    (
        "give some with `validation`",
        "give some with --valid or --valid-fraction",
    ),
    (
        "set `observe_every`, or give held-out rows with `validation`",
        "set observe_every in [train] of settings.toml",
    ),
    (
        "the interval between calls of the observer",
        "the interval between reports of the training loss (--report-every)",
    ),
    (
        "name the file that `Trainer::save_state` wrote",
        "put a copy of it there, or remove it, and the run begins at its first step",
    ),
    (
        "load it with `Trained::load`, which has the means and deviations",
        "name the folder of its run",
    ),
    (
        ". The program can raise a flag that it gives to `Trainer::stop_flag`",
        "",
    ),
];

/// A message with flags.
pub(crate) fn in_flags(message: &impl ToString) -> String {
    let mut text = message.to_string();
    for (name, flag) in FLAGS {
        text = text.replace(name, flag);
    }
    text
}

#[cfg(test)]
mod tests {
    use scorematch::data::{Constants, FileReader, examine};

    use super::*;

    #[test]
    fn messages_of_the_library_name_flags() {
        let folder = tempfile::tempdir().unwrap();
        let message = |text: &str, reader: FileReader| {
            let file = folder.path().join("rows.csv");
            std::fs::write(&file, text).unwrap();
            reader.read(&file).unwrap_err().to_string()
        };
        let outliers = ndarray::Array2::from_shape_fn((100, 1), |(row, _)| match row {
            0 => 1e9,
            row => (row as f64).sin(),
        });
        let messages = [
            message("a,b\n1,2\n3,NA\n", FileReader::new()),
            message(
                "a,b\n1,2\n1,2\n",
                FileReader::new().constant(Constants::LeaveOut),
            ),
            examine(&outliers, 0.0, &[])[0].to_string(),
        ];
        for (message, flag) in
            messages
                .iter()
                .zip(["--drop-missing", "--keep-constant", "--units robust"])
        {
            let told = in_flags(message);
            assert!(told.contains(flag) && !told.contains("::"), "{told}");
        }
    }
}
