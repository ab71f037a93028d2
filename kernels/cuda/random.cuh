// Random numbers by counter: a draw is a function of (key of seed and step, block of features, sample, direction,
// purpose), the same here as on the host.

// 128 random bits of a 128-bit counter under a 64-bit key: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
struct Words {
    unsigned word[4];
};

INLINE Words philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned k0, unsigned k1) {
#pragma unroll
    for (int round = 0; round < 10; ++round) {
        const unsigned high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        const unsigned high2 = __umulhi(0xCD9E8D57u, c2), low2 = 0xCD9E8D57u * c2;
        c0 = high2 ^ c1 ^ k0;
        c1 = low2;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {{c0, c1, c2, c3}};
}

// The purposes of random numbers; each purpose has numbers of its own.
constexpr unsigned FOR_DIRECTIONS = 0, FOR_NOISE = 1;

// The random words of one step and purpose.
struct Random {
    unsigned key[2];
    unsigned purpose;
};

// Feature u of a direction of signs, one bit a feature.
INLINE float draw_sign(const Random& random, int sample, int direction, int u) {
    const Words words = philox(u / 128, sample, direction, random.purpose, random.key[0], random.key[1]);
    const int at = u % 128 / 32;
    const unsigned word = at == 0 ? words.word[0] : at == 1 ? words.word[1] : at == 2 ? words.word[2] : words.word[3];
    return (word >> (u % 32) & 1u) == 0 ? 1.0f : -1.0f;
}

// ln x for normal x > 0, as the host's vectors compute it: x = 2^k m with m near 1, f = m - 1, s = f / (2 + f), ln m =
// f - (f^2 / 2 - s (f^2 / 2 + s^2 P(s^2))).
INLINE float natural_log(float x) {
    const unsigned shifted = __float_as_uint(x) + (0x3f800000u - 0x3f3504f3u);
    const float k = (float)((int)(shifted >> 23) - 127);
    const float m = __uint_as_float((shifted & 0x007fffffu) + 0x3f3504f3u);
    const float f = __fsub_rn(m, 1.0f), s = __fdiv_rn(f, __fadd_rn(f, 2.0f)), z = __fmul_rn(s, s);
    const float upper = __fmaf_rn(0.2427903413772583f, z, 0.28498783707618713f);
    const float lower = __fmaf_rn(0.40000972151756287f, z, 0.6666666269302368f);
    const float tail = __fmul_rn(z, __fmaf_rn(upper, __fmul_rn(z, z), lower));
    const float half_square = __fmul_rn(__fmul_rn(0.5f, f), f);
    const float small = __fmaf_rn(s, __fadd_rn(half_square, tail), __fmul_rn(k, 3.1946184945309415e-5f));
    return __fmaf_rn(k, 0.693115234375f, __fsub_rn(f, __fsub_rn(half_square, small)));
}

// Feature u of a standard normal vector, by the transform of Box and Muller (1958).
INLINE float draw_normal(const Random& random, int sample, int direction, int u) {
    const Words words = philox(u / 4, sample, direction, random.purpose, random.key[0], random.key[1]);
    const bool second = u % 4 >= 2;
    const unsigned a = second ? words.word[2] : words.word[0], b = second ? words.word[3] : words.word[1];
    const float uniform = (float)(((double)a + 0.5) * 2.3283064365386963e-10);
    const float angle = (float)(((double)(int)b + 0.5) * (2.3283064365386963e-10 * 6.283185307179586));
    // The uniforms nearest 1 round to 1: a radius of 0 would have no direction.
    const float radius = __fsqrt_rn(fmaxf(__fmul_rn(-2.0f, natural_log(uniform)), 2.3283064365386963e-10f));
    return __fmul_rn(radius, u % 2 == 0 ? cosine(angle) : sine(angle));
}
