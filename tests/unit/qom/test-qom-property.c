/* Property tables and the plain kinds. */
#include "tests/unit/qom/common.h"

/* An object with one property of each plain kind in its class. */

typedef struct Sample {
    Object parent_obj;

    bool flag;
    char *text;
    int animal;
    bool broken;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
} Sample;

static const char *const animal_names[] = { "ant", "bee", "cow" };
static const QEnumLookup animal_lookup = { .array = animal_names, .size = 3 };
static const uint8_t shared8 = 0x12;
static const uint16_t shared16 = 0x1234;
static const uint32_t shared_number = 0x1234;
static const uint64_t shared64 = UINT64_MAX;

#define SAMPLE(obj) ((Sample *)(obj))

static bool get_flag(Object *obj, GError **error)
{
    if (SAMPLE(obj)->broken) {
        return qom_error_set(error, "flag is broken");
    }
    return SAMPLE(obj)->flag;
}

static bool set_flag(Object *obj, bool value, GError **error)
{
    if (SAMPLE(obj)->broken) {
        return qom_error_set(error, "flag is broken");
    }
    SAMPLE(obj)->flag = value;
    return true;
}

static char *get_text(Object *obj, GError **error)
{
    if (SAMPLE(obj)->broken) {
        qom_error_set(error, "text is broken");
        return NULL;
    }
    return g_strdup(SAMPLE(obj)->text);
}

static bool set_text(Object *obj, const char *value, GError **error)
{
    (void)error;
    g_free(SAMPLE(obj)->text);
    SAMPLE(obj)->text = g_strdup(value);
    return true;
}

static int get_animal(Object *obj, GError **error)
{
    if (SAMPLE(obj)->broken) {
        qom_error_set(error, "animal is broken");
        return -1;
    }
    return SAMPLE(obj)->animal;
}

static bool set_animal(Object *obj, int value, GError **error)
{
    (void)error;
    SAMPLE(obj)->animal = value;
    return true;
}

static bool get_time(Object *obj, struct tm *value, GError **error)
{
    if (SAMPLE(obj)->broken) {
        return qom_error_set(error, "time is broken");
    }
    *value = (struct tm){
        .tm_year = 126, .tm_mon = 1, .tm_mday = 3, .tm_hour = 4, .tm_min = 5, .tm_sec = 6
    };
    return true;
}

static void sample_init(Object *obj)
{
    Sample *s = SAMPLE(obj);

    object_property_add_uint8_ptr(obj, "u8", &s->u8, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint16_ptr(obj, "u16", &s->u16, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "u32", &s->u32, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "u64", &s->u64, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "u32-ro", &s->u32, OBJ_PROP_FLAG_READ);
    object_property_add_uint32_ptr(obj, "u32-wo", &s->u32, OBJ_PROP_FLAG_WRITE);
}

static void sample_finalize(Object *obj)
{
    g_free(SAMPLE(obj)->text);
}

static void sample_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add_bool(klass, "flag", get_flag, set_flag);
    object_class_property_add_bool(klass, "flag-ro", get_flag, NULL);
    object_class_property_add_bool(klass, "flag-wo", NULL, set_flag);
    object_class_property_add_str(klass, "text", get_text, set_text);
    object_class_property_add_enum(klass, "animal", "Animal", &animal_lookup, get_animal,
                                   set_animal);
    object_class_property_add_tm(klass, "time", get_time);
    object_class_property_add_uint8_ptr(klass, "shared8", &shared8, OBJ_PROP_FLAG_READ);
    object_class_property_add_uint16_ptr(klass, "shared16", &shared16, OBJ_PROP_FLAG_READ);
    object_class_property_add_uint64_ptr(klass, "shared64", &shared64, OBJ_PROP_FLAG_READ);
    object_class_property_add_uint32_ptr(klass, "shared", &shared_number, OBJ_PROP_FLAG_READ);
    object_class_property_set_description(klass, "flag", "A flag");
}

/* One that gets every kind of default. */

static bool default_list_set;

static GVariant *get_list(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)obj;
    (void)name;
    (void)opaque;
    (void)error;
    return g_variant_new_array(G_VARIANT_TYPE_VARIANT, NULL, 0);
}

static bool set_list(Object *obj, const char *name, void *opaque, GVariant *value, GError **error)
{
    (void)obj;
    (void)name;
    (void)opaque;
    (void)error;
    default_list_set = g_variant_is_of_type(value, G_VARIANT_TYPE("av"));
    return true;
}

static GVariant *get_number(Object *obj, const char *name, void *opaque, GError **error)
{
    (void)name;
    (void)opaque;
    (void)error;
    return g_variant_new_int64((int64_t)SAMPLE(obj)->u64);
}

static bool set_number(Object *obj, const char *name, void *opaque, GVariant *value, GError **error)
{
    int64_t number;

    (void)opaque;
    if (!qom_value_get_int(value, name, "int64_t", INT64_MIN, INT64_MAX, &number, error)) {
        return false;
    }
    SAMPLE(obj)->u64 = (uint64_t)number;
    return true;
}

static void defaults_class_init(ObjectClass *klass, void *data)
{
    ObjectProperty *prop;

    (void)data;
    prop = object_class_property_add_bool(klass, "d-flag", get_flag, set_flag);
    object_property_set_default_bool(prop, true);
    prop = object_class_property_add_str(klass, "d-text", get_text, set_text);
    object_property_set_default_str(prop, "hello");
    prop = object_class_property_add_enum(klass, "d-animal", "Animal", &animal_lookup, get_animal,
                                          set_animal);
    object_property_set_default_str(prop, "cow");
    prop = object_class_property_add(klass, "d-int", "int64", get_number, set_number, NULL, NULL);
    object_property_set_default_int(prop, -4);
    prop = object_class_property_add(klass, "d-list", "list", get_list, set_list, NULL, NULL);
    object_property_set_default_list(prop);
}

static const TypeInfo types[] = {
    {
        .name = "sample",
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Sample),
        .instance_init = sample_init,
        .instance_finalize = sample_finalize,
        .class_init = sample_class_init,
    },
    { .name = "sample-defaults", .parent = "sample", .class_init = defaults_class_init },
};

/* Looking up. */

static void test_type_property(void)
{
    g_autoptr(Object) obj = object_new("sample-defaults");

    assert_string(object_property_get_str(obj, "type", NULL), "sample-defaults");
    g_assert_cmpstr(object_property_get_type(obj, "type", NULL), ==, "string");
    assert_fails(object_property_set_str(obj, "type", "x", &error),
                 "Property 'sample-defaults.type' is not writable");
}

static void test_not_found(void)
{
    g_autoptr(Object) obj = object_new("sample");
    ObjectClass *klass = object_get_class(obj);

    assert_fails(object_property_get(obj, "nope", &error), "Property 'sample.nope' not found");
    assert_fails(object_property_set_bool(obj, "nope", true, &error),
                 "Property 'sample.nope' not found");
    assert_fails(object_property_find_err(obj, "", &error), "Property 'sample.' not found");
    assert_fails(object_property_get_type(obj, "nope", &error), "Property 'sample.nope' not found");
    assert_fails(object_property_parse(obj, "nope", "1", &error),
                 "Property 'sample.nope' not found");
    assert_fails(object_property_print(obj, "nope", true, &error),
                 "Property 'sample.nope' not found");
    assert_fails(object_class_property_find_err(klass, "u8", &error), "Property '.u8' not found");
    g_assert_null(object_property_find(obj, "nope"));
    g_assert_null(object_property_get(obj, "nope", NULL));
    g_assert_nonnull(object_property_find(obj, "u8"));
    g_assert_nonnull(object_class_property_find(klass, "type"));
}

static void test_access(void)
{
    g_autoptr(Object) obj = object_new("sample");

    assert_fails(object_property_get(obj, "flag-wo", &error),
                 "Property 'sample.flag-wo' is not readable");
    assert_fails(object_property_set_bool(obj, "flag-ro", true, &error),
                 "Property 'sample.flag-ro' is not writable");
    assert_fails(object_property_set_uint(obj, "u32-ro", 1, &error),
                 "Property 'sample.u32-ro' is not writable");
    assert_fails(object_property_get(obj, "u32-wo", &error),
                 "Property 'sample.u32-wo' is not readable");
    assert_works(object_property_set_uint(obj, "u32-wo", 9, &error));
    g_assert_cmpuint(object_property_get_uint(obj, "u32-ro", NULL), ==, 9);
}

/* Adding. */

static void test_duplicate(void)
{
    g_autoptr(Object) obj = object_new("sample");

    assert_fails(object_property_try_add(obj, "u8", "x", NULL, NULL, NULL, NULL, &error),
                 "attempt to add duplicate property 'u8' to object (type 'sample')");
    /* A class's name cannot be shadowed. */
    assert_fails(object_property_try_add(obj, "flag", "x", NULL, NULL, NULL, NULL, &error),
                 "attempt to add duplicate property 'flag' to object (type 'sample')");
    assert_fails(object_property_try_add(obj, "type", "x", NULL, NULL, NULL, NULL, &error),
                 "attempt to add duplicate property 'type' to object (type 'sample')");
}

static const char *add_name(Object *obj, const char *name)
{
    return object_property_add(obj, name, "x", NULL, NULL, NULL, NULL)->name;
}

static void test_array(void)
{
    g_autoptr(Object) obj = object_new("sample");

    g_assert_cmpstr(add_name(obj, "line[*]"), ==, "line[0]");
    g_assert_cmpstr(add_name(obj, "line[*]"), ==, "line[1]");
    g_assert_cmpstr(add_name(obj, "line[3]"), ==, "line[3]");
    g_assert_cmpstr(add_name(obj, "line[*]"), ==, "line[2]");
    g_assert_cmpstr(add_name(obj, "line[*]"), ==, "line[4]");
    object_property_del(obj, "line[1]");
    g_assert_cmpstr(add_name(obj, "line[*]"), ==, "line[1]");
    g_assert_cmpstr(add_name(obj, "other[*]"), ==, "other[0]");
    /* Only at the end, and behind a name. */
    g_assert_cmpstr(add_name(obj, "a[*]b"), ==, "a[*]b");
    g_assert_cmpstr(add_name(obj, "[*]"), ==, "[*]");
}

static int releases;

static void count_release(Object *obj, const char *name, void *opaque)
{
    (void)obj;
    (void)name;
    releases += *(int *)opaque;
}

static void test_release(void)
{
    int weight = 10;
    Object *obj = object_new("sample");

    releases = 0;
    object_property_add(obj, "a", "x", NULL, NULL, count_release, &weight);
    object_property_add(obj, "b", "x", NULL, NULL, count_release, &weight);
    g_assert_null(object_property_try_add(obj, "b", "x", NULL, NULL, count_release, &weight, NULL));
    g_assert_cmpint(releases, ==, 0);
    object_property_del(obj, "a");
    g_assert_cmpint(releases, ==, 10);
    g_assert_null(object_property_find(obj, "a"));
    object_unref(obj);
    g_assert_cmpint(releases, ==, 20);
}

static void class_release_init(ObjectClass *klass, void *data)
{
    object_class_property_add(klass, "shared", "x", NULL, NULL, count_release, data);
}

static void test_class_release(void)
{
    static int weight = 1;
    TypeInfo info = {
        .name = "releases-shared",
        .parent = TYPE_OBJECT,
        .class_init = class_release_init,
        .class_data = &weight,
    };

    type_register(&info);
    releases = 0;
    object_unref(object_new("releases-shared"));
    object_unref(object_new("releases-shared"));
    g_assert_cmpint(releases, ==, 2);
}

/* Kinds. */

static void test_bool(void)
{
    g_autoptr(Object) obj = object_new("sample");

    assert_works(object_property_set_bool(obj, "flag", true, &error));
    g_assert_true(object_property_get_bool(obj, "flag", NULL));
    assert_works(object_property_parse(obj, "flag", "off", &error));
    g_assert_false(object_property_get_bool(obj, "flag", NULL));
    g_assert_cmpstr(object_property_get_type(obj, "flag", NULL), ==, "bool");
    assert_fails(object_property_parse(obj, "flag", "2", &error),
                 "Parameter 'flag' expects 'on' or 'off'");
    assert_fails(object_property_set_str(obj, "flag", "on", &error),
                 "Invalid parameter type for 'flag', expected: boolean");
    assert_fails(object_property_get_bool(obj, "text", &error),
                 "Invalid parameter type for 'text', expected: boolean");
}

static void test_str(void)
{
    g_autoptr(Object) obj = object_new("sample");

    assert_string(object_property_get_str(obj, "text", NULL), "");
    assert_works(object_property_set_str(obj, "text", "abc", &error));
    assert_string(object_property_get_str(obj, "text", NULL), "abc");
    assert_works(object_property_parse(obj, "text", "0x10", &error));
    assert_string(object_property_get_str(obj, "text", NULL), "0x10");
    assert_fails(object_property_set_bool(obj, "text", true, &error),
                 "Invalid parameter type for 'text', expected: string");
    assert_fails(object_property_get_str(obj, "flag", &error),
                 "Invalid parameter type for 'flag', expected: string");
    /* What the object holds may be any bytes. */
    set_text(obj, "\xff", NULL);
    assert_string(object_property_get_str(obj, "text", NULL), "\xef\xbf\xbd");
}

static void test_enum(void)
{
    g_autoptr(Object) obj = object_new("sample");
    g_autoptr(GError) error = NULL;

    assert_works(object_property_set_str(obj, "animal", "bee", &error));
    g_assert_cmpint(object_property_get_enum(obj, "animal", "Animal", NULL), ==, 1);
    assert_works(object_property_set_enum(obj, "animal", "Animal", 2, &error));
    assert_string(object_property_get_str(obj, "animal", NULL), "cow");
    g_assert_cmpstr(object_property_get_type(obj, "animal", NULL), ==, "Animal");
    assert_fails(object_property_parse(obj, "animal", "Bee", &error),
                 "Parameter 'animal' does not accept value 'Bee'");
    assert_fails(object_property_set_enum(obj, "animal", "Animal", 3, &error),
                 "Parameter 'animal' does not accept value '3'");
    assert_fails(object_property_set_enum(obj, "flag", "Animal", 0, &error),
                 "Property flag on sample is not 'Animal' enum type");
    g_assert_cmpint(object_property_get_enum(obj, "text", "string", &error), ==, -1);
    g_assert_cmpstr(error->message, ==, "Property text on sample is not 'string' enum type");
    SAMPLE(obj)->animal = 7;
    assert_fails(object_property_get(obj, "animal", &error),
                 "Property 'sample.animal' has no name for its value 7");
}

/* Each kind is there for instances as well as for classes. */
static void test_both_variants(void)
{
    g_autoptr(Object) obj = object_new("sample");

    object_property_add_bool(obj, "i-flag", get_flag, set_flag);
    object_property_add_str(obj, "i-text", get_text, set_text);
    object_property_add_enum(obj, "i-animal", "Animal", &animal_lookup, get_animal, set_animal);
    object_property_add_tm(obj, "i-time", get_time);
    assert_works(object_property_parse(obj, "i-flag", "on", &error));
    assert_works(object_property_parse(obj, "i-text", "x", &error));
    assert_works(object_property_parse(obj, "i-animal", "cow", &error));
    assert_string(object_property_print(obj, "flag", false, NULL), "true");
    assert_string(object_property_print(obj, "text", false, NULL), "x");
    g_assert_cmpint(object_property_get_enum(obj, "i-animal", "Animal", NULL), ==, 2);
    g_assert_cmpstr(object_property_get_type(obj, "i-time", NULL), ==, "struct tm");
    g_assert_cmpuint(object_property_get_uint(obj, "shared8", NULL), ==, 0x12);
    g_assert_cmpuint(object_property_get_uint(obj, "shared16", NULL), ==, 0x1234);
    g_assert_cmpuint(object_property_get_uint(obj, "shared64", NULL), ==, UINT64_MAX);
}

static void test_tm(void)
{
    g_autoptr(Object) obj = object_new("sample");

    assert_string(object_property_print(obj, "time", false, NULL),
                  "{\"tm_year\": 126, \"tm_mon\": 1, \"tm_mday\": 3, \"tm_hour\": 4, "
                  "\"tm_min\": 5, \"tm_sec\": 6}");
    g_assert_cmpstr(object_property_get_type(obj, "time", NULL), ==, "struct tm");
    assert_fails(object_property_parse(obj, "time", "now", &error),
                 "Property 'sample.time' is not writable");
}

/*
 * Errors of the accessors of the object itself come through, whether the caller wants them or not.
 */
static void test_accessor_errors(void)
{
    g_autoptr(Object) obj = object_new("sample");

    SAMPLE(obj)->broken = true;
    assert_fails(object_property_get(obj, "flag", &error), "flag is broken");
    assert_fails(object_property_set_bool(obj, "flag", true, &error), "flag is broken");
    assert_fails(object_property_get(obj, "text", &error), "text is broken");
    assert_fails(object_property_get(obj, "animal", &error), "animal is broken");
    assert_fails(object_property_get(obj, "time", &error), "time is broken");
    g_assert_null(object_property_get(obj, "flag", NULL));
    g_assert_null(object_property_get(obj, "text", NULL));
    g_assert_null(object_property_get(obj, "animal", NULL));
    g_assert_null(object_property_get(obj, "time", NULL));
}

static void test_uint(void)
{
    static const struct {
        const char *name;
        const char *type;
        const char *ctype;
        uint64_t max;
    } rows[] = {
        { "u8", "uint8", "uint8_t", UINT8_MAX },
        { "u16", "uint16", "uint16_t", UINT16_MAX },
        { "u32", "uint32", "uint32_t", UINT32_MAX },
        { "u64", "uint64", "uint64_t", UINT64_MAX },
    };
    g_autoptr(Object) obj = object_new("sample");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *name = rows[i].name;
        g_autofree char *range = g_strdup_printf("Parameter '%s' expects %s", name, rows[i].ctype);
        g_autofree char *max = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", rows[i].max);

        g_assert_cmpstr(object_property_get_type(obj, name, NULL), ==, rows[i].type);
        assert_works(object_property_parse(obj, name, max, &error));
        g_assert_cmpuint(object_property_get_uint(obj, name, NULL), ==, rows[i].max);
        assert_works(object_property_set_int(obj, name, 3, &error));
        g_assert_cmpint(object_property_get_int(obj, name, NULL), ==, 3);
        assert_fails(object_property_set_int(obj, name, -1, &error), range);
        assert_fails(object_property_parse(obj, name, "-1", &error), range);
        if (rows[i].max < UINT64_MAX) {
            assert_fails(object_property_set_uint(obj, name, rows[i].max + 1, &error), range);
        }
        g_assert_cmpuint(object_property_get_uint(obj, name, NULL), ==, 3);
    }
    g_assert_cmpuint(SAMPLE(obj)->u8, ==, 3);
    g_assert_cmpuint(SAMPLE(obj)->u64, ==, 3);
    g_assert_cmpuint(object_property_get_uint(obj, "shared", NULL), ==, 0x1234);
}

static void test_get_int_failure(void)
{
    g_autoptr(Object) obj = object_new("sample");
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(object_property_get_int(obj, "text", &error), ==, -1);
    g_assert_cmpstr(error->message, ==, "Invalid parameter type for 'text', expected: integer");
    g_clear_error(&error);
    g_assert_cmpuint(object_property_get_uint(obj, "nope", &error), ==, 0);
    g_assert_cmpstr(error->message, ==, "Property 'sample.nope' not found");
    g_clear_error(&error);
    SAMPLE(obj)->u64 = UINT64_MAX;
    g_assert_cmpint(object_property_get_int(obj, "u64", &error), ==, -1);
    g_assert_cmpstr(error->message, ==, "Parameter 'u64' expects int64_t");
}

static void test_boxed(void)
{
    g_autoptr(Object) obj = object_new("sample");
    GVariant *box = g_variant_new_variant(g_variant_new_variant(g_variant_new_uint64(5)));

    assert_works(object_property_set(obj, "u8", box, &error));
    g_assert_cmpuint(SAMPLE(obj)->u8, ==, 5);
}

static void test_value_reference(void)
{
    g_autoptr(Object) obj = object_new("sample");
    g_autoptr(GVariant) held = g_variant_ref_sink(g_variant_new_uint64(5));
    g_autoptr(GVariant) got = NULL;

    assert_works(object_property_set(obj, "u8", held, &error));
    /* Ours is still ours. */
    g_assert_cmpuint(g_variant_get_uint64(held), ==, 5);
    got = object_property_get(obj, "u8", NULL);
    g_assert_false(g_variant_is_floating(got));
}

/* Defaults. */

static void test_defaults(void)
{
    g_autoptr(Object) obj = NULL;

    default_list_set = false;
    obj = object_new("sample-defaults");
    g_assert_true(SAMPLE(obj)->flag);
    g_assert_cmpstr(SAMPLE(obj)->text, ==, "hello");
    g_assert_cmpint(SAMPLE(obj)->animal, ==, 2);
    g_assert_cmpint((int64_t)SAMPLE(obj)->u64, ==, -4);
    g_assert_true(default_list_set);
}

/* Text for people. */

static void test_print(void)
{
    g_autoptr(Object) obj = object_new("sample-defaults");

    SAMPLE(obj)->u8 = 31;
    assert_string(object_property_print(obj, "d-text", false, NULL), "hello");
    assert_string(object_property_print(obj, "d-text", true, NULL), "\"hello\"");
    assert_string(object_property_print(obj, "u8", false, NULL), "31");
    assert_string(object_property_print(obj, "u8", true, NULL), "31 (0x1f)");
    assert_string(object_property_print(obj, "d-flag", true, NULL), "true");
    assert_string(object_property_print(obj, "d-int", false, NULL), "-4");
    assert_string(object_property_print(obj, "d-int", true, NULL), "-4 (0xfffffffffffffffc)");
}

static void test_help(void)
{
    g_autoptr(GVariant) number = g_variant_ref_sink(g_variant_new_uint64(31));
    g_autoptr(GVariant) word = g_variant_ref_sink(g_variant_new_string("auto"));

    assert_string(object_property_help("x", "bool", NULL, NULL), "  x=<bool>");
    assert_string(object_property_help("event_idx", "bool", NULL, "on/off"),
                  "  event_idx=<bool>       - on/off");
    assert_string(object_property_help("max_ports", "uint32", number, NULL),
                  "  max_ports=<uint32>     -  (default: 31)");
    assert_string(object_property_help("prealloc-context", "link<thread-context>", word, "Context"),
                  "  prealloc-context=<link<thread-context>> - Context (default: \"auto\")");
}

static void test_description(void)
{
    g_autoptr(Object) obj = object_new("sample");

    g_assert_cmpstr(object_property_find(obj, "flag")->description, ==, "A flag");
    object_property_set_description(obj, "u8", "Eight");
    object_property_set_description(obj, "u8", "Eight bits");
    g_assert_cmpstr(object_property_find(obj, "u8")->description, ==, "Eight bits");
}

/* The mistakes of a programmer. */

static void add_duplicate(void)
{
    g_autoptr(Object) obj = object_new("sample");

    object_property_add(obj, "u8", "x", NULL, NULL, NULL, NULL);
}

static void test_abort_duplicate(void)
{
    assert_aborts(add_duplicate, "*attempt to add duplicate property 'u8' to object*");
}

static void bad_default_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_property_set_default_str(object_class_property_add_bool(klass, "f", NULL, set_flag),
                                    "yes");
}

static void use_bad_default(void)
{
    TypeInfo info = {
        .name = "bad-default",
        .parent = "sample",
        .class_init = bad_default_class_init,
    };

    type_register(&info);
    object_new("bad-default");
}

static void test_abort_default(void)
{
    assert_aborts(use_bad_default, "*Invalid parameter type for 'f', expected: boolean*");
}

static void shadow_class_init(ObjectClass *klass, void *data)
{
    (void)data;
    object_class_property_add_bool(klass, "flag", NULL, set_flag);
}

static void use_shadow(void)
{
    TypeInfo info = { .name = "shadow", .parent = "sample", .class_init = shadow_class_init };

    type_register(&info);
    object_new("shadow");
}

static void test_abort_class_duplicate(void)
{
    assert_aborts(use_shadow, "*attempt to add duplicate property 'flag' to class*'shadow'*");
}

static void delete_missing(void)
{
    g_autoptr(Object) obj = object_new("sample");

    object_property_del(obj, "nope");
}

static void test_abort_delete(void)
{
    assert_aborts(delete_missing, "*assertion failed*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    type_register_static_array(types, G_N_ELEMENTS(types));

    g_test_add_func("/qom/property/every-object-tells-its-type", test_type_property);
    g_test_add_func("/qom/property/unknown-name-is-not-found", test_not_found);
    g_test_add_func("/qom/property/missing-accessor-refuses", test_access);
    g_test_add_func("/qom/property/duplicate-is-refused", test_duplicate);
    g_test_add_func("/qom/property/star-takes-the-first-free-index", test_array);
    g_test_add_func("/qom/property/release-runs-once-per-property", test_release);
    g_test_add_func("/qom/property/class-release-runs-per-instance", test_class_release);
    g_test_add_func("/qom/property/bool", test_bool);
    g_test_add_func("/qom/property/str", test_str);
    g_test_add_func("/qom/property/enum", test_enum);
    g_test_add_func("/qom/property/tm", test_tm);
    g_test_add_func("/qom/property/uint-refuses-what-does-not-fit", test_uint);
    g_test_add_func("/qom/property/kinds-for-instances-and-classes", test_both_variants);
    g_test_add_func("/qom/property/accessor-errors-come-through", test_accessor_errors);
    g_test_add_func("/qom/property/typed-getters-tell-failure", test_get_int_failure);
    g_test_add_func("/qom/property/boxed-value-is-unboxed", test_boxed);
    g_test_add_func("/qom/property/values-have-clear-owners", test_value_reference);
    g_test_add_func("/qom/property/defaults-are-set-in-instances", test_defaults);
    g_test_add_func("/qom/property/print-plain-and-human", test_print);
    g_test_add_func("/qom/property/help-lines-up", test_help);
    g_test_add_func("/qom/property/description-can-change", test_description);
    g_test_add_func("/qom/property/abort/duplicate", test_abort_duplicate);
    g_test_add_func("/qom/property/abort/duplicate-in-class", test_abort_class_duplicate);
    g_test_add_func("/qom/property/abort/default-that-does-not-fit", test_abort_default);
    g_test_add_func("/qom/property/abort/delete-missing", test_abort_delete);
    return g_test_run();
}
