//! How a product with factors above and below the line is multiplied out: quotient by quotient. Where z² and 1 + z² overflow,
//! z²·(1 + z²)⁻³ multiplied above and below the line apart is ∞ · 0; as (z/(1 + z²))²·(1 + z²)⁻¹ it is 0, which is right.

use super::Expr;

/// What is above and below the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sides {
    Up(Expr),
    Down(Expr),
    /// The first over the second.
    Both(Expr, Expr),
}

/// A quotient to a power of at least 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Quotient {
    pub(crate) sides: Sides,
    pub(crate) power: i32,
}

/// Π base^exponent as quotients: powers above the line go with those below it, in their order, as far as both reach.
pub(crate) fn quotients(factors: &[(Expr, i32)]) -> Vec<Quotient> {
    let side = |sign: i32| {
        let of_sign = factors.iter().filter(move |f| f.1 * sign > 0);
        of_sign.map(move |f| (f.0, f.1 * sign))
    };
    let (mut ups, mut downs) = (side(1), side(-1));
    let (mut up, mut down) = (ups.next(), downs.next());
    let mut result = Vec::with_capacity(factors.len());
    loop {
        let (sides, power) = match (up, down) {
            (Some(u), Some(d)) => (Sides::Both(u.0, d.0), u.1.min(d.1)),
            (Some((u, n)), None) => (Sides::Up(u), n),
            (None, Some((d, n))) => (Sides::Down(d), n),
            (None, None) => return result,
        };
        result.push(Quotient { sides, power });
        // A power that is used up is followed by the next one.
        let rest = |(e, n): (Expr, i32)| (n > power).then_some((e, n - power));
        up = up.and_then(|u| rest(u).or_else(|| ups.next()));
        down = down.and_then(|d| rest(d).or_else(|| downs.next()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pool;
    use super::*;

    #[test]
    fn powers_go_in_quotients_as_far_as_they_reach() {
        let mut pool = Pool::default();
        let [a, b, c] = [0, 1, 2].map(|i| pool.arg(i));
        let quotient = |sides, power| Quotient { sides, power };
        assert_eq!(
            quotients(&[(a, 2), (b, -3), (c, 1)]),
            [
                quotient(Sides::Both(a, b), 2),
                quotient(Sides::Both(c, b), 1)
            ]
        );
        assert_eq!(
            quotients(&[(a, 5), (b, -1), (c, -2)]),
            [
                quotient(Sides::Both(a, b), 1),
                quotient(Sides::Both(a, c), 2),
                quotient(Sides::Up(a), 2)
            ]
        );
        assert_eq!(quotients(&[(b, -3)]), [quotient(Sides::Down(b), 3)]);
        assert_eq!(quotients(&[]), []);
    }
}
