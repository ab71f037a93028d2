use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        let r = reshape(x, [3, 2]);
        param z: [2, 3];
        let a = concat(r, z);
        let b = concat(x, r);
        let c = concat(norm_sq(x), x);
        let d = stack(x, z[0]);
        sum(a) + sum(b) + sum(c) + sum(d)
    }
}

fn main() {}
