//! The syntax tree of a spec, in which every node has its place in the source.
//!
//! The parser produces this tree and the checker consumes it. Nothing in it is checked: names may be unknown and sizes
//! negative.

use proc_macro2::{Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};

use super::attribute::Attributes;

/// A range of the source, from one token to another.
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

    /// The range from the start of this place to the end of another.
    pub(super) fn to(self, other: Place) -> Place {
        Place {
            start: self.start,
            end: other.end,
        }
    }

    /// The first token, for uses that need a single span.
    pub(super) fn start(self) -> Span {
        self.start
    }

    /// A text that is equal for equal places of one expansion. Spans have no other comparison.
    pub(super) fn key(self) -> String {
        format!("{:?}{:?}", self.start, self.end)
    }
}

/// The tokens of a place are two tokens with the spans of its ends. The span of an error is made from them.
impl ToTokens for Place {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for span in [self.start, self.end] {
            let mut mark = Punct::new('.', Spacing::Alone);
            mark.set_span(span);
            tokens.append(mark);
        }
    }
}

/// An identifier in the source.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) place: Place,
}

/// A string literal in the source, in which `{i}` refers to a number.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) place: Place,
}

/// The content of the braces of `energy! { }`, or of a spec file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) items: Vec<Item>,
}

#[derive(Debug)]
pub(super) enum Item {
    /// A constant or a function that is shared by the models after it.
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
    /// The axes that are names.
    pub(super) axes: Vec<Name>,
    pub(super) body: Block,
    /// Whether part of the model could not be parsed. Declarations that are not found may then be in the skipped
    /// tokens.
    pub(super) damaged: bool,
}

/// Statements, followed by the value, which has no `;`.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) statements: Vec<Statement>,
    pub(super) value: Option<Expr>,
    /// The place at which a missing value is reported.
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
    /// `let h: [64] = …;` with an optional shape, which is compared with that of the value.
    Let {
        pattern: Pattern,
        shape: Option<Expr>,
        value: Expr,
    },
    /// `h = …;` or, with an operator, `h += …;`; there are no targets if they could not be parsed.
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
    /// An expression statement whose value is not used.
    Value(Expr),
    /// A statement that could not be parsed. Unknown names are not reported, because it may have declared them.
    Bad,
}

/// The names in a `let`: one name, or one for each part of a tuple.
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

/// A function that is inlined at each call (`fn`), or one that has parameters, which its calls share (`net`).
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
    /// An expression that could not be parsed, with the identifiers in the skipped tokens. The parser has reported it.
    Bad(Vec<String>),
}

/// `name(argument, …, option = value, …)`
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: Name,
    pub(super) arguments: Vec<Expr>,
    pub(super) options: Vec<(Name, Expr)>,
}

/// The index of one axis in the brackets of `x[…]`.
#[derive(Debug)]
pub(super) enum Index {
    /// One entry, or a list of entries.
    At(Expr),
    /// A range of entries, or the whole axis.
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
