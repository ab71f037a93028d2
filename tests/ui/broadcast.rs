use scorematch::energy;

energy! {
    pub Net(x: [12]) {
        param b: [13];
        param scale: [5];
        param centres: [5, 12];
        let d = sq(x - centres) * scale;
        sum(x - b) + sum(d)
    }
}

fn main() {}
