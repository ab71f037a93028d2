use scorematch::energy;

energy! {
    pub Net(x: [2]) {
        let mut h = x;
        for i in 0..100000 {
            h += i;
        }
        for i in 0..2 {
            h * i
        }
        for i in x {
            h += i;
        }
        for i in 0.. {
            h += i;
        }
        sum(h)
    }
}

fn main() {}
