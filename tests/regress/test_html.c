/* The HTML page and the JUnit XML: what is in them, where, and that nothing from a target or a file is more than text. */
#include <string.h>

#include <glib.h>

#include "cosim/regress/device_gpio.h"
#include "cosim/regress/report/html.h"
#include "cosim/regress/report/junit.h"
#include "cosim/regress/report/levels_wave.h"
#include "cosim/regress/report/svg_wave.h"
#include "tests/regress/xml_tree.h"

/* What an attacker, or a careless person, might call things. */
#define NASTY "</pre><script>alert('1')</script>&amp;\"x\" \x1b[31m\x01\xff]]>\xef\xbf\xbe"

#define RISE_IP 0x1cu
#define OPS 5u

/* A pair that is good for what it compares alone. */
static Pair *new_pair(void)
{
    Pair *pair = g_new0(Pair, 1);

    pair->device = &regress_gpio;
    pair->compared = OBSERVED_ALL;
    return pair;
}

static Outcome *new_registers(uint32_t odd)
{
    Outcome *registers = g_new0(Outcome, regress_gpio.n_registers);

    for (size_t i = 0; i < regress_gpio.n_registers; i++) {
        registers[i].bus = QOSIM_BUS_OK;
        registers[i].data = regress_gpio.registers[i].offset == RISE_IP ? odd : i;
    }
    return registers;
}

/* Four writes and a read of rise_ip, 0x8 and 0x108; interrupt 3 is missing on the second side. */
static Examined *new_examined(void)
{
    Examined *examined = g_new0(Examined, 1);
    g_autofree Pair *pair = new_pair();

    examined->first = 1000;
    examined->ops = g_array_new(FALSE, TRUE, sizeof(Op));
    examined->ref = g_array_new(FALSE, TRUE, sizeof(Outcome));
    examined->dut = g_array_new(FALSE, TRUE, sizeof(Outcome));
    for (unsigned i = 0; i < OPS; i++) {
        Op op = { .kind = i + 1 < OPS ? OP_WRITE : OP_READ,
                  .size = 4,
                  .offset = RISE_IP,
                  .value = i + 1 < OPS ? i : 0 };
        Outcome ref = { .bus = QOSIM_BUS_OK,
                        .levels = { .irq = i > 2 ? 8 : 0, .driven = UINT32_MAX } };
        Outcome dut = { .bus = QOSIM_BUS_OK, .levels = { .driven = UINT32_MAX } };

        ref.data = op.kind == OP_READ ? 0x8 : 0;
        dut.data = op.kind == OP_READ ? 0x108 : 0;
        g_array_append_val(examined->ops, op);
        g_array_append_val(examined->ref, ref);
        g_array_append_val(examined->dut, dut);
    }
    examined->differs = OBSERVED_DATA | OBSERVED_IRQ;
    examined->ref_registers = new_registers(0x8);
    examined->dut_registers = new_registers(0x108);
    examined->levels =
        levels_wave(pair, examined->ops, examined->ref, examined->dut, examined->first);
    return examined;
}

static Results *new_results(void)
{
    Results *results = results_new(&regress_gpio, NULL);

    results->ref = g_strdup("model:variant=fe310");
    results->dut = g_strdup("rtl:" NASTY);
    results->ref_observes = OBSERVED_ALL;
    results->dut_observes = OBSERVED_ALL;
    results->seed = g_strdup("0x2a");
    results->compared = g_strdup("data, irq");
    results->unseen = g_strdup("bus");
    results->masks = g_strdup("");
    results->command = g_strdup("qosim-regress run --dut '" NASTY "'");
    results->ref_timing = (ResultTiming){ 1000, 900000, 1500, 400, 1000 };
    results->dut_timing = (ResultTiming){ 1000, 300000, 0, 0, 0 };
    return results;
}

static void add_divergence(Results *results)
{
    ResultCase *one = results_add(results, "seed 0x2a", VERDICT_DIVERGED);

    one->operations = 1005;
    one->seconds = 1.25;
    one->text = g_strdup("DIVERGENCE at operation 1004\n" NASTY);
    one->examined = new_examined();
    one->reproducer = g_new0(ResultReproducer, 1);
    one->reproducer->path = g_strdup("a<b>.qreg");
    one->reproducer->text = g_strdup("# " NASTY "\nread rise_ip\n");
    one->reproducer->command = g_strdup("qosim-regress run 'a<b>.qreg'");
    one->reproducer->operations = 1;
}

static XmlNode *parse_page(const Results *results)
{
    g_autofree char *page = html_page(results);

    g_assert_true(g_str_has_prefix(page, "<!DOCTYPE html>\n"));
    return xml_parse(strchr(page, '\n') + 1);
}

/* A page that asks for nothing: no other file, no network, no script. */
static void look_for_links(const XmlNode *node, void *opaque)
{
    static const char *const elements[] = { "script", "link", "img", "iframe", "object", "embed",
                                            "base",   "form", "use", "image",  "video",  "audio" };
    static const char *const attributes[] = { "src", "srcset", "data", "action", "xlink:href" };
    const char *href = xml_attribute(node, "href");
    const char *style = xml_attribute(node, "style");
    GHashTableIter iter;
    gpointer key;

    (void)opaque;
    for (size_t i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_assert_cmpstr(node->name, !=, elements[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        g_assert_null(xml_attribute(node, attributes[i]));
    }
    g_assert_true(!href || *href == '#');
    g_assert_true(!style || !strstr(style, "url"));
    g_hash_table_iter_init(&iter, node->attributes);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        g_assert_false(g_str_has_prefix(key, "on"));
    }
    if (strcmp(node->name, "style") == 0) {
        g_assert_null(strstr(node->text->str, "url("));
        g_assert_null(strstr(node->text->str, "@import"));
    }
}

static void test_self_contained(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;

    add_divergence(results);
    page = parse_page(results);
    xml_foreach(page, look_for_links, NULL);
    g_assert_cmpuint(xml_count(page, "style", NULL, NULL), ==, 1);
    g_assert_nonnull(strstr(xml_by_name(page, "style")->text->str, "prefers-color-scheme:dark"));
    g_assert_nonnull(strstr(xml_by_name(page, "style")->text->str, "@media print"));
}

static void test_pass(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;
    ResultCase *one = results_add(results, "seed 0x2a", VERDICT_SAME);

    one->operations = 1000;
    one->seconds = 0.5;
    page = parse_page(results);
    g_assert_cmpstr(xml_by_id(page, "verdict")->text->str, ==, "no difference");
    g_assert_cmpstr(xml_table_cell(xml_by_id(page, "summary"), 0, 1), ==, "model:variant=fe310");
    g_assert_nonnull(strstr(xml_by_id(page, "summary")->text->str, "1000 in 0.50 s, 2000/s"));
    g_assert_nonnull(strstr(xml_by_id(page, "summary")->text->str, "Exit code0 (no difference)"));
    g_assert_nonnull(strstr(xml_by_id(page, "summary")->text->str, QOSIM_VERSION));
    g_assert_nonnull(strstr(xml_by_id(page, "summary")->text->str, "0x2a"));
    g_assert_null(xml_by_id(page, "divergence0"));
    g_assert_null(xml_by_id(page, "cases"));
    g_assert_null(xml_by_id(page, "coverage"));
    g_assert_nonnull(xml_by_id(page, "timing"));
}

static void test_divergence(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;
    XmlNode *table;

    add_divergence(results);
    page = parse_page(results);
    g_assert_cmpstr(xml_by_id(page, "verdict")->text->str, ==, "divergence");
    table = xml_by_id(page, "divergence0");
    g_assert_cmpstr(xml_table_cell(table, 1, 0), ==, "data of rise_ip");
    g_assert_cmpstr(xml_table_cell(table, 1, 1), ==, "0x00000008");
    g_assert_cmpstr(xml_table_cell(table, 1, 2), ==, "0x00000108");
    g_assert_cmpstr(xml_table_cell(table, 1, 3), ==, "rise_ip[8]");
    g_assert_cmpstr(xml_table_cell(table, 2, 0), ==, "interrupt lines");
    g_assert_cmpstr(xml_table_cell(table, 2, 3), ==, "irq[3]");
    g_assert_cmpuint(table->children->len, ==, 3);

    table = xml_by_id(page, "operations0");
    g_assert_cmpuint(table->children->len, ==, 1 + OPS);
    g_assert_cmpstr(xml_table_cell(table, 1, 0), ==, "1000");
    g_assert_cmpstr(xml_table_cell(table, OPS, 1), ==, "read rise_ip");
    g_assert_nonnull(strstr(xml_table_cell(table, OPS, 3), "0x00000108"));
    g_assert_cmpuint(xml_count(table, "tr", "class", "bad"), ==, 1);

    g_assert_cmpstr(xml_by_id(page, "command0")->text->str, ==, "qosim-regress run 'a<b>.qreg'");
    g_assert_nonnull(strstr(xml_by_id(page, "reproducer0")->text->str, "read rise_ip\n"));
}

static void test_registers(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;
    XmlNode *table;
    unsigned row = 1;

    add_divergence(results);
    page = parse_page(results);
    table = xml_by_id(page, "registers0");
    g_assert_cmpuint(table->children->len, ==, 1 + regress_gpio.n_registers);
    while (strcmp(xml_table_cell(table, row, 0), "rise_ip") != 0) {
        row++;
    }
    g_assert_cmpstr(xml_table_cell(table, row, 1), ==, "0x1c");
    g_assert_cmpstr(xml_table_cell(table, row, 4), ==, "8");
    g_assert_cmpuint(xml_count(table, "tr", "class", "bad"), ==, 1);
    /* The bit itself, in both sides' values */
    g_assert_cmpuint(xml_count(table, "b", "class", "d"), ==, 2);
    g_assert_cmpstr(xml_by_name(table, "b")->text->str, ==, "0");
    g_assert_nonnull(strstr(xml_table_cell(table, row, 3), "0001 0000 1000"));
}

/* What is in the page as text is what came, but for characters that have no place in any page. */
static void test_escaped(void)
{
    static const char shown[] =
        "</pre><script>alert('1')</script>&amp;\"x\" \\x1b[31m\\x01\xef\xbf\xbd]]>\\xfffe";
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;
    g_autofree char *dut = g_strconcat("rtl:", shown, NULL);
    g_autofree char *small = g_strconcat("# ", shown, "\nread rise_ip\n", NULL);

    add_divergence(results);
    page = parse_page(results);
    g_assert_cmpstr(xml_table_cell(xml_by_id(page, "summary"), 1, 1), ==, dut);
    g_assert_cmpstr(xml_by_id(page, "reproducer0")->text->str, ==, small);
    g_assert_cmpuint(xml_count(page, "script", NULL, NULL), ==, 0);
}

static void test_several(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;

    results_add(results, "a.qreg", VERDICT_SAME);
    add_divergence(results);
    results_add(results, "b.qreg", VERDICT_TROUBLE)->text = g_strdup("died: " NASTY);
    page = parse_page(results);
    g_assert_cmpstr(xml_by_id(page, "verdict")->text->str, ==, "trouble");
    g_assert_cmpuint(xml_by_id(page, "cases")->children->len, ==, 4);
    g_assert_cmpstr(xml_table_cell(xml_by_id(page, "cases"), 2, 1), ==, "divergence");
    g_assert_null(xml_by_id(page, "case0"));
    g_assert_nonnull(xml_by_id(page, "case1"));
    g_assert_nonnull(xml_by_id(page, "divergence1"));
    g_assert_nonnull(xml_by_id(page, "case2"));
    g_assert_nonnull(strstr(page->text->str, "died: "));
}

static void test_timing(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;
    XmlNode *table;

    results_add(results, "seed 0x2a", VERDICT_SAME);
    page = parse_page(results);
    table = xml_by_id(page, "timing");
    g_assert_cmpstr(xml_table_cell(table, 1, 2), ==, "900 ns");
    g_assert_cmpstr(xml_table_cell(table, 1, 3), ==, "600 ns"); /* 1.5 round trips of 400 */
    g_assert_cmpstr(xml_table_cell(table, 1, 4), ==, "300 ns model");
    g_assert_cmpstr(xml_table_cell(table, 2, 3), ==, "–");
    g_assert_cmpstr(xml_table_cell(table, 2, 4), ==, "300 ns RTL");
    g_assert_nonnull(strstr(page->text->str, "1.50 requests per operation"));
}

/* Text of the first figure that is called @name. */
static XmlNode *figure(XmlNode *node, const char *name)
{
    XmlNode *found = NULL;

    if (strcmp(node->name, "figure") == 0 &&
        strcmp(xml_by_name(node, "strong")->text->str, name) == 0) {
        return node;
    }
    for (guint i = 0; !found && i < node->children->len; i++) {
        found = figure(g_ptr_array_index(node->children, i), name);
    }
    return found;
}

static void test_coverage(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(Coverage) coverage = coverage_new(&regress_gpio);
    g_autoptr(GError) error = NULL;
    g_autoptr(Goals) goals = goals_parse("g", "goal pue.write.0-1[0-15] 5\n", coverage, &error);
    g_autoptr(XmlNode) page = NULL;
    XmlNode *pue;

    g_assert_no_error(error);
    for (size_t i = 0; i < coverage_n_points(coverage); i++) {
        if (strcmp(coverage_point(coverage, i)->name, "pue.write.0-1") == 0) {
            coverage_add(coverage, i, 3, 2);
            coverage_add(coverage, i, 4, 50);
            coverage_add(coverage, i, 31, 1);
        }
    }
    results->coverage = coverage;
    results->goals = goals;
    results_add(results, "seed 0x2a", VERDICT_SAME)->operations = 10;
    page = parse_page(results);
    g_assert_nonnull(strstr(page->text->str, "6.25 % of the goals: 1 of 16 are met"));
    pue = figure(page, "pue");
    g_assert_nonnull(pue);
    g_assert_nonnull(strstr(pue->text->str, "1 of 16"));
    g_assert_cmpuint(xml_count(pue, "rect", "class", "h2"), ==, 2); /* 0 to 2, and 5 to 15 */
    g_assert_cmpuint(xml_count(pue, "rect", "class", "h3"), ==, 1);
    g_assert_cmpuint(xml_count(pue, "rect", "class", "h4"), ==, 1);
    g_assert_cmpuint(xml_count(pue, "rect", "class", "h5"), ==, 1);
    g_assert_nonnull(strstr(pue->text->str, "pue.write.0-1[5 – 15]: never hit"));
    g_assert_nonnull(strstr(xml_by_name(page, "details")->text->str, "pue.write.0-1[0-2, 5-15]"));
}

static void test_goals(void)
{
    g_autoptr(Results) results = new_results();
    g_autoptr(XmlNode) page = NULL;
    ResultCase *one;

    results_add(results, "seed 0x2a", VERDICT_SAME);
    one = results_add(results, "goals", VERDICT_DIVERGED);
    one->goals = true;
    one->text = g_strdup("pue was never written");
    page = parse_page(results);
    g_assert_cmpstr(xml_by_id(page, "verdict")->text->str, ==, "goals not met");
    g_assert_nonnull(strstr(page->text->str, "pue was never written"));
}

/* --- The waveform --- */

static void test_wave(void)
{
    g_autoptr(Wave) wave = wave_new("a <wave>", "ns", 4);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(XmlNode) svg = NULL;
    unsigned clk = wave_add(wave, WAVE_BIT, "clk");
    unsigned word = wave_add_pair(wave, WAVE_WORD, "da<ta");

    for (uint64_t i = 0; i < 20; i++) {
        const uint64_t values[] = { i & 1, 0xabc, i < 19 ? 0xabc : 0x123 };

        wave_sample(wave, 10 * i, values);
    }
    g_assert_cmpuint(wave_length(wave), ==, 4);
    g_assert_cmpuint(wave_time(wave, 0), ==, 160);
    g_assert_cmpuint(wave_value(wave, 3, clk), ==, 1);
    g_assert_cmpuint(wave_value(wave, 3, word + 1), ==, 0x123);
    svg_wave(text, wave);
    svg = xml_parse(text->str);
    g_assert_cmpstr(svg->name, ==, "svg");
    g_assert_cmpstr(xml_by_name(svg, "title")->text->str, ==, "a <wave>");
    g_assert_cmpuint(xml_count(svg, "text", "class", "w-name"), ==, 3);
    g_assert_cmpuint(xml_count(svg, "path", "class", "w-line"), ==, 1);
    g_assert_cmpuint(xml_count(svg, "path", "class", "w-word"), ==, 4); /* abc, abc; abc, 123 */
    g_assert_cmpuint(xml_count(svg, "rect", "class", "w-bad"), ==, 2);  /* the last of both */
    g_assert_cmpuint(xml_count(svg, "rect", "class", "w-last"), ==, 1);
}

/* The picture has a lane for each word, and for lines that differ. */
static void test_levels(void)
{
    g_autoptr(Examined) examined = new_examined();
    const Wave *wave = examined->levels;
    unsigned found = 0;

    g_assert_cmpuint(wave_length(wave), ==, OPS);
    g_assert_cmpuint(wave_time(wave, 0), ==, 1000);
    for (guint i = 0; i < wave->signals->len; i++) {
        const WaveSignal *signal = &g_array_index(wave->signals, WaveSignal, i);

        if (strcmp(signal->name, "irq[3] ref") == 0) {
            g_assert_cmpuint(wave_value(wave, OPS - 1, i), ==, 1);
            g_assert_cmpuint(wave_value(wave, OPS - 1, signal->twin), ==, 0);
            found++;
        }
    }
    g_assert_cmpuint(found, ==, 1);
}

static void test_empty_wave(void)
{
    g_autoptr(Wave) wave = wave_new("nothing", "ns", 4);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(XmlNode) svg = NULL;

    wave_add(wave, WAVE_BIT, "clk");
    svg_wave(text, wave);
    svg = xml_parse(text->str);
    g_assert_cmpuint(xml_count(svg, "rect", NULL, NULL), ==, 0);
}

/* --- JUnit XML --- */

static XmlNode *property(XmlNode *suite, const char *name)
{
    XmlNode *properties = xml_by_name(suite, "properties");

    for (guint i = 0; i < properties->children->len; i++) {
        XmlNode *one = g_ptr_array_index(properties->children, i);

        if (g_strcmp0(xml_attribute(one, "name"), name) == 0) {
            return one;
        }
    }
    g_assert_not_reached();
}

static void test_junit(void)
{
    g_autoptr(Results) results = new_results();
    g_autofree char *text = NULL;
    g_autoptr(XmlNode) root = NULL;
    XmlNode *suite;

    results_add(results, "a.qreg", VERDICT_SAME)->seconds = 0.5;
    add_divergence(results);
    results_add(results, NASTY, VERDICT_TROUBLE)->text = g_strdup("died");
    text = junit_text(results);
    root = xml_parse(strchr(text, '\n') + 1);
    g_assert_cmpstr(root->name, ==, "testsuites");
    g_assert_cmpuint(root->children->len, ==, 1);
    suite = g_ptr_array_index(root->children, 0);
    g_assert_cmpstr(suite->name, ==, "testsuite");
    g_assert_cmpstr(xml_attribute(suite, "tests"), ==, "3");
    g_assert_cmpstr(xml_attribute(suite, "failures"), ==, "1");
    g_assert_cmpstr(xml_attribute(suite, "errors"), ==, "1");
    g_assert_cmpstr(xml_attribute(suite, "time"), ==, "1.750");
    g_assert_nonnull(xml_attribute(suite, "timestamp"));
    g_assert_cmpstr(xml_attribute(property(suite, "seed"), "value"), ==, "0x2a");
    g_assert_cmpstr(xml_attribute(property(suite, "version"), "value"), ==, QOSIM_VERSION);
    g_assert_cmpstr(xml_attribute(property(suite, "ref"), "value"), ==, "model:variant=fe310");
    g_assert_cmpuint(xml_count(suite, "testcase", NULL, NULL), ==, 3);
    g_assert_cmpuint(xml_count(suite, "failure", NULL, NULL), ==, 1);
    g_assert_cmpuint(xml_count(suite, "error", NULL, NULL), ==, 1);
    g_assert_cmpstr(xml_attribute(xml_by_name(suite, "failure"), "message"), ==,
                    "DIVERGENCE at operation 1004");
    g_assert_nonnull(strstr(xml_by_name(suite, "failure")->text->str, "\\x1b[31m"));
    g_assert_cmpstr(xml_by_name(suite, "error")->text->str, ==, "died");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/regress/html/needs-no-other-file-and-no-script", test_self_contained);
    g_test_add_func("/regress/html/a-pass-has-summary-and-timing-but-no-divergence", test_pass);
    g_test_add_func("/regress/html/a-divergence-names-registers-and-bits", test_divergence);
    g_test_add_func("/regress/html/differing-bits-of-the-registers-are-marked", test_registers);
    g_test_add_func("/regress/html/what-comes-from-outside-is-text-and-nothing-else", test_escaped);
    g_test_add_func("/regress/html/several-sequences-have-a-table-and-sections", test_several);
    g_test_add_func("/regress/html/time-is-split-into-wire-and-device", test_timing);
    g_test_add_func("/regress/html/coverage-is-a-map-of-bins-against-goals", test_coverage);
    g_test_add_func("/regress/html/goals-that-are-missed-are-no-divergence", test_goals);
    g_test_add_func("/regress/svg/the-last-samples-are-drawn-and-differences-marked", test_wave);
    g_test_add_func("/regress/svg/lines-that-differ-have-lanes-of-their-own", test_levels);
    g_test_add_func("/regress/svg/a-wave-without-samples-is-drawn-empty", test_empty_wave);
    g_test_add_func("/regress/junit/a-suite-with-properties-failures-and-errors", test_junit);
    return g_test_run();
}
