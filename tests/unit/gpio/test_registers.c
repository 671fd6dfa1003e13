/* Register tables. */
#include "models/core/registers.h"

typedef struct State {
    uint32_t ctrl;
    uint32_t pending;
    uint32_t id;
    unsigned hooks;
} State;

static void count_hook(void *state)
{
    ((State *)state)->hooks++;
}

static const RegisterInfo rows[] = {
    { .name = "ctrl",
      .offset = 0x00,
      .reset = 0x11,
      .writable = 0x0f,
      .field = offsetof(State, ctrl),
      .hook = count_hook },
    { .name = "pending",
      .offset = 0x10,
      .writable = 0xff00,
      .write_1_clear = 0x00ff,
      .field = offsetof(State, pending) },
    { .name = "id", .offset = 0x14, .reset = 0xfeed, .field = offsetof(State, id) },
};

static const RegisterMap map = { rows, G_N_ELEMENTS(rows) };

static void test_find(void)
{
    g_assert_true(register_find(&map, 0x00) == &rows[0]);
    g_assert_true(register_find(&map, 0x10) == &rows[1]);
    g_assert_true(register_find(&map, 0x14) == &rows[2]);
    g_assert_null(register_find(&map, 0x04));
    g_assert_null(register_find(&map, 0x11));
    g_assert_null(register_find(&map, 0x18));
    g_assert_null(register_find(&map, UINT64_MAX));
}

static void test_reset(void)
{
    State s = { 1, 2, 3, 0 };

    register_reset_all(&map, &s);
    g_assert_cmphex(s.ctrl, ==, 0x11);
    g_assert_cmphex(s.pending, ==, 0);
    g_assert_cmphex(register_read(&rows[2], &s), ==, 0xfeed);
    g_assert_cmpuint(s.hooks, ==, 0);
}

static void test_write(void)
{
    State s = { 0x11, 0x1234, 0xfeed, 0 };

    register_write(&rows[0], &s, 0xffffffee);
    g_assert_cmphex(s.ctrl, ==, 0x1e);
    g_assert_cmpuint(s.hooks, ==, 1);
    register_write(&rows[1], &s, 0xab30);
    g_assert_cmphex(s.pending, ==, 0xab04);
    register_write(&rows[2], &s, 0);
    g_assert_cmphex(s.id, ==, 0xfeed);
    g_assert_true(register_is_read_only(&rows[2]));
    g_assert_false(register_is_read_only(&rows[1]));
}

static void test_not_a_bank(void)
{
    Object *obj;

    module_call_init(MODULE_INIT_QOM);
    obj = object_new_root();
    g_assert_null(register_map_of(obj));
    object_unref(obj);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/registers/found-at-their-exact-offset-only", test_find);
    g_test_add_func("/core/registers/reset-by-row-without-hooks", test_reset);
    g_test_add_func("/core/registers/written-by-masks-then-hook", test_write);
    g_test_add_func("/core/registers/object-without-registers-has-no-map", test_not_a_bank);
    return g_test_run();
}
