/* Files appear whole or not at all, also when the disk is full; the progress line fits every terminal. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "cosim/regress/error.h"
#include "cosim/regress/progress.h"
#include "cosim/regress/report/output.h"

typedef struct Fixture {
    char *dir;
    char *path;
    struct rlimit old_limit;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    fixture->dir = g_dir_make_tmp("regress_output_XXXXXX", &error);
    g_assert_no_error(error);
    fixture->path = g_build_filename(fixture->dir, "file", NULL);
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &fixture->old_limit), ==, 0);
    signal(SIGXFSZ, SIG_IGN);
}

static unsigned count_files(const char *dir)
{
    g_autoptr(GDir) list = g_dir_open(dir, 0, NULL);
    unsigned n = 0;

    while (g_dir_read_name(list)) {
        n++;
    }
    return n;
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_unlink(fixture->path);
    g_rmdir(fixture->dir);
    g_free(fixture->dir);
    g_free(fixture->path);
}

/* From here on no file grows beyond @bytes, as on a disk that is full. */
static void limit_files(const Fixture *fixture, rlim_t bytes)
{
    struct rlimit limit = fixture->old_limit;

    limit.rlim_cur = bytes;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static void unlimit_files(const Fixture *fixture)
{
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &fixture->old_limit), ==, 0);
}

static void assert_contents(const char *path, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, expected);
}

static void test_replaces(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_true(output_write(fixture->path, "one, and long", -1, &error));
    g_assert_true(output_write(fixture->path, "two-three", 3, &error));
    g_assert_no_error(error);
    assert_contents(fixture->path, "two");
    g_assert_cmpuint(count_files(fixture->dir), ==, 1);
}

static void test_link(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *link_path = g_build_filename(fixture->dir, "link", NULL);

    (void)data;
    g_assert_true(output_write(fixture->path, "one", -1, &error));
    g_assert_cmpint(symlink("file", link_path), ==, 0);
    g_assert_true(output_write(link_path, "two", -1, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_test(link_path, G_FILE_TEST_IS_SYMLINK));
    assert_contents(fixture->path, "two");
    g_unlink(link_path);
}

static void test_full(Fixture *fixture, gconstpointer data)
{
    g_autofree char *large = g_strnfill(100000, 'x');
    g_autoptr(GError) error = NULL;
    bool written;

    (void)data;
    g_assert_true(output_write(fixture->path, "old", -1, NULL));
    limit_files(fixture, 4096);
    written = output_write(fixture->path, large, -1, &error);
    unlimit_files(fixture);
    g_assert_false(written);
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_assert_nonnull(strstr(error->message, fixture->path));
    g_assert_nonnull(strstr(error->message, g_strerror(EFBIG)));
    assert_contents(fixture->path, "old");
    g_assert_cmpuint(count_files(fixture->dir), ==, 1);
}

static void test_full_device(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    struct stat st;

    (void)fixture;
    (void)data;
    g_assert_false(output_write("/dev/full", "text", -1, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
    g_assert_cmpint(stat("/dev/full", &st), ==, 0);
    g_assert_true(S_ISCHR(st.st_mode));
}

static void test_nowhere(Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->dir, "none", "file", NULL);
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_false(output_check(path, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_clear_error(&error);
    g_assert_false(output_write(path, "text", -1, &error));
    g_assert_error(error, REGRESS_ERROR, REGRESS_ERROR_TARGET);
    g_assert_true(output_check(fixture->path, NULL));
    g_assert_cmpuint(count_files(fixture->dir), ==, 0);
}

static void test_begun(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    char *temporary = output_begin(fixture->path, &error);

    (void)data;
    g_assert_no_error(error);
    g_assert_true(g_file_set_contents(temporary, "text", -1, NULL));
    g_assert_false(g_file_test(fixture->path, G_FILE_TEST_EXISTS));
    g_assert_true(output_finish(temporary, fixture->path, &error));
    assert_contents(fixture->path, "text");
    output_drop(output_begin(fixture->path, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(count_files(fixture->dir), ==, 1);
}

/* --- The progress line --- */

static void test_every_width(void)
{
    for (unsigned columns = 0; columns <= 300; columns++) {
        for (unsigned counted = 0; counted < 2; counted++) {
            for (uint64_t done = 0; done <= 100000000; done += 25000000) {
                g_autofree char *line =
                    progress_line(done, 100000000, 1234567, counted ? 100 : -1, columns);

                g_assert_cmpuint(strlen(line), <=, columns > 0 ? columns - 1 : 0);
            }
        }
    }
}

static void test_narrow_and_wide(void)
{
    g_autofree char *narrow = progress_line(45000, 100000, 70260, 83.4, 40);
    g_autofree char *wide = progress_line(45000, 100000, 70260, 83.4, 200);
    g_autofree char *uncounted = progress_line(45000, 100000, 70260, -1, 200);

    g_assert_cmpstr(narrow, ==, "[#######..........] 45% 70260/s cov 83%");
    g_assert_true(g_str_has_prefix(wide, "[##################......................] "));
    g_assert_true(g_str_has_suffix(wide, " 45000/100000 operations, 70260/s, coverage 83.4 %"));
    g_assert_true(g_str_has_suffix(uncounted, " operations, 70260/s"));
}

#define ADD(path, function)                                                                        \
    g_test_add("/regress/output/" path, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a-file-replaces-the-one-before", test_replaces);
    ADD("a-link-stays-and-is-followed", test_link);
    ADD("a-full-disk-leaves-the-old-file-and-nothing-else", test_full);
    ADD("a-device-is-written-to-and-not-replaced", test_full_device);
    ADD("a-folder-that-is-not-there-is-told", test_nowhere);
    ADD("a-file-of-another-writer-appears-when-it-is-finished", test_begun);
    g_test_add_func("/regress/progress/the-line-fits-every-width", test_every_width);
    g_test_add_func("/regress/progress/narrow-terminals-get-it-in-short", test_narrow_and_wide);
    return g_test_run();
}
