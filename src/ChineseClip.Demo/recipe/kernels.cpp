// Fused kernels for training on one CPU core with AVX-512: what lies between the matrix products (attention,
// activations, layer norms, AdamW). Matrix products themselves run in PyTorch (oneDNN, bfloat16). Called by train.py
// through ctypes. Rows are tokens; a sequence s is the rows off[s] .. off[s+1]-1, so nothing is ever padded. bf16
// values travel as uint16_t. Sums are float32.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

using bf16 = uint16_t;

static inline float up(bf16 v) {
    uint32_t u = uint32_t(v) << 16;
    float f;
    std::memcpy(&f, &u, 4);
    return f;
}

static inline bf16 down(float f) {
    uint32_t u;
    std::memcpy(&u, &f, 4);
    return bf16((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

// e^x to about 1e-6, written so that the compiler vectorises it.
static inline float fexp(float x) {
    x = x < -80 ? -80 : x > 80 ? 80 : x;
    float t = x * 1.44269504f, r = std::floor(t + .5f), f = (t - r) * .69314718f;
    float p = 1 + f * (1 + f * (.5f + f * (.16666667f + f * (.04166667f + f * (.0083333f + f * .0013889f)))));
    int32_t e = (int32_t(r) + 127) << 23;
    float two;
    std::memcpy(&two, &e, 4);
    return p * two;
}

// erf(u / sqrt 2) given e = exp(-u^2 / 2): Abramowitz & Stegun 7.1.26, error below 2e-7.
static inline float ferf(float u, float e) {
    float a = std::fabs(u) * .70710678f, t = 1 / (1 + .3275911f * a);
    float y =
        1 - e * t * (.254829592f + t * (-.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    return u < 0 ? -y : y;
}

typedef float Vec __attribute__((vector_size(64), aligned(64)));
static inline Vec& at(float* p) { return *reinterpret_cast<Vec*>(p); }

static constexpr int D = 32;     // width of one attention head
static constexpr int MAXN = 96;  // longest sequence, a multiple of 16

// One head's rows, widened to float32, with the bias added.
static void load(const bf16* __restrict src, const float* __restrict bias, int n, int stride, float scale,
                 float* __restrict dst) {
    for (int i = 0; i < n; i++)
        for (int d = 0; d < D; d++) dst[i * D + d] = (up(src[size_t(i) * stride + d]) + bias[d]) * scale;
}

template <int NP>
static void transpose(const float* __restrict x, int n, float* __restrict t) {
    for (int d = 0; d < D; d++) {
        for (int i = 0; i < n; i++) t[d * NP + i] = x[i * D + d];
        for (int i = n; i < NP; i++) t[d * NP + i] = 0;
    }
}

// s[i][j] = a[i] . b[j], with b given transposed.
template <int NP>
static void scores(const float* a, float* bt, int n, float* s) {
    for (int i = 0; i < n; i++) {
        Vec r[NP / 16] = {};
        for (int d = 0; d < D; d++)
#pragma GCC unroll 8
            for (int j = 0; j < NP / 16; j++) r[j] += a[i * D + d] * at(bt + d * NP + 16 * j);
#pragma GCC unroll 8
        for (int j = 0; j < NP / 16; j++) at(s + i * NP + 16 * j) = r[j];
    }
}

// out = sum over j of c[j * step] * x[j], rows 32 wide.
static inline void combine(const float* c, int step, float* x, int n, float* out) {
    Vec a = {}, b = {};
    for (int j = 0; j < n; j++) {
        a += c[j * step] * at(x + j * D);
        b += c[j * step] * at(x + j * D + 16);
    }
    at(out) = a;
    at(out + 16) = b;
}

template <int NP>
static void softmax(float* __restrict s, int n) {
    for (int i = 0; i < n; i++) {
        float* r = s + i * NP;
        for (int j = n; j < NP; j++) r[j] = -1e4f;
        float top = r[0], sum = 0;
        for (int j = 1; j < NP; j++) top = r[j] > top ? r[j] : top;
        for (int j = 0; j < NP; j++) {
            r[j] = fexp(r[j] - top);
            sum += r[j];
        }
        float inv = 1 / sum;
        for (int j = 0; j < NP; j++) r[j] *= inv;
    }
}

struct Head {
    alignas(64) float q[MAXN * D], k[MAXN * D], v[MAXN * D], g[MAXN * D], t[MAXN * D], p[MAXN * MAXN], dp[MAXN * MAXN];
};

template <int NP>
static void attend(Head& m, int n, int stride, bf16* __restrict out) {
    transpose<NP>(m.k, n, m.t);
    scores<NP>(m.q, m.t, n, m.p);
    softmax<NP>(m.p, n);
    if (!out) return;
    for (int i = 0; i < n; i++) {
        alignas(64) float a[D];
        combine(m.p + i * NP, 1, m.v, n, a);
        for (int d = 0; d < D; d++) out[size_t(i) * stride + d] = down(a[d]);
    }
}

static void store(const float* __restrict a, bf16* __restrict y, float* __restrict sum) {
    for (int d = 0; d < D; d++) {
        y[d] = down(a[d]);
        sum[d] += a[d];
    }
}

template <int NP>
static void attend_grad(Head& m, int n, int w, float scale, bf16* __restrict y, float* __restrict gbias) {
    attend<NP>(m, n, 0, nullptr);
    transpose<NP>(m.v, n, m.t);
    scores<NP>(m.g, m.t, n, m.dp);
    for (int i = 0; i < n; i++) {
        float *p = m.p + i * NP, *dp = m.dp + i * NP, dot = 0;
        alignas(64) float a[D];
        for (int j = 0; j < NP; j++) dot += p[j] * dp[j];
        for (int j = 0; j < NP; j++) dp[j] = p[j] * (dp[j] - dot);
        combine(dp, 1, m.k, n, a);
        for (int d = 0; d < D; d++) a[d] *= scale;
        store(a, y + size_t(i) * 3 * w, gbias);
    }
    for (int j = 0; j < n; j++) {
        alignas(64) float a[D], b[D];
        combine(m.dp + j, NP, m.q, n, a);
        combine(m.p + j, NP, m.g, n, b);
        store(a, y + size_t(j) * 3 * w + w, gbias + w);
        store(b, y + size_t(j) * 3 * w + 2 * w, gbias + 2 * w);
    }
}

static const float zero[D] = {};
static Head m;

#define BY_LENGTH(f, ...)           \
    (n <= 16   ? f<16>(__VA_ARGS__) \
     : n <= 32 ? f<32>(__VA_ARGS__) \
     : n <= 48 ? f<48>(__VA_ARGS__) \
     : n <= 64 ? f<64>(__VA_ARGS__) \
               : f<MAXN>(__VA_ARGS__))

extern "C" {

// qkv: [rows, 3, heads, 32]; out: [rows, heads, 32].
void attention(const bf16* qkv, const float* bias, const int* off, int count, int heads, bf16* out) {
    const int w = heads * D, st = 3 * w;
    for (int s = 0; s < count; s++)
        for (int h = 0, n = off[s + 1] - off[s]; h < heads; h++) {
            const bf16* x = qkv + size_t(off[s]) * st + h * D;
            load(x, bias + h * D, n, st, 1 / std::sqrt(float(D)), m.q);
            load(x + w, bias + w + h * D, n, st, 1, m.k);
            load(x + 2 * w, bias + 2 * w + h * D, n, st, 1, m.v);
            BY_LENGTH(attend, m, n, w, out + size_t(off[s]) * w + h * D);
        }
}

// Recomputes the probabilities; gbias must be zeroed by the caller.
void attention_grad(const bf16* gout, const bf16* qkv, const float* bias, const int* off, int count, int heads,
                    bf16* gqkv, float* gbias) {
    const int w = heads * D, st = 3 * w;
    const float scale = 1 / std::sqrt(float(D));
    for (int s = 0; s < count; s++)
        for (int h = 0, n = off[s + 1] - off[s]; h < heads; h++) {
            const bf16* x = qkv + size_t(off[s]) * st + h * D;
            load(x, bias + h * D, n, st, scale, m.q);
            load(x + w, bias + w + h * D, n, st, 1, m.k);
            load(x + 2 * w, bias + 2 * w + h * D, n, st, 1, m.v);
            load(gout + size_t(off[s]) * w + h * D, zero, n, w, 1, m.g);
            BY_LENGTH(attend_grad, m, n, w, scale, gqkv + size_t(off[s]) * st + h * D, gbias + h * D);
        }
}

// kind 0: SiLU; kind 1: GELU (erf). y = f(x + bias).
void activation(const bf16* __restrict x, const float* __restrict bias, int rows, int width, int kind,
                bf16* __restrict y) {
    for (int r = 0; r < rows; r++) {
        const bf16* a = x + size_t(r) * width;
        bf16* o = y + size_t(r) * width;
        if (kind == 0)
            for (int c = 0; c < width; c++) {
                float u = up(a[c]) + bias[c];
                o[c] = down(u / (1 + fexp(-u)));
            }
        else
            for (int c = 0; c < width; c++) {
                float u = up(a[c]) + bias[c];
                o[c] = down(.5f * u * (1 + ferf(u, fexp(-.5f * u * u))));
            }
    }
}

void activation_grad(const bf16* __restrict g, const bf16* __restrict x, const float* __restrict bias, int rows,
                     int width, int kind, bf16* __restrict gx, float* __restrict gbias) {
    for (int r = 0; r < rows; r++) {
        const bf16* a = x + size_t(r) * width;
        const bf16* b = g + size_t(r) * width;
        bf16* o = gx + size_t(r) * width;
        if (kind == 0)
            for (int c = 0; c < width; c++) {
                float u = up(a[c]) + bias[c], s = 1 / (1 + fexp(-u)), v = up(b[c]) * s * (1 + u * (1 - s));
                o[c] = down(v);
                gbias[c] += v;
            }
        else
            for (int c = 0; c < width; c++) {
                float u = up(a[c]) + bias[c];
                float e = fexp(-.5f * u * u), v = up(b[c]) * (.5f * (1 + ferf(u, e)) + u * .39894228f * e);
                o[c] = down(v);
                gbias[c] += v;
            }
    }
}

// sum = x + r + rbias (r may be null); norm = LayerNorm(sum) in float32 and bf16 (each may be null).
void add_norm(const float* __restrict x, const bf16* __restrict r, const float* __restrict rbias,
              const float* __restrict gamma, const float* __restrict beta, float eps, int rows, int width,
              float* __restrict sum, float* __restrict norm, bf16* __restrict normb, float* __restrict stat) {
    for (int i = 0; i < rows; i++) {
        const float* a = x + size_t(i) * width;
        float* s = sum + size_t(i) * width;
        if (r) {
            const bf16* b = r + size_t(i) * width;
            for (int c = 0; c < width; c++) s[c] = a[c] + up(b[c]) + rbias[c];
        } else
            for (int c = 0; c < width; c++) s[c] = a[c];
        float m = 0, v = 0;
        for (int c = 0; c < width; c++) m += s[c];
        m /= width;
        for (int c = 0; c < width; c++) v += (s[c] - m) * (s[c] - m);
        float inv = 1 / std::sqrt(v / width + eps);
        stat[2 * i] = m;
        stat[2 * i + 1] = inv;
        if (norm) {
            float* o = norm + size_t(i) * width;
            for (int c = 0; c < width; c++) o[c] = (s[c] - m) * inv * gamma[c] + beta[c];
        }
        if (normb) {
            bf16* o = normb + size_t(i) * width;
            for (int c = 0; c < width; c++) o[c] = down((s[c] - m) * inv * gamma[c] + beta[c]);
        }
    }
}

// Gradients towards sum, norm and normb come in (each may be null); gx (float32) and gr (its bf16 copy) go out.
void add_norm_grad(const float* __restrict gsum, const float* __restrict gnorm, const bf16* __restrict gnormb,
                   const float* __restrict sum, const float* __restrict stat, const float* __restrict gamma, int rows,
                   int width, float* __restrict gx, bf16* __restrict gr, float* __restrict ggamma,
                   float* __restrict gbeta, float* __restrict grbias) {
    std::vector<float> t(width);
    for (int i = 0; i < rows; i++) {
        const float* s = sum + size_t(i) * width;
        float* o = gx + size_t(i) * width;
        float m = stat[2 * i], inv = stat[2 * i + 1], a = 0, b = 0;
        for (int c = 0; c < width; c++) t[c] = gnorm ? gnorm[size_t(i) * width + c] : 0;
        if (gnormb)
            for (int c = 0; c < width; c++) t[c] += up(gnormb[size_t(i) * width + c]);
        for (int c = 0; c < width; c++) {
            float n = (s[c] - m) * inv;
            ggamma[c] += t[c] * n;
            gbeta[c] += t[c];
            t[c] *= gamma[c];
            a += t[c];
            b += t[c] * n;
        }
        a /= width;
        b /= width;
        for (int c = 0; c < width; c++) o[c] = inv * (t[c] - a - (s[c] - m) * inv * b);
        if (gsum)
            for (int c = 0; c < width; c++) o[c] += gsum[size_t(i) * width + c];
        if (gr) {
            bf16* q = gr + size_t(i) * width;
            for (int c = 0; c < width; c++) {
                q[c] = down(o[c]);
                grbias[c] += o[c];
            }
        }
    }
}

// AdamW on one flat buffer; also keeps the bf16 working copy and the running average of the weights.
void adamw(float* __restrict w, const float* __restrict g, float* __restrict m, float* __restrict v,
           float* __restrict mean, bf16* __restrict wb, const float* __restrict decay, float rate, size_t n, float lr,
           float b1, float b2, float eps, float c1, float c2, float scale, float keep) {
    for (size_t i = 0; i < n; i++) {
        float x = g[i] * scale;
        m[i] = b1 * m[i] + (1 - b1) * x;
        v[i] = b2 * v[i] + (1 - b2) * x * x;
        w[i] -= lr * (m[i] / c1 / (std::sqrt(v[i] / c2) + eps) + rate * decay[i] * w[i]);
        mean[i] = keep * mean[i] + (1 - keep) * w[i];
        wb[i] = down(w[i]);
    }
}
}
