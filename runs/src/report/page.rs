//! The report as a page: headings, prose, tables and pictures in; one HTML page that needs no other file out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::plot::Picture;
use crate::table::{Table, escape};

const STYLE: &str = "\
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, sans-serif; color: #282c34; background: #fff; max-width: 72rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
p, li { max-width: 46rem; } .lead { color: #5a6270; margin-top: 0; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .9rem; text-align: right; border-bottom: 1px solid #e1e4e8; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } th { font-weight: 600; }
.wide { overflow-x: auto; } img { max-width: 100%; height: auto; } code { background: #f3f4f6; padding: .1em .3em; border-radius: 3px; }
footer { margin-top: 3rem; color: #5a6270; font-size: .9rem; }";

/// A page under construction; text is escaped as it is added.
pub struct Page {
    title: String,
    body: String,
}

impl Page {
    /// A page with its heading and one sentence below it.
    pub fn new(title: &str, lead: &str) -> Page {
        let title = escape(title);
        let body = format!("<h1>{title}</h1>\n<p class=\"lead\">{}</p>\n", escape(lead));
        Page { title, body }
    }

    /// A heading of the second level.
    pub fn heading(&mut self, text: &str) {
        self.body += &format!("<h2>{}</h2>\n", escape(text));
    }

    /// A paragraph of plain text.
    pub fn paragraph(&mut self, text: &str) {
        self.body += &format!("<p>{}</p>\n", escape(text));
    }

    /// A table, which scrolls if it is wider than the page.
    pub fn table(&mut self, table: &Table) {
        self.body += &format!("<div class=\"wide\">{}</div>\n", table.html());
    }

    /// A picture with the sentence that stands for it where it cannot be seen.
    pub fn picture(&mut self, picture: &Picture, description: &str) {
        let data = STANDARD.encode(&picture.png);
        let (width, alt) = (picture.width, escape(description));
        self.body += &format!(
            "<p><img width=\"{width}\" alt=\"{alt}\" src=\"data:image/png;base64,{data}\"></p>\n"
        );
    }

    /// The whole page.
    pub fn html(&self) -> String {
        let Page { title, body } = self;
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n{body}\
             <footer>Made by scorematch {version}.</footer>\n</body>\n</html>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_no_other_file_and_text_cannot_break_it() {
        let mut page = Page::new("a<b", "lead & more");
        page.paragraph("<script>");
        page.picture(
            &Picture {
                png: vec![1, 2, 3],
                width: 7,
            },
            "\"quoted\"",
        );
        let html = page.html();
        assert!(html.contains("<title>a&lt;b</title>") && html.contains("lead &amp; more"));
        assert!(
            html.contains("<p>&lt;script&gt;</p>") && html.contains("alt=\"&quot;quoted&quot;\"")
        );
        assert!(html.contains("src=\"data:image/png;base64,AQID\""));
        assert!(!html.contains("http"), "the page points outside itself");
    }
}
