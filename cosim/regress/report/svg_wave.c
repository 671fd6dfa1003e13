#include "cosim/regress/report/svg_wave.h"

#include <inttypes.h>
#include <stdbool.h>

#include "cosim/regress/report/markup.h"

/* In units of the picture, which are pixels at its natural size. */
#define LANE 26u
#define LANE_GAP 8u
#define CHARACTER 6.1 /* width of one */
#define LABEL_PAD 14u
#define SLOPE 3u /* of the ends of a word */
#define TOP 8u
#define AXIS 24u
#define WIDEST 1800u
/* A picture of this width has the names on its right, too, where they are seen when the left is out of sight. */
#define WIDE 500u

typedef struct Picture {
    GString *to;
    const Wave *wave;
    unsigned left;   /* where the lanes begin */
    unsigned column; /* width of a sample */
    unsigned right;  /* where the lanes end */
    bool wide;
    unsigned width;
    unsigned height;
} Picture;

static const WaveSignal *signal_at(const Wave *wave, unsigned i)
{
    return &g_array_index(wave->signals, WaveSignal, i);
}

static char *value_text(const Wave *wave, size_t sample, unsigned signal)
{
    uint64_t value = wave_value(wave, sample, signal);

    return signal_at(wave, signal)->kind == WAVE_OP ? g_strdup_printf("%" PRIu64, value)
                                                    : g_strdup_printf("%" PRIx64, value);
}

static unsigned text_width(const char *text)
{
    return (unsigned)((double)g_utf8_strlen(text, -1) * CHARACTER);
}

/* Few samples get the room for whole words; many get less. */
static void measure(Picture *picture)
{
    const Wave *wave = picture->wave;
    unsigned samples = (unsigned)MAX(wave_length(wave), 1);

    picture->left = 60;
    for (unsigned i = 0; i < wave->signals->len; i++) {
        picture->left = MAX(picture->left, text_width(signal_at(wave, i)->name) + LABEL_PAD);
    }
    picture->column = CLAMP(WIDEST / samples, 20, 72);
    picture->right = picture->left + samples * picture->column;
    picture->wide = picture->right > WIDE;
    picture->width = picture->right + (picture->wide ? picture->left : SLOPE + 1);
    picture->height = TOP + wave->signals->len * LANE + AXIS;
}

static unsigned x_of(const Picture *picture, size_t sample)
{
    return picture->left + (unsigned)sample * picture->column;
}

static bool differs(const Wave *wave, size_t sample, unsigned signal)
{
    unsigned twin = signal_at(wave, signal)->twin;

    return twin != WAVE_NO_TWIN &&
           wave_value(wave, sample, signal) != wave_value(wave, sample, twin);
}

/* The samples from @start on that look the same: where they end. */
static size_t segment_end(const Wave *wave, unsigned signal, size_t start)
{
    size_t end = start + 1;

    while (end < wave_length(wave) &&
           wave_value(wave, end, signal) == wave_value(wave, start, signal) &&
           differs(wave, end, signal) == differs(wave, start, signal)) {
        end++;
    }
    return end;
}

static void add_marks(const Picture *picture, unsigned signal, unsigned y)
{
    size_t n = wave_length(picture->wave);

    for (size_t i = 0; i < n; i++) {
        if (differs(picture->wave, i, signal)) {
            g_string_append_printf(
                picture->to,
                "<rect class=\"w-bad\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
                x_of(picture, i), y, picture->column, LANE);
        }
    }
}

static void add_bit(const Picture *picture, unsigned signal, unsigned y)
{
    const Wave *wave = picture->wave;
    unsigned high = y + LANE_GAP / 2;
    unsigned low = y + LANE - LANE_GAP / 2;

    g_string_append(picture->to, "<path class=\"w-line\" d=\"");
    for (size_t i = 0; i < wave_length(wave); i++) {
        unsigned level = wave_value(wave, i, signal) ? high : low;

        g_string_append_printf(picture->to, i == 0 ? "M%u %u" : "H%uV%u", x_of(picture, i), level);
    }
    g_string_append_printf(picture->to, "H%u\"/>\n", x_of(picture, wave_length(wave)));
}

/* A word from sample @start to @end, in its lane at @y. */
static void add_segment(const Picture *picture, unsigned signal, unsigned y, size_t start,
                        size_t end)
{
    g_autofree char *text = value_text(picture->wave, start, signal);
    unsigned from = x_of(picture, start);
    unsigned to = x_of(picture, end);
    unsigned high = y + LANE_GAP / 2;
    unsigned low = y + LANE - LANE_GAP / 2;
    unsigned middle = y + LANE / 2;

    g_string_append_printf(
        picture->to,
        "<g><title>%s = %s</title><path class=\"w-word\" "
        "d=\"M%u %uL%u %uH%uL%u %uL%u %uH%uZ\"/>",
        signal_at(picture->wave, signal)->kind == WAVE_OP ? "operation" : "value", text, from,
        middle, from + SLOPE, high, to - SLOPE, to, middle, to - SLOPE, low, from + SLOPE);
    if (text_width(text) + 2 * SLOPE <= to - from) {
        g_string_append_printf(
            picture->to, "<text class=\"%s\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">%s</text>",
            differs(picture->wave, start, signal) ? "w-text w-badtext" : "w-text", (from + to) / 2,
            middle + 4, text);
    }
    g_string_append(picture->to, "</g>\n");
}

static void add_name(const Picture *picture, const char *name, unsigned x, unsigned y)
{
    g_string_append_printf(picture->to, "<text class=\"w-name\" x=\"%u\" y=\"%u\">", x, y);
    markup_text(picture->to, name);
    g_string_append(picture->to, "</text>\n");
}

static void add_lane(const Picture *picture, unsigned signal)
{
    const Wave *wave = picture->wave;
    unsigned y = TOP + signal * LANE;

    add_marks(picture, signal, y);
    add_name(picture, signal_at(wave, signal)->name, 0, y + LANE / 2 + 4);
    if (picture->wide) {
        add_name(picture, signal_at(wave, signal)->name, picture->right + LABEL_PAD,
                 y + LANE / 2 + 4);
    }
    if (signal_at(wave, signal)->kind == WAVE_BIT) {
        add_bit(picture, signal, y);
        return;
    }
    for (size_t start = 0; start < wave_length(wave);) {
        size_t end = segment_end(wave, signal, start);

        add_segment(picture, signal, y, start, end);
        start = end;
    }
}

/* Times below the lanes, as many as there is room for. */
static void add_axis(const Picture *picture)
{
    const Wave *wave = picture->wave;
    size_t n = wave_length(wave);
    unsigned y = picture->height - AXIS;
    g_autofree char *widest =
        g_strdup_printf("%" PRIu64 " %s", n > 0 ? wave_time(wave, n - 1) : 0, wave->unit);
    size_t step = text_width(widest) / picture->column + 1;

    for (size_t i = 0; i < n; i += step) {
        g_string_append_printf(picture->to,
                               "<path class=\"w-grid\" d=\"M%u %uV%u\"/><text class=\"w-time\" "
                               "x=\"%u\" y=\"%u\">%" PRIu64 "</text>\n",
                               x_of(picture, i), TOP, y + 4, x_of(picture, i), y + 16,
                               wave_time(wave, i));
    }
    g_string_append_printf(picture->to, "<text class=\"w-time\" x=\"0\" y=\"%u\">", y + 16);
    markup_text(picture->to, wave->unit);
    g_string_append(picture->to, "</text>\n");
}

/* The end is where the two went apart. */
static void add_last(const Picture *picture)
{
    size_t n = wave_length(picture->wave);

    if (n > 0) {
        g_string_append_printf(
            picture->to, "<rect class=\"w-last\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
            x_of(picture, n - 1), TOP, picture->column, picture->height - TOP - AXIS);
    }
}

void svg_wave(GString *to, const Wave *wave)
{
    Picture picture = { .to = to, .wave = wave };

    measure(&picture);
    g_string_append_printf(to,
                           "<svg class=\"wave\" role=\"img\" "
                           "width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\">\n<title>",
                           picture.width, picture.height, picture.width, picture.height);
    markup_text(to, wave->title);
    g_string_append(to, "</title>\n");
    add_last(&picture);
    add_axis(&picture);
    for (unsigned i = 0; i < wave->signals->len; i++) {
        add_lane(&picture, i);
    }
    g_string_append(to, "</svg>\n");
}
