use scorematch::energy;

energy! {
    pub Net(x: [6]) {
        param a: [6] = 0.1;
        param b: [6] = normal(-1);
        param c: [6] = gaussian(1);
        param d: [] = fan_in();
        param e: [6] = normal();
        sum(x * (a + b + c + d + e)) + normal(0.1)
    }
}

fn main() {}
