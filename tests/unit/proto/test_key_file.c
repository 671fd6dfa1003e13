/* Key files: which are taken, and what is said of the others. */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/key_file.h"

typedef struct Fixture {
    char *folder;
    char *path;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    (void)data;
    f->folder = g_dir_make_tmp("qosim-key-XXXXXX", NULL);
    g_assert_nonnull(f->folder);
    f->path = g_build_filename(f->folder, "key", NULL);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void)data;
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->folder), ==, 0);
    g_free(f->path);
    g_free(f->folder);
}

static void write_key(Fixture *f, const char *text, gsize len)
{
    g_assert_true(g_file_set_contents(f->path, text, (gssize)len, NULL));
    g_assert_cmpint(g_chmod(f->path, 0600), ==, 0);
}

static void assert_refused(Fixture *f, const char *reason)
{
    g_autofree char *expected = g_strdup_printf("key file '%s'%s", f->path, reason);
    QsError error;

    g_assert_null(key_read(f->path, &error));
    g_assert_cmpstr(error.text, ==, expected);
}

#define HEX "0123456789abcdef0123456789abcdef"

static void test_line_end(Fixture *f, gconstpointer data)
{
    static const char *const texts[] = { HEX, HEX "\n", HEX "\r\n" };
    QsKey *first = NULL;

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        QsError error;
        QsKey *key;

        write_key(f, texts[i], strlen(texts[i]));
        key = key_read(f->path, &error);
        g_assert_nonnull(key);
        if (first) {
            g_assert_cmpmem(key->bytes, SEAL_KEY_BYTES, first->bytes, SEAL_KEY_BYTES);
            key_free(key);
        } else {
            first = key;
        }
    }
    key_free(first);
}

static void test_every_byte(Fixture *f, gconstpointer data)
{
    char bytes[KEY_FILE_MAX] = { 0 };
    QsKey *plain;

    (void)data;
    memset(bytes, 'a', sizeof(bytes));
    write_key(f, bytes, sizeof(bytes));
    plain = key_read(f->path, NULL);
    g_assert_nonnull(plain);
    for (size_t at = 0; at < sizeof(bytes); at += 1365) {
        QsKey *key;

        bytes[at] = '\0';
        write_key(f, bytes, sizeof(bytes));
        key = key_read(f->path, NULL);
        g_assert_nonnull(key);
        g_assert_false(memcmp(key->bytes, plain->bytes, SEAL_KEY_BYTES) == 0);
        key_free(key);
        bytes[at] = 'a';
    }
    key_free(plain);
}

static void test_lengths(Fixture *f, gconstpointer data)
{
    static const char reason[] =
        " must hold 32 to 4096 bytes, make one with 'openssl rand -hex 32'";
    char bytes[KEY_FILE_MAX + 10];

    (void)data;
    memset(bytes, 'a', sizeof(bytes));
    write_key(f, bytes, 0);
    assert_refused(f, reason);
    bytes[31] = '\n';
    write_key(f, bytes, 32);
    assert_refused(f, reason);
    bytes[31] = 'a';
    write_key(f, bytes, KEY_FILE_MAX + 1);
    assert_refused(f, reason);
    write_key(f, bytes, sizeof(bytes));
    assert_refused(f, reason);
}

static void test_open_to_others(Fixture *f, gconstpointer data)
{
    static const mode_t modes[] = { 0640, 0604, 0660, 0610, 0644 };

    (void)data;
    write_key(f, HEX, strlen(HEX));
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_assert_cmpint(g_chmod(f->path, (int)modes[i]), ==, 0);
        assert_refused(f, " is open to other users; 'chmod 600' it");
    }
}

static void test_no_file(Fixture *f, gconstpointer data)
{
    (void)data;
    assert_refused(f, ": No such file or directory");
}

/* Neither is waited for. */
static void test_not_regular(Fixture *f, gconstpointer data)
{
    (void)data;
    g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
    assert_refused(f, " is not a regular file");
    g_unlink(f->path);
    g_assert_cmpint(g_mkdir(f->path, 0700), ==, 0);
    assert_refused(f, " is not a regular file");
    g_rmdir(f->path);
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/key-file/a-line-end-does-not-count", test_line_end);
    ADD("/key-file/every-byte-counts-also-zero", test_every_byte);
    ADD("/key-file/too-short-and-too-long-are-refused", test_lengths);
    ADD("/key-file/one-open-to-others-is-refused", test_open_to_others);
    ADD("/key-file/none-is-an-error", test_no_file);
    ADD("/key-file/a-pipe-or-folder-is-refused-at-once", test_not_regular);
    return g_test_run();
}
