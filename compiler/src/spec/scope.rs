//! Scopes: the visible names, and which of them are used.

use super::ast::{Block, Call, Expr, Index, Kind, Name, Range, Statement};
use super::function::UserFunction;
use super::lower::Lower;
use super::value::Value;
use rustc_hash::FxHashMap as HashMap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A point in the spec from which names are looked up. The first `declarations` declarations of its block are visible,
/// and the names that are visible around the block. A function stores the point of its declaration.
#[derive(Clone, Copy)]
pub(super) struct Visible {
    block: usize,
    declarations: usize,
}

/// The names of one block. A name that is declared several times has several entries, each with the number of
/// declarations before it.
#[derive(Default)]
struct Names<'a> {
    around: Option<Visible>,
    values: HashMap<&'a str, Vec<(usize, Rc<Binding<'a>>)>>,
    functions: HashMap<&'a str, Vec<(usize, Rc<UserFunction<'a>>)>>,
}

/// A name that is bound to a value.
pub(super) struct Binding<'a> {
    pub(super) name: &'a Name,
    pub(super) role: Role,
    pub(super) mutable: bool,
    pub(super) used: Cell<bool>,
    /// `None` if the definition has failed, which has been reported.
    pub(super) value: RefCell<Option<Value<'a>>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Input,
    /// A free size of the input, which the input itself uses.
    Size,
    Param,
    Local,
    Argument,
    Loop,
}

/// The names of a spec.
pub(super) struct Scope<'a> {
    blocks: Vec<Names<'a>>,
    here: Visible,
    /// All bindings and functions so far, for the report of unused ones.
    bindings: Vec<Rc<Binding<'a>>>,
    functions: Vec<Rc<UserFunction<'a>>>,
}

impl Default for Scope<'_> {
    fn default() -> Self {
        let here = Visible {
            block: 0,
            declarations: 0,
        };
        Scope {
            blocks: vec![Names::default()],
            here,
            bindings: vec![],
            functions: vec![],
        }
    }
}

impl<'a> Scope<'a> {
    /// The current point.
    pub(super) fn here(&self) -> Visible {
        self.here
    }

    /// Begins a block that is enclosed by the point `around`, and returns the point to return to.
    pub(super) fn enter(&mut self, around: Visible) -> Visible {
        let names = Names {
            around: Some(around),
            ..Names::default()
        };
        self.blocks.push(names);
        let inside = Visible {
            block: self.blocks.len() - 1,
            declarations: 0,
        };
        std::mem::replace(&mut self.here, inside)
    }

    pub(super) fn leave(&mut self, outside: Visible) {
        self.here = outside;
    }

    pub(super) fn bind(
        &mut self,
        name: &'a Name,
        role: Role,
        mutable: bool,
        value: Option<Value<'a>>,
    ) {
        let binding = Rc::new(Binding {
            name,
            role,
            mutable,
            used: Cell::new(false),
            value: RefCell::new(value),
        });
        self.bindings.push(binding.clone());
        let entries = self.blocks[self.here.block].values.entry(&name.text);
        entries.or_default().push((self.here.declarations, binding));
        self.here.declarations += 1;
    }

    pub(super) fn define(&mut self, function: UserFunction<'a>) {
        let function = Rc::new(function);
        self.functions.push(function.clone());
        let name = function.syntax.name.text.as_str();
        let entries = self.blocks[self.here.block].functions.entry(name);
        entries
            .or_default()
            .push((self.here.declarations, function));
        self.here.declarations += 1;
    }

    /// The blocks that enclose a point, from the innermost out, each with the number of its visible declarations.
    fn around(&self, from: Visible) -> impl Iterator<Item = (&Names<'a>, usize)> {
        std::iter::successors(Some(from), |at| self.blocks[at.block].around)
            .map(|at| (&self.blocks[at.block], at.declarations))
    }

    pub(super) fn value(&self, name: &str) -> Option<Rc<Binding<'a>>> {
        self.around(self.here)
            .find_map(|(names, count)| latest(names.values.get(name)?, count))
    }

    pub(super) fn function(&self, name: &str) -> Option<Rc<UserFunction<'a>>> {
        self.around(self.here)
            .find_map(|(names, count)| latest(names.functions.get(name)?, count))
    }

    pub(super) fn value_names(&self) -> impl Iterator<Item = &str> {
        self.around(self.here)
            .flat_map(|(names, count)| known(&names.values, count))
    }

    pub(super) fn function_names(&self) -> impl Iterator<Item = &str> {
        self.around(self.here)
            .flat_map(|(names, count)| known(&names.functions, count))
    }

    /// Drops the bindings before the models from the report of unused names: a model need not use them.
    pub(super) fn forgive_unused(&mut self) {
        self.bindings.clear();
        self.functions.clear();
    }

    /// Marks all names in a block as used. The block could not be evaluated, for a reason that has been reported.
    pub(super) fn touch_block(&self, block: &Block) {
        self.touch_statements(&block.statements, self.here);
        block.value.iter().for_each(|v| self.touch(v));
    }

    /// As [`Scope::touch_block`], for one expression.
    pub(super) fn touch(&self, e: &Expr) {
        self.touch_expr(e, self.here);
    }

    fn touch_expr(&self, e: &Expr, visible: Visible) {
        match &e.kind {
            Kind::Number(_) | Kind::Bool(_) => {}
            Kind::Bad(words) => words.iter().for_each(|word| self.touch_name(word, visible)),
            Kind::Name(name) => self.touch_name(name, visible),
            Kind::Negative(a) | Kind::Named(a, _) => self.touch_expr(a, visible),
            Kind::Binary(_, a, b) => {
                self.touch_expr(a, visible);
                self.touch_expr(b, visible);
            }
            Kind::List(items) | Kind::Tuple(items) => {
                items.iter().for_each(|i| self.touch_expr(i, visible))
            }
            Kind::Index(of, axes) => {
                self.touch_expr(of, visible);
                for axis in axes {
                    match axis {
                        Index::At(at) => self.touch_expr(at, visible),
                        Index::Range(range, _) => self.touch_range(range, visible),
                    }
                }
            }
            Kind::Call(Call {
                name,
                arguments,
                options,
            }) => {
                self.touch_name(&name.text, visible);
                arguments
                    .iter()
                    .chain(options.iter().map(|o| &o.1))
                    .for_each(|a| self.touch_expr(a, visible));
            }
        }
    }

    fn touch_range(&self, range: &Range, visible: Visible) {
        match range {
            Range::Between { from, to, .. } => from
                .iter()
                .chain(to)
                .for_each(|e| self.touch_expr(e, visible)),
            Range::Each(list) => self.touch_expr(list, visible),
        }
    }

    fn touch_name(&self, name: &str, visible: Visible) {
        for (names, count) in self.around(visible) {
            let values = names.values.get(name).into_iter().flatten();
            for (_, binding) in values.filter(|b| b.0 < count) {
                binding.used.set(true);
            }
            let functions = names.functions.get(name).into_iter().flatten();
            for (_, function) in functions.filter(|f| f.0 < count) {
                function.used.set(true);
                if !function.touched.replace(true) {
                    let body = &function.syntax.body;
                    self.touch_statements(&body.statements, function.visible);
                    body.value
                        .iter()
                        .for_each(|v| self.touch_expr(v, function.visible));
                }
            }
        }
    }

    fn touch_statements(&self, statements: &[Statement], visible: Visible) {
        for statement in statements {
            match statement {
                Statement::Param { shape, init, .. } => [shape]
                    .into_iter()
                    .chain(init)
                    .for_each(|e| self.touch_expr(e, visible)),
                Statement::Const { value, .. }
                | Statement::Let { value, .. }
                | Statement::Assign { value, .. }
                | Statement::Value(value) => {
                    self.touch_expr(value, visible);
                }
                Statement::For { over, body, .. } => {
                    self.touch_range(over, visible);
                    self.touch_statements(&body.statements, visible);
                }
                Statement::Function(f) => {
                    self.touch_statements(&f.body.statements, visible);
                    f.body
                        .value
                        .iter()
                        .for_each(|v| self.touch_expr(v, visible));
                }
                Statement::Bad => {}
            }
        }
    }
}

/// The names among the first `declarations` declarations of their block.
fn known<'s, T>(
    names: &'s HashMap<&str, Vec<(usize, T)>>,
    declarations: usize,
) -> impl Iterator<Item = &'s str> {
    names
        .iter()
        .filter(move |(_, entries)| entries[0].0 < declarations)
        .map(|(name, _)| *name)
}

/// The last entry of a name among the first `declarations` declarations of its block.
fn latest<T: Clone>(entries: &[(usize, T)], declarations: usize) -> Option<T> {
    let visible = entries.partition_point(|entry| entry.0 < declarations);
    Some(entries[visible.checked_sub(1)?].1.clone())
}

impl Lower<'_> {
    /// Reports names that are never used and functions that are never called.
    pub(super) fn report_unused(&mut self) {
        // Each evaluation of a loop or a function body makes new bindings; one use of any of them is enough.
        let bindings = std::mem::take(&mut self.scope.bindings);
        let used: std::collections::HashSet<String> = bindings
            .iter()
            .filter(|b| b.used.get())
            .map(|b| b.name.place.key())
            .collect();
        for binding in &bindings {
            let name = &binding.name.text;
            let failed = binding.value.borrow().is_none();
            let excused = failed
                || name.starts_with('_')
                || matches!(binding.role, Role::Input | Role::Size | Role::Loop);
            if excused || used.contains(&binding.name.place.key()) {
                continue;
            }
            let message = match binding.role {
                Role::Param => {
                    format!("parameter `{name}` is never used: use it in the energy, or remove it")
                }
                Role::Argument => {
                    format!("argument `{name}` is never used: remove it, or call it `_{name}`")
                }
                _ => format!("`{name}` is never used: remove it, or call it `_{name}`"),
            };
            self.fail(binding.name.place, message);
        }
        for function in std::mem::take(&mut self.scope.functions) {
            if !function.used.get() && !function.syntax.name.text.starts_with('_') {
                let name = &function.syntax.name;
                self.fail(
                    name.place,
                    format!("`{}` is never called: call it, or remove it", name.text),
                );
            }
        }
    }
}
