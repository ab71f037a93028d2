//! Two real data sets that are embedded in the library, each with its source and licence.

use crate::data::tables::{Columns, Table};

/// A data set that is embedded in the library.
#[derive(Clone, Copy, Debug)]
pub struct DataSet {
    /// The name of the data set.
    pub name: &'static str,
    /// A description of its rows and columns.
    pub about: &'static str,
    /// The authors and the publication.
    pub source: &'static str,
    /// The licence.
    pub licence: &'static str,
    file: &'static str,
    text: &'static str,
}

/// Old Faithful, 272 × 2: `eruptions` and `waiting`, both in minutes.
pub const OLD_FAITHFUL: DataSet = DataSet {
    name: "Old Faithful",
    about: "272 eruptions of the Old Faithful geyser: duration of the eruption and waiting time to \
            the next, in minutes",
    source: "A. Azzalini and A. W. Bowman, A look at some data on the Old Faithful geyser, Applied \
             Statistics 39 (1990) 357-365; the table is `faithful` of R's package datasets",
    licence: "facts of measurement, distributed with R (GPL-2 or GPL-3)",
    file: "data/faithful.csv",
    text: include_str!("../../../../data/faithful.csv"),
};

/// Red Vinho Verde, 1599 × 12: eleven physicochemical measurements and, in the last column, a quality grade.
pub const RED_WINE: DataSet = DataSet {
    name: "Wine quality, red",
    about: "1599 red Vinho Verde wines: eleven physicochemical measurements and a quality grade",
    source: "P. Cortez, A. Cerdeira, F. Almeida, T. Matos and J. Reis, Modeling wine preferences by \
             data mining from physicochemical properties, Decision Support Systems 47 (2009) \
             547-553; UCI Machine Learning Repository",
    licence: "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
    file: "data/winequality-red.csv",
    text: include_str!("../../../../data/winequality-red.csv"),
};

impl DataSet {
    /// The data set as a table, with all columns except the row numbers.
    #[must_use]
    pub fn table(&self) -> Table {
        Table::parse(self.file, self.text.as_bytes(), &Columns::All)
            .expect("the shipped files are sound, a test reads each")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_faithful_without_its_row_numbers() {
        let table = OLD_FAITHFUL.table();
        assert_eq!(table.names, ["eruptions", "waiting"]);
        assert_eq!(table.values.dim(), (272, 2));
        assert_eq!(table.values.row(0).to_vec(), [3.6, 79.0]);
        assert_eq!(table.values.row(271).to_vec(), [4.467, 74.0]);
    }

    #[test]
    fn red_wine() {
        let table = RED_WINE.table();
        assert_eq!(table.values.dim(), (1599, 12));
        assert_eq!(
            (table.names[0].as_str(), table.names[11].as_str()),
            ("fixed acidity", "quality")
        );
        assert_eq!(table.values[[0, 10]], 9.4);
    }
}
