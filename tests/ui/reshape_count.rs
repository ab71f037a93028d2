use scorematch::energy;

energy! {
    pub Net(x: [12]) {
        let r = reshape(x, [5, 3]);
        let s = reshape(x, [5, -1]);
        let t = transpose(reshape(x, [4, 3]), [0, 0]);
        sum(r) + sum(s) + sum(t) + sum(pairs(x[0..1]))
    }
}

fn main() {}
