use scorematch::energy;

energy! {
    pub Net(x: [4]) {
        let r = reshape(x, [2, 2]);
        let p = pairs(r);
        let (a, b, c) = pairs(r);
        let (d, e) = r;
        let f = silu;
        sum(p) + sum(a) + sum(b) + sum(c) + sum(d) + sum(e) + f
    }
}

fn main() {}
