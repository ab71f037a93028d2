//! The constants and polynomials of the two types.
//!
//! The polynomials were fitted by Remez exchange for least relative error of the function they make, the leading
//! coefficients rounded to the type before the others were fitted.

use crate::simd::Vector;

/// What the elementary functions must know of a type.
pub trait Tables: Sized {
    /// Bits of the type.
    const WIDTH: u32;
    /// Stored bits of the significand.
    const MANTISSA: u32;
    /// Bits of 1.
    const ONE: u64;
    /// Bits of √½.
    const SQRT_HALF: u64;
    /// 1.5 · 2^MANTISSA: adding it leaves the nearest integer in the low bits.
    const ROUND: f64;
    /// The least normal value.
    const TINY: f64;
    /// ln 2 in two parts; an exponent times the first is exact.
    const LN2: [f64; 2];
    /// Below and above these, eˣ rounds to 0 and to infinity.
    const EXP_RANGE: [f64; 2];
    /// From here up to its negative, eˣ is a normal number.
    const EXP_NORMAL: f64;
    /// From here on e^(−2x) is lost beside x − ln 2.
    const LOGCOSH_LINEAR: f64;
    /// π/2 in parts; a quadrant's number times each but the last is exact.
    const HALF_PI: &'static [f64];
    /// Up to here the quadrant's number is small enough for that.
    const TRIG_RANGE: f64;
    /// Up to here erf is an odd polynomial.
    const ERF_SMALL: f64;
    /// From here on erf rounds to 1.
    const ERF_ONE: f64;

    /// (eʳ − 1 − r) / r² for |r| ≤ ½ ln 2.
    fn exp_series<V: Vector<Scalar = Self>>(r: V) -> V;
    /// (ln((1 + s)/(1 − s)) − 2s) / s³ by z = s², for |s| ≤ 0.172.
    fn log_series<V: Vector<Scalar = Self>>(z: V) -> V;
    /// The same for 0 ≤ s ≤ ⅓.
    fn wide_log_series<V: Vector<Scalar = Self>>(z: V) -> V;
    /// (sin r − r) / r³ by z = r², for |r| ≤ π/4.
    fn sin_series<V: Vector<Scalar = Self>>(z: V) -> V;
    /// (cos r − 1 + ½r²) / r⁴ by z = r², for |r| ≤ π/4.
    fn cos_series<V: Vector<Scalar = Self>>(z: V) -> V;
    /// erf x / x − 1 by z = x², for |x| ≤ ERF_SMALL.
    fn erf_series<V: Vector<Scalar = Self>>(z: V) -> V;
    /// e^(x²) (1 − erf x) by t = 1 / (1 + x), for ERF_SMALL ≤ x ≤ ERF_ONE.
    fn erfc_series<V: Vector<Scalar = Self>>(t: V) -> V;
    /// e^(m²/2) Φ(−m) / t by t = 1 / (1 + m/4) for m ≤ 4.
    fn near_tail<V: Vector<Scalar = Self>>(t: V) -> V;
    /// The same for 4 ≤ m up to where Φ(−m) is subnormal.
    fn far_tail<V: Vector<Scalar = Self>>(t: V) -> V;
    /// erf of one scalar.
    fn erf(x: Self) -> Self;
}

/// c₀ + c₁x + c₂x² + …, four terms at a time in powers of x⁴: a long chain would wait on itself (Estrin 1960).
macro_rules! series {
    ($x:ident; $($c:literal),+) => {{
        let square = $x * $x;
        #[allow(unused_variables, reason = "up to four terms need none")]
        let fourth = square * square;
        series!(in $x square fourth; $($c),+)
    }};
    (in $x:ident $x2:ident $x4:ident; $a:literal, $b:literal, $c:literal, $d:literal, $($rest:literal),+) => {
        series!(in $x $x2 $x4; $($rest),+).mul_add($x4, series!(in $x $x2 $x4; $a, $b, $c, $d))
    };
    (in $x:ident $x2:ident $x4:ident; $a:literal, $b:literal, $($rest:literal),+) => {
        series!(in $x $x2 $x4; $($rest),+).mul_add($x2, series!(in $x $x2 $x4; $a, $b))
    };
    (in $x:ident $x2:ident $x4:ident; $a:literal, $b:literal) => {
        V::constant($b).mul_add($x, V::constant($a))
    };
    (in $x:ident $x2:ident $x4:ident; $a:literal) => {
        V::constant($a)
    };
}

impl Tables for f32 {
    const WIDTH: u32 = 32;
    const MANTISSA: u32 = 23;
    const ONE: u64 = 0x3f80_0000;
    const SQRT_HALF: u64 = 0x3f35_04f3;
    const ROUND: f64 = 12_582_912.0;
    const TINY: f64 = f32::MIN_POSITIVE as f64;
    const LN2: [f64; 2] = [0.693_115_234_375, 3.194_618_494_530_941_5e-5];
    const EXP_RANGE: [f64; 2] = [-104.0, 89.0];
    const EXP_NORMAL: f64 = -87.33;
    const LOGCOSH_LINEAR: f64 = 10.0;
    const HALF_PI: &'static [f64] = &[
        1.570_312_5,
        4.837_512_969_970_703e-4,
        7.549_533_620_476_723e-8,
        2.563_282_919_254_561_4e-12,
        6.123_234_262_925_839e-17,
    ];
    const TRIG_RANGE: f64 = 12_000.0;
    const ERF_SMALL: f64 = 0.75;
    const ERF_ONE: f64 = 4.0;

    #[inline(always)]
    fn exp_series<V: Vector<Scalar = Self>>(r: V) -> V {
        series!(r; 0.5, 0.166_666_477_918_624_88, 0.041_666_481_643_915_176, 0.008_337_854_407_727_718,
            0.001_393_351_587_466_895_6, 0.000_173_558_495_589_531_96)
    }

    #[inline(always)]
    fn log_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.666_666_626_930_236_8, 0.400_009_721_517_562_87, 0.284_987_837_076_187_13,
            0.242_790_341_377_258_3)
    }

    #[inline(always)]
    fn wide_log_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.666_664_123_535_156_2, 0.400_217_831_134_796_14, 0.279_971_927_404_403_7,
            0.280_365_884_304_046_63)
    }

    #[inline(always)]
    fn sin_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; -0.166_666_552_424_430_85, 0.008_332_188_241_183_758, -0.000_195_181_055_460_125_2)
    }

    #[inline(always)]
    fn cos_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.041_666_645_556_688_31, -0.001_388_730_830_512_940_9, 2.443_217_272_229_958_3e-5)
    }

    #[inline(always)]
    fn erf_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.12837916612625122, -0.3761261999607086, 0.11283399164676666, -0.026835527271032333, 0.005115944892168045, -0.0006759813404642045)
    }

    #[inline(always)]
    fn erfc_series<V: Vector<Scalar = Self>>(t: V) -> V {
        series!(t; -0.000_935_697_869_863_361_1, 0.581_991_851_329_803_5, 0.419_587_194_919_586_2,
            0.924_640_655_517_578_1, -1.909_588_694_572_448_7, 1.346_659_421_920_776_4,
            -0.363_990_426_063_537_6)
    }

    #[inline(always)]
    fn near_tail<V: Vector<Scalar = Self>>(t: V) -> V {
        let s = t - V::constant(0.625);
        series!(s; 0.2336530307, 0.4201685818, 0.5506198349, 0.5006655186, 0.2629214199, 0.003236419614,
            -0.09287849893, -0.0282214486, 0.03474998353, 0.01354689696, -0.01234295023)
    }

    #[inline(always)]
    fn far_tail<V: Vector<Scalar = Self>>(t: V) -> V {
        Self::near_tail(t)
    }

    #[inline(always)]
    fn erf(x: f32) -> f32 {
        libm::erff(x)
    }
}

impl Tables for f64 {
    const WIDTH: u32 = 64;
    const MANTISSA: u32 = 52;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const TINY: f64 = f64::MIN_POSITIVE;
    const LN2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    const EXP_RANGE: [f64; 2] = [-746.0, 710.0];
    const EXP_NORMAL: f64 = -708.39;
    const LOGCOSH_LINEAR: f64 = 20.0;
    const HALF_PI: &'static [f64] = &[
        1.570_796_326_734_125_6,
        6.077_100_506_303_966e-11,
        2.022_266_248_711_166_5e-21,
        8.478_427_660_368_9e-32,
    ];
    const TRIG_RANGE: f64 = 1e6;
    const ERF_SMALL: f64 = 1.0;
    const ERF_ONE: f64 = 6.0;

    #[inline(always)]
    fn exp_series<V: Vector<Scalar = Self>>(r: V) -> V {
        series!(r; 0.5, 0.166_666_666_666_666_88, 0.041_666_666_666_666_845, 0.008_333_333_333_312_647,
            0.001_388_888_888_875_504_2, 0.000_198_412_699_069_920_5, 2.480_158_763_376_409_3e-5,
            2.755_722_453_673_867e-6, 2.755_697_613_982_517e-7, 2.511_553_790_923_905_6e-8,
            2.101_482_632_756_987e-9)
    }

    #[inline(always)]
    fn log_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.666_666_666_666_666_6, 0.400_000_000_000_049_54, 0.285_714_285_693_963_9,
            0.222_222_226_097_086_3, 0.181_817_781_069_590_7, 0.153_870_006_541_681_84,
            0.132_518_656_634_033_3, 0.132_374_628_081_275_1)
    }

    #[inline(always)]
    fn wide_log_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.666_666_666_666_663_1, 0.400_000_000_001_561_4, 0.285_714_285_479_643_7,
            0.222_222_239_643_572_24, 0.181_817_440_681_511_62, 0.153_865_577_575_996_2,
            0.133_009_913_675_160_8, 0.121_060_235_218_057_19, 0.083_400_583_659_766_53,
            0.170_192_062_585_527_05)
    }

    #[inline(always)]
    fn sin_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; -0.166_666_666_666_666_32, 0.008_333_333_333_322_418, -0.000_198_412_698_297_673_2,
            2.755_731_366_750_987_7e-6, -2.505_075_308_923_153e-8, 1.589_644_910_319_195e-10)
    }

    #[inline(always)]
    fn cos_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.041_666_666_666_666_59, -0.001_388_888_888_887_218_6, 2.480_158_728_829_599_3e-5,
            -2.755_731_401_535_828_3e-7, 2.087_567_812_380_447_6e-9, -1.135_733_904_118_648_8e-11)
    }

    #[inline(always)]
    fn erf_series<V: Vector<Scalar = Self>>(z: V) -> V {
        series!(z; 0.1283791670955126, -0.376126389031841, 0.11283791670971098, -0.026866170648031137, 0.005223977652692406, -0.0008548328535780191, 0.0001205538619228031, -1.4926881427592802e-05, 1.6481058146763703e-06, -1.655712085519181e-07, 1.601316604549518e-08, -1.6464499845856182e-09, 1.434316354028887e-10)
    }

    #[inline(always)]
    fn erfc_series<V: Vector<Scalar = Self>>(t: V) -> V {
        series!(t; -4.252_175_136_796_247e-6, 0.564_362_448_873_705, 0.560_965_846_159_834_4,
            0.318_473_501_481_218_4, -0.557_380_867_986_199_9, 0.751_422_654_873_954_2,
            -5.547_186_504_843_975, 15.054_394_346_815_242, -16.439_120_946_132_17,
            -5.081_292_726_231_65, 41.442_611_667_982_22, -61.857_361_271_780_62,
            49.307_463_219_080_866, -21.694_518_523_433_487, 4.180_235_115_629_98)
    }

    #[inline(always)]
    fn near_tail<V: Vector<Scalar = Self>>(t: V) -> V {
        let s = t - V::constant(0.75);
        series!(s; 0.295819323437046, 0.5833326421907159, 0.7627273198757623, 0.6288256330945885,
            0.2418733012464919, -0.07157334445190135, -0.10056134327091132, 0.01185687826671858,
            0.0399177936167658, -0.008403204852053613, -0.01626378715291904, 0.00811771990321574,
            0.005255689918753035, -0.006148163860310096, -0.00032464050514839177,
            0.0031191196127364224)
    }

    #[inline(always)]
    fn far_tail<V: Vector<Scalar = Self>>(t: V) -> V {
        let s = t - V::constant(0.3125);
        series!(s; 0.14326486635509245, 0.19218045647992546, 0.22350738420358215, 0.218136542292638,
            0.1676315974681555, 0.0855705932588641, 0.006502117510904118, -0.03375123773214282,
            -0.025607503367740543, 0.004563826987579233, 0.018568359187843973,
            0.004907529347679148, -0.012026115669410664, -0.007602395032522924,
            0.007596501229003793, 0.008133990591337965)
    }

    #[inline(always)]
    fn erf(x: f64) -> f64 {
        libm::erf(x)
    }
}
