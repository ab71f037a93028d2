use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        let a = x ^ 2;
        let b = x ** 2;
        let c = x % 2;
        let d = x @ x;
        let e = x > 0;
        let f = x.sum();
        let g = if x { 1 } else { 2 };
        let h = std::f64::consts::PI;
        sum(a + b + c + d + e + f + g + h)
    }
}

fn main() {}
