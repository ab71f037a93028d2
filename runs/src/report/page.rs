//! The report as a page: headings, prose, tables and pictures in; one HTML page that needs no other file out.
//!
//! `page.html` is the template of every page. It escapes all text but the content of pictures.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use serde::Serialize;

use crate::plot::Picture;
use crate::table::Table;

/// A page under construction.
#[derive(Serialize)]
pub struct Page {
    title: String,
    lead: String,
    blocks: Vec<Block>,
    version: &'static str,
}

/// A part of a page.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Block {
    Heading { text: String },
    Paragraph { text: String },
    Note { text: String },
    Status { text: String },
    Figure { value: String, about: String },
    Facts { pairs: Vec<(String, String)> },
    Warnings { title: String, items: Vec<String> },
    List { items: Vec<String> },
    Table { table: Table },
    Pictures { pictures: Vec<Shown> },
    Fold { summary: String, text: String },
}

/// A picture as it stands in a page.
#[derive(Serialize)]
struct Shown {
    width: u32,
    alt: String,
    /// Base64 of the file.
    data: String,
    /// The width that it keeps on a narrow screen, where it scrolls; none if it has one panel.
    least: Option<u32>,
}

/// Pictures that are wider hold several panels.
const LARGE: u32 = 600;
/// The least part of its width at which the text of a picture is legible.
const LEAST: f64 = 0.65;

impl Page {
    /// A page with its heading and one sentence below it.
    pub fn new(title: &str, lead: &str) -> Page {
        Page {
            title: title.into(),
            lead: lead.into(),
            blocks: Vec::new(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// A heading of the second level.
    pub fn heading(&mut self, text: &str) {
        self.blocks.push(Block::Heading { text: text.into() });
    }

    /// A paragraph of plain text.
    pub fn paragraph(&mut self, text: &str) {
        self.blocks.push(Block::Paragraph { text: text.into() });
    }

    /// A smaller paragraph, which explains what stands above it.
    pub fn note(&mut self, text: &str) {
        self.blocks.push(Block::Note { text: text.into() });
    }

    /// How things stand, in a few words.
    pub fn status(&mut self, text: &str) {
        self.blocks.push(Block::Status { text: text.into() });
    }

    /// A number that the page is about, and what it is.
    pub fn figure(&mut self, value: &str, about: &str) {
        let (value, about) = (value.into(), about.into());
        self.blocks.push(Block::Figure { value, about });
    }

    /// Names with their values.
    pub fn facts(&mut self, pairs: &[(String, String)]) {
        let pairs = pairs.to_vec();
        self.blocks.push(Block::Facts { pairs });
    }

    /// A box that cannot be overlooked.
    pub fn warnings(&mut self, title: &str, items: &[String]) {
        let (title, items) = (title.into(), items.to_vec());
        self.blocks.push(Block::Warnings { title, items });
    }

    /// A list of sentences.
    pub fn list(&mut self, items: &[String]) {
        let items = items.to_vec();
        self.blocks.push(Block::List { items });
    }

    /// A table, which scrolls if it is wider than the page.
    pub fn table(&mut self, table: &Table) {
        let table = table.clone();
        self.blocks.push(Block::Table { table });
    }

    /// A picture with the sentence that stands for it where it cannot be seen.
    pub fn picture(&mut self, picture: &Picture, description: &str) {
        self.pictures([(picture, description)]);
    }

    /// Pictures side by side where there is room.
    pub fn pictures<'p>(&mut self, pictures: impl IntoIterator<Item = (&'p Picture, &'p str)>) {
        let shown = |(picture, description): (&Picture, &str)| Shown {
            width: picture.width,
            alt: description.into(),
            data: STANDARD.encode(&picture.png),
            least: (picture.width > LARGE).then_some((LEAST * f64::from(picture.width)) as u32),
        };
        let pictures = pictures.into_iter().map(shown).collect();
        self.blocks.push(Block::Pictures { pictures });
    }

    /// Text of a file, as it is, behind a line that opens it.
    pub fn fold(&mut self, summary: &str, text: &str) {
        let (summary, text) = (summary.into(), text.into());
        self.blocks.push(Block::Fold { summary, text });
    }

    /// The whole page.
    pub fn html(&self) -> Result<String> {
        let mut environment = Environment::new();
        environment
            .add_template("page.html", include_str!("page.html"))
            .context("the template of the page")?;
        let template = environment.get_template("page.html")?;
        template.render(self).context("the page cannot be written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32) -> Picture {
        let png = vec![1, 255, 254];
        Picture { png, width }
    }

    #[test]
    fn the_page_needs_no_other_file_and_text_cannot_break_it() {
        let mut page = Page::new("a<b", "lead & more");
        page.paragraph("<script>");
        page.picture(&picture(7), "\"quoted\"");
        page.fold("settings", "x = \"</pre>\"");
        let mut table = Table::new(["<head>"]);
        table.marked_row(["<cell>".to_owned()]);
        page.table(&table);
        let html = page.html().unwrap();
        assert!(html.contains("<title>a&lt;b</title>") && html.contains("lead &amp; more"));
        assert!(
            html.contains("<p>&lt;script&gt;</p>") && html.contains("alt=\"&quot;quoted&quot;\"")
        );
        assert!(html.contains("src=\"data:image/png;base64,Af/+\""));
        assert!(html.contains("<th>&lt;head&gt;</th>"));
        assert!(html.contains("<tr class=\"marked\"><td>&lt;cell&gt;</td></tr>"));
        assert_eq!(html.matches("</pre>").count(), 1);
        assert!(!html.contains("http"), "the page points outside itself");
    }

    /// Every kind of block has its branch in the template.
    #[test]
    fn every_block_is_shown() {
        let mut page = Page::new("t", "l");
        page.heading("1heading");
        page.note("2note");
        page.status("3status");
        page.figure("4value", "5about");
        page.facts(&[("6name".into(), "7fact".into())]);
        page.warnings("8title", &["9warning".into()]);
        page.list(&["10item".into()]);
        page.pictures([(&picture(900), "11picture")]);
        page.fold("12summary", "13text");
        let html = page.html().unwrap();
        let words = "1heading 2note 3status 4value 5about 6name 7fact 8title 9warning 10item 11picture 12summary 13text";
        for word in words.split(' ') {
            assert!(html.contains(word), "{word} is not on the page");
        }
        assert!(html.contains("<figure class=\"large\" style=\"--least: 585px\">"));
    }
}
