//! The syntax of a spec, every piece with its place in the user's text.
//!
//! What leaves the parser and enters the checker. Nothing here is checked: names may be unknown and sizes negative.

use proc_macro2::{Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};

use super::attribute::Attributes;

/// A range of the user's text, from one token to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    start: Span,
    end: Span,
}

impl Place {
    pub(super) fn of(span: Span) -> Place {
        Place {
            start: span,
            end: span,
        }
    }

    /// From the start of this place to the end of another.
    pub(super) fn to(self, other: Place) -> Place {
        Place {
            start: self.start,
            end: other.end,
        }
    }

    /// The first token, where a single span is wanted.
    pub(super) fn start(self) -> Span {
        self.start
    }

    /// Equal for equal places of one expansion; spans have no other comparison.
    pub(super) fn key(self) -> String {
        format!("{:?}{:?}", self.start, self.end)
    }
}

/// As tokens a place is its two ends, which is what the span of an error is made from.
impl ToTokens for Place {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for span in [self.start, self.end] {
            let mut mark = Punct::new('.', Spacing::Alone);
            mark.set_span(span);
            tokens.append(mark);
        }
    }
}

/// A word of the user's.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) place: Place,
}

/// A text of the user's, which may refer to numbers as `{i}`.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) place: Place,
}

/// What stands between the braces of `energy! { }`, or in a file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) items: Vec<Item>,
}

#[derive(Debug)]
pub(super) enum Item {
    /// A constant or function that the models below share.
    Statement(Statement),
    Model(Model),
}

/// `pub Name(x: [shape]) { … }`
#[derive(Debug)]
pub(super) struct Model {
    pub(super) attributes: Attributes,
    pub(super) vis: syn::Visibility,
    pub(super) ident: syn::Ident,
    pub(super) input: Name,
    pub(super) shape: Expr,
    pub(super) body: Block,
    /// Whether something in it could not be parsed. What it lacks may then be in what was skipped.
    pub(super) damaged: bool,
}

/// Statements and, last and without `;`, the value.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) statements: Vec<Statement>,
    pub(super) value: Option<Expr>,
    /// Where a missing value is reported.
    pub(super) end: Place,
}

#[derive(Debug)]
pub(super) enum Statement {
    /// `param w: [3, 2] as "name" = normal(0.1);`
    Param {
        name: Name,
        shape: Expr,
        alias: Option<Text>,
        init: Option<Expr>,
    },
    /// `const H = 64;`
    Const { name: Name, value: Expr },
    /// `let h: [64] = …;` with an optional shape that is held against the value.
    Let {
        pattern: Pattern,
        shape: Option<Expr>,
        value: Expr,
    },
    /// `h = …;` or, with an operator, `h += …;`; no targets where they could not be parsed.
    Assign {
        targets: Vec<Name>,
        op: Option<Operator>,
        value: Expr,
    },
    /// `for i in 0..4 { … }`
    For {
        variable: Name,
        over: Range,
        body: Block,
    },
    /// `fn act(z) = …;` or `net pair(d) { … }`
    Function(Function),
    /// A value that nothing takes.
    Value(Expr),
    /// What could not be parsed; names that it might have declared are not reported as unknown.
    Bad,
}

/// What the parts of a tuple, or the one value, are called.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) tuple: bool,
    pub(super) names: Vec<PatternName>,
}

#[derive(Debug)]
pub(super) struct PatternName {
    pub(super) mutable: bool,
    pub(super) name: Name,
}

/// `a..b`, `a..=b`, or a list.
#[derive(Debug)]
pub(super) enum Range {
    Between {
        from: Option<Expr>,
        to: Option<Expr>,
        inclusive: bool,
    },
    Each(Expr),
}

/// A function that is inlined at each call (`fn`), or one that owns parameters and shares them among its calls (`net`).
#[derive(Debug)]
pub(super) struct Function {
    pub(super) shares: bool,
    pub(super) name: Name,
    pub(super) arguments: Vec<Name>,
    pub(super) alias: Option<Text>,
    pub(super) body: Block,
}

#[derive(Debug)]
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) place: Place,
}

#[derive(Debug)]
pub(super) enum Kind {
    Number(f64),
    Bool(bool),
    Name(String),
    Negative(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Call(Call),
    Index(Box<Expr>, Vec<Index>),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    /// `… as "name"`
    Named(Box<Expr>, Text),
    /// Reported by the parser; the words in what was skipped.
    Bad(Vec<String>),
}

/// `name(argument, …, option = value, …)`
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: Name,
    pub(super) arguments: Vec<Expr>,
    pub(super) options: Vec<(Name, Expr)>,
}

/// What stands between the brackets of `x[…]` for one axis.
#[derive(Debug)]
pub(super) enum Index {
    /// One entry, or a list of entries.
    At(Expr),
    /// A range, or the whole axis.
    Range(Range, Place),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Add,
    Sub,
    Mul,
    Div,
}

impl Operator {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Sub => "-",
            Operator::Mul => "*",
            Operator::Div => "/",
        }
    }
}
