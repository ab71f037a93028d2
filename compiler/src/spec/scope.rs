//! Which names are visible where, and which of them are used.

use super::ast::{Call, Expr, Index, Kind, Name, Range, Statement};
use super::function::UserFunction;
use super::lower::Lower;
use super::value::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Everything visible at one point, the innermost last. A function keeps a copy of what it saw.
pub(super) type Visible<'a> = Vec<(String, Entity<'a>)>;

#[derive(Clone)]
pub(super) enum Entity<'a> {
    Value(Rc<Binding<'a>>),
    Function(Rc<UserFunction<'a>>),
}

/// A name for a value.
pub(super) struct Binding<'a> {
    pub(super) name: &'a Name,
    pub(super) role: Role,
    pub(super) mutable: bool,
    pub(super) used: Cell<bool>,
    /// `None` where the definition failed, which has been reported.
    pub(super) value: RefCell<Option<Value<'a>>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Input,
    Param,
    Local,
    Argument,
    Loop,
}

/// The names of a spec.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub(super) visible: Visible<'a>,
    /// Every binding and function that was ever made, for the report of unused ones.
    bindings: Vec<Rc<Binding<'a>>>,
    functions: Vec<Rc<UserFunction<'a>>>,
}

impl<'a> Scope<'a> {
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
        self.visible
            .push((name.text.clone(), Entity::Value(binding)));
    }

    pub(super) fn define(&mut self, function: UserFunction<'a>) {
        let function = Rc::new(function);
        self.functions.push(function.clone());
        self.visible.push((
            function.syntax.name.text.clone(),
            Entity::Function(function),
        ));
    }

    pub(super) fn value(&self, name: &str) -> Option<Rc<Binding<'a>>> {
        self.visible.iter().rev().find_map(|(n, e)| match e {
            Entity::Value(binding) if n == name => Some(binding.clone()),
            _ => None,
        })
    }

    pub(super) fn function(&self, name: &str) -> Option<Rc<UserFunction<'a>>> {
        self.visible.iter().rev().find_map(|(n, e)| match e {
            Entity::Function(function) if n == name => Some(function.clone()),
            _ => None,
        })
    }

    pub(super) fn value_names(&self) -> impl Iterator<Item = &str> {
        self.visible
            .iter()
            .filter(|(_, e)| matches!(e, Entity::Value(_)))
            .map(|(n, _)| n.as_str())
    }

    pub(super) fn function_names(&self) -> impl Iterator<Item = &str> {
        self.visible
            .iter()
            .filter(|(_, e)| matches!(e, Entity::Function(_)))
            .map(|(n, _)| n.as_str())
    }

    /// What stands before the models need not be used by each of them.
    pub(super) fn forgive_unused(&mut self) {
        self.bindings.clear();
        self.functions.clear();
    }

    /// Counts every name in an expression as used: it could not be evaluated, for a reason that has been reported.
    pub(super) fn touch(&self, e: &Expr) {
        touch_expr(e, &self.visible);
    }
}

impl Lower<'_> {
    /// Reports what no value of the spec was computed from.
    pub(super) fn report_unused(&mut self) {
        // A loop or a function makes its bindings anew each time; one use is enough.
        let bindings = std::mem::take(&mut self.scope.bindings);
        let used: std::collections::HashSet<String> = bindings
            .iter()
            .filter(|b| b.used.get())
            .map(|b| b.name.place.key())
            .collect();
        for binding in &bindings {
            let name = &binding.name.text;
            let failed = binding.value.borrow().is_none();
            let excused =
                failed || name.starts_with('_') || matches!(binding.role, Role::Input | Role::Loop);
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

fn touch_expr(e: &Expr, visible: &Visible<'_>) {
    match &e.kind {
        Kind::Number(_) | Kind::Bool(_) | Kind::Bad => {}
        Kind::Name(name) => touch_name(name, visible),
        Kind::Negative(a) | Kind::Named(a, _) => touch_expr(a, visible),
        Kind::Binary(_, a, b) => {
            touch_expr(a, visible);
            touch_expr(b, visible);
        }
        Kind::List(items) | Kind::Tuple(items) => items.iter().for_each(|i| touch_expr(i, visible)),
        Kind::Index(of, axes) => {
            touch_expr(of, visible);
            for axis in axes {
                match axis {
                    Index::At(at) => touch_expr(at, visible),
                    Index::Stretch(range, _) => touch_range(range, visible),
                }
            }
        }
        Kind::Call(Call {
            name,
            arguments,
            options,
        }) => {
            touch_name(&name.text, visible);
            arguments
                .iter()
                .chain(options.iter().map(|o| &o.1))
                .for_each(|a| touch_expr(a, visible));
        }
    }
}

fn touch_range(range: &Range, visible: &Visible<'_>) {
    match range {
        Range::Between { from, to, .. } => {
            from.iter().chain(to).for_each(|e| touch_expr(e, visible))
        }
        Range::Each(list) => touch_expr(list, visible),
    }
}

fn touch_name(name: &str, visible: &Visible<'_>) {
    for (_, entity) in visible.iter().filter(|(n, _)| n == name) {
        match entity {
            Entity::Value(binding) => binding.used.set(true),
            Entity::Function(function) => {
                function.used.set(true);
                if !function.touched.replace(true) {
                    touch_statements(&function.syntax.body.statements, &function.visible);
                    function
                        .syntax
                        .body
                        .value
                        .iter()
                        .for_each(|v| touch_expr(v, &function.visible));
                }
            }
        }
    }
}

fn touch_statements(statements: &[Statement], visible: &Visible<'_>) {
    for statement in statements {
        match statement {
            Statement::Param { shape, init, .. } => [shape]
                .into_iter()
                .chain(init)
                .for_each(|e| touch_expr(e, visible)),
            Statement::Const { value, .. }
            | Statement::Let { value, .. }
            | Statement::Assign { value, .. }
            | Statement::Value(value) => {
                touch_expr(value, visible);
            }
            Statement::For { over, body, .. } => {
                touch_range(over, visible);
                touch_statements(&body.statements, visible);
            }
            Statement::Function(f) => {
                touch_statements(&f.body.statements, visible);
                f.body.value.iter().for_each(|v| touch_expr(v, visible));
            }
            Statement::Bad => {}
        }
    }
}
