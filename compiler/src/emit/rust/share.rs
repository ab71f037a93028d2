//! Structural sharing: statements whose code is the same up to offsets, sizes and labels are one emitted function.
//!
//! Enters: the code of every statement of a model, with its numbers and labels marked ([`super::hole`]). Labels are
//! renumbered in the order in which they appear. Code that is then equal around its numbers is one function; a number
//! that is the same wherever it is called stays a constant in it, and others are its arguments. What must hold: the
//! arithmetic of a function is that of each of its statements, in the same order.

use super::hole::{LABEL, NUMBER};
use super::writer::Writer;
use rustc_hash::FxHashMap as HashMap;

/// What a function takes beside its numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Context {
    /// A tile and a chunk of directions.
    Tile,
    /// What all tiles have in common.
    Batch,
}

/// Whether a function holds vector code of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Body {
    /// It only calls kernels and copies, which are compiled elsewhere.
    Calls,
    /// It is compiled for the instruction set of its vectors, by `Vector::outline`.
    Vectors,
}

/// The functions of a model, while its statements are added.
#[derive(Default)]
pub(super) struct Functions {
    functions: Vec<Function>,
    by_code: HashMap<(Context, Body, String), usize>,
}

struct Function {
    context: Context,
    body: Body,
    /// Code with an empty mark for each number.
    code: String,
    /// The numbers of each statement.
    statements: Vec<Vec<usize>>,
}

/// A statement: one of the functions with numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    function: usize,
    statement: usize,
}

impl Functions {
    /// Adds the code of a statement.
    pub(super) fn add(&mut self, context: Context, body: Body, code: &str) -> Call {
        let (code, numbers) = template(code);
        let next = self.functions.len();
        let key = (context, body, code);
        let function = *self.by_code.entry(key).or_insert_with_key(|key| {
            self.functions.push(Function {
                context,
                body,
                code: key.2.clone(),
                statements: Vec::new(),
            });
            next
        });
        let statements = &mut self.functions[function].statements;
        statements.push(numbers);
        Call {
            function,
            statement: statements.len() - 1,
        }
    }

    /// The functions once every statement of the model is there: which numbers are arguments depends on all of them.
    pub(super) fn complete(self) -> Shared {
        let with_arguments = |function: Function| (Arguments::of(&function), function);
        Shared {
            functions: self.functions.into_iter().map(with_arguments).collect(),
        }
    }
}

/// All functions of a model.
pub(super) struct Shared {
    functions: Vec<(Arguments, Function)>,
}

impl Shared {
    /// Calls as entries of a table: a function and its numbers.
    pub(super) fn table(&self, calls: &[Call]) -> Vec<String> {
        let entries = calls.iter().map(|call| {
            let (arguments, function) = &self.functions[call.function];
            let numbers = &function.statements[call.statement];
            let given = arguments
                .holes
                .iter()
                .map(|&hole| numbers[hole].to_string());
            let given: Vec<String> = given.collect();
            format!("(s{}::<V>, &[{}]),", call.function, given.join(", "))
        });
        entries.collect()
    }

    /// The functions.
    pub(super) fn write(&self, w: &mut Writer) {
        for (i, (arguments, function)) in self.functions.iter().enumerate() {
            w.line("");
            function.write(w, arguments, &format!("s{i}"));
        }
    }
}

/// Which numbers of a function are arguments.
struct Arguments {
    /// For each argument, the first number that it stands for.
    holes: Vec<usize>,
    /// For each number its argument, or none where it is a constant.
    of_hole: Vec<Option<usize>>,
}

impl Arguments {
    fn of(function: &Function) -> Arguments {
        let statements = &function.statements;
        let first = &statements[0];
        let same = |a: usize, b: usize| statements.iter().all(|numbers| numbers[a] == numbers[b]);
        let mut arguments = Arguments {
            holes: Vec::new(),
            of_hole: Vec::new(),
        };
        for (hole, number) in first.iter().enumerate() {
            let constant = statements.iter().all(|numbers| numbers[hole] == *number);
            let argument = (!constant).then(|| {
                let known = arguments.holes.iter().position(|&other| same(other, hole));
                known.unwrap_or_else(|| {
                    arguments.holes.push(hole);
                    arguments.holes.len() - 1
                })
            });
            arguments.of_hole.push(argument);
        }
        arguments
    }
}

impl Function {
    fn write(&self, w: &mut Writer, arguments: &Arguments, name: &str) {
        let (context, argument) = match self.context {
            Context::Tile => (
                "tile: &mut rt::Tile<'_, V::Scalar>, chunk: rt::Chunk, numbers: &[usize]",
                "tile, chunk, numbers",
            ),
            Context::Batch => (
                "common: &mut rt::Common<'_, V::Scalar>, numbers: &[usize]",
                "common, numbers",
            ),
        };
        let head = format!("fn {name}<V: rt::Vector>({context})");
        match self.body {
            Body::Calls => w.block(head, |w| self.write_body(w, arguments)),
            // In a closure: a function that is passed by its name is called through one of the compiler's own, which large
            // functions are not inlined into. Those would be compiled without the instruction set.
            Body::Vectors => w.block(head, |w| {
                w.line(format!(
                    "V::outline(#[inline(always)] |at| body::<V>(at), ({argument}));"
                ));
                let types = match self.context {
                    Context::Tile => "(&mut rt::Tile<'_, V::Scalar>, rt::Chunk, &[usize])",
                    Context::Batch => "(&mut rt::Common<'_, V::Scalar>, &[usize])",
                };
                w.line("#[inline(always)]");
                let head = format!("fn body<V: rt::Vector>(({argument}): {types})");
                w.block(head, |w| self.write_body(w, arguments));
            }),
        }
    }

    fn write_body(&self, w: &mut Writer, arguments: &Arguments) {
        if !arguments.holes.is_empty() {
            let names: Vec<String> = (0..arguments.holes.len())
                .map(|i| format!("n{i}"))
                .collect();
            w.line(format!(
                "let &[{}] = rt::numbers(numbers);",
                names.join(", ")
            ));
        }
        let [open, close] = NUMBER;
        let empty: String = [open, close].iter().collect();
        let mut parts = self.code.split(&empty);
        let mut text = parts.next().unwrap_or_default().to_string();
        for ((part, argument), number) in parts.zip(&arguments.of_hole).zip(&self.statements[0]) {
            match argument {
                Some(i) => text.push_str(&format!("n{i}")),
                None => text.push_str(&number.to_string()),
            }
            text.push_str(part);
        }
        text.lines().for_each(|line| w.line(line));
    }
}

/// Code with labels renumbered and without its numbers, and the numbers.
fn template(code: &str) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(code.len());
    let mut numbers = Vec::new();
    let mut labels: Vec<&str> = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find([NUMBER[0], LABEL[0]]) {
        text.push_str(&rest[..at]);
        let is_number = rest[at..].starts_with(NUMBER[0]);
        let close = if is_number { NUMBER[1] } else { LABEL[1] };
        let (marked, after) = rest[at + 1..]
            .split_once(close)
            .expect("a mark that opens closes");
        if is_number {
            numbers.push(marked.parse().expect("a marked number is one"));
            text.extend(NUMBER);
        } else {
            let known = labels.iter().position(|&label| label == marked);
            let label = known.unwrap_or_else(|| {
                labels.push(marked);
                labels.len() - 1
            });
            text.push_str(&label.to_string());
        }
        rest = after;
    }
    text.push_str(rest);
    (text, numbers)
}

#[cfg(test)]
mod tests {
    use super::super::hole::{hole, label};
    use super::{Body, Context, Functions};
    use crate::emit::rust::writer::Writer;

    fn code(labels: [u32; 2], numbers: [usize; 3]) -> String {
        let ([a, b], [l, m, n]) = (labels.map(label), numbers.map(hole));
        format!("v{a}[{l}] = v{b}[{m}] + v{a}[{n}];")
    }

    #[test]
    fn equal_code_is_one_function_of_what_differs() {
        let mut functions = Functions::default();
        let mut add =
            |labels, numbers| functions.add(Context::Batch, Body::Calls, &code(labels, numbers));
        let calls = [
            add([7, 3], [1, 2, 4]),
            add([8, 9], [1, 5, 4]),
            add([3, 3], [1, 5, 4]),
        ];
        let functions = functions.complete();
        let table = functions.table(&calls);
        assert_eq!(
            table,
            ["(s0::<V>, &[2]),", "(s0::<V>, &[5]),", "(s1::<V>, &[]),"]
        );
        let mut w = Writer::default();
        functions.write(&mut w);
        let text = w.finish();
        assert!(text.contains("v0[1] = v1[n0] + v0[4];"), "{text}");
        assert!(text.contains("v0[1] = v0[5] + v0[4];"), "{text}");
    }

    #[test]
    fn numbers_that_agree_everywhere_are_one_argument() {
        let mut functions = Functions::default();
        for n in [2, 3] {
            functions.add(Context::Tile, Body::Calls, &code([0, 1], [n, n, 9]));
        }
        let mut w = Writer::default();
        functions.complete().write(&mut w);
        let text = w.finish();
        assert!(text.contains("let &[n0] = rt::numbers(numbers);"), "{text}");
        assert!(text.contains("v0[n0] = v1[n0] + v0[9];"), "{text}");
    }
}
