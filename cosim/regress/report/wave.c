#include "cosim/regress/report/wave.h"

static void clear_signal(gpointer data)
{
    WaveSignal *signal = data;

    g_free(signal->name);
}

Wave *wave_new(const char *title, const char *unit, size_t limit)
{
    Wave *wave = g_new0(Wave, 1);

    wave->signals = g_array_new(FALSE, TRUE, sizeof(WaveSignal));
    g_array_set_clear_func(wave->signals, clear_signal);
    wave->values = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    wave->times = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    wave->limit = MAX(limit, 1);
    wave->unit = g_strdup(unit);
    wave->title = g_strdup(title);
    return wave;
}

void wave_free(Wave *wave)
{
    if (wave) {
        g_array_unref(wave->signals);
        g_array_unref(wave->values);
        g_array_unref(wave->times);
        g_free(wave->unit);
        g_free(wave->title);
        g_free(wave);
    }
}

unsigned wave_add(Wave *wave, WaveKind kind, const char *name)
{
    WaveSignal signal = { .name = g_strdup(name), .kind = kind, .twin = WAVE_NO_TWIN };

    g_assert(wave->times->len == 0);
    g_array_append_val(wave->signals, signal);
    return wave->signals->len - 1;
}

unsigned wave_add_pair(Wave *wave, WaveKind kind, const char *name)
{
    g_autofree char *ref_name = g_strconcat(name, " ref", NULL);
    g_autofree char *dut_name = g_strconcat(name, " dut", NULL);
    unsigned ref = wave_add(wave, kind, ref_name);
    unsigned dut = wave_add(wave, kind, dut_name);

    g_array_index(wave->signals, WaveSignal, ref).twin = dut;
    g_array_index(wave->signals, WaveSignal, dut).twin = ref;
    return ref;
}

/* In large steps, so that a sample costs little: up to twice the limit stays. */
static void forget_oldest(Wave *wave)
{
    guint surplus = wave->times->len - (guint)wave->limit;

    if (wave->times->len >= 2 * wave->limit) {
        g_array_remove_range(wave->times, 0, surplus);
        g_array_remove_range(wave->values, 0, surplus * wave->signals->len);
    }
}

void wave_sample(Wave *wave, uint64_t time, const uint64_t *values)
{
    g_array_append_val(wave->times, time);
    g_array_append_vals(wave->values, values, wave->signals->len);
    forget_oldest(wave);
}

size_t wave_length(const Wave *wave)
{
    return MIN(wave->times->len, wave->limit);
}

/* Where @sample of those that are shown is kept. */
static guint place(const Wave *wave, size_t sample)
{
    return wave->times->len - (guint)wave_length(wave) + (guint)sample;
}

uint64_t wave_time(const Wave *wave, size_t sample)
{
    return g_array_index(wave->times, uint64_t, place(wave, sample));
}

uint64_t wave_value(const Wave *wave, size_t sample, unsigned signal)
{
    return g_array_index(wave->values, uint64_t, place(wave, sample) * wave->signals->len + signal);
}
