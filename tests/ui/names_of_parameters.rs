use scorematch::energy;

energy! {
    pub Net(x: [12]) {
        let a = tanh(dense(x, 8)) as "first";
        let b = dense(x, 8) as "a b";
        let c = dense(x, 8) as "layer{i}";
        let d = dense(x, 8) as second;
        net f(y) { dense(y, 1) }
        fn g(y) as "g" = y;
        sum(a + b + c + d) + sum(f(x) as "f") + sum(g(x))
    }
}

fn main() {}
