use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        let a = x[3..7];
        let b = x[6];
        let c = x[4..4];
        let d = x[0, 1];
        let e = gather(x, [0, 9]);
        sum(a) + b + sum(c) + d + sum(e)
    }
}

fn main() {}
