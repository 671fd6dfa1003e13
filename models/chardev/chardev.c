#include "models/chardev/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "models/chardev/chardev_fe.h"
#include "qom/error.h"
#include "qom/keyval.h"
#include "qom/user_creatable.h"

#define TYPE_PREFIX "chardev-"

/* Other names of backends, as QEMU has them. */
static const struct {
    const char *alias;
    const char *backend;
} backend_aliases[] = {
    { "memory", "ringbuf" },
    { "tty", "serial" },
};

static Object *chardevs_container(Object *root)
{
    return container_get(object_get_root(root), "/chardevs");
}

/* The class of backend @name ("socket", or an alias), or NULL with @error. */
static ChardevClass *find_backend(const char *name, GError **error)
{
    g_autofree char *type = NULL;
    ObjectClass *oc;

    for (unsigned i = 0; i < G_N_ELEMENTS(backend_aliases); i++) {
        if (g_str_equal(name, backend_aliases[i].alias)) {
            name = backend_aliases[i].backend;
        }
    }
    type = g_strconcat(TYPE_PREFIX, name, NULL);
    oc = object_class_by_name(type);
    if (!oc || object_class_is_abstract(oc) || !object_class_dynamic_cast(oc, TYPE_CHARDEV)) {
        qom_error_set(error, "'%s' is not a valid char driver name", name);
        return NULL;
    }
    return CHARDEV_CLASS(oc);
}

bool chardev_backend_exists(const char *name)
{
    return find_backend(name, NULL);
}

static bool open_log(Chardev *chr, const ChardevOptions *options, GError **error)
{
    const char *path = chardev_options_str(options, "logfile", NULL);
    bool append = chardev_options_bool(options, "logappend", false);

    if (!path) {
        return true;
    }
    chr->log_fd =
        g_open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
    if (chr->log_fd < 0) {
        return qom_error_set(error, "Unable to open logfile %s: %s", path, g_strerror(errno));
    }
    return true;
}

/* Makes @id of class @cc below @parent, opened; borrowed. */
static Chardev *make_chardev(Object *parent, ChardevClass *cc, const char *id,
                             const ChardevOptions *options, GError **error)
{
    const char *type = object_class_get_name(OBJECT_CLASS(cc));
    g_autoptr(Object) obj = object_new_checked_in(type, parent, error);
    bool be_opened = true;
    Chardev *chr;

    if (!obj) {
        return NULL;
    }
    chr = CHARDEV(obj);
    chr->label = g_strdup(id);
    chr->filename = g_strdup(type + strlen(TYPE_PREFIX));
    if (!open_log(chr, options, error) || !cc->open(chr, options, &be_opened, error)) {
        return NULL;
    }
    if (!object_property_try_add_child(parent, id, obj, error)) {
        return NULL;
    }
    if (be_opened) {
        qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    }
    return chr;
}

/* With mux=on the backend itself is "ID-base", and ID a mux on top of it. */
static Chardev *make_muxed(Object *parent, ChardevClass *cc, const char *id,
                           const ChardevOptions *options, GError **error)
{
    g_autofree char *base_id = g_strconcat(id, "-base", NULL);
    g_autoptr(GVariant) map = NULL;
    g_autoptr(ChardevOptions) mux_options = NULL;
    ChardevClass *mux = find_backend("mux", error);
    Chardev *base, *chr;

    if (!mux) {
        return NULL;
    }
    base = make_chardev(parent, cc, base_id, options, error);
    if (!base) {
        return NULL;
    }
    map = g_variant_ref_sink(g_variant_new_parsed("{'chardev': <%s>}", base_id));
    mux_options = chardev_options_new(map, mux->options, false, error);
    chr = mux_options ? make_chardev(parent, mux, id, mux_options, error) : NULL;
    if (!chr) {
        object_unparent(OBJECT(base));
    }
    return chr;
}

static const char *lookup_text(GVariant *options, const char *name)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(options, name, NULL);
    const char *text = NULL;

    /* The text stays valid: it belongs to @options' own serialised data. */
    return value && qom_value_get_str(value, name, &text, NULL) ? text : NULL;
}

Chardev *chardev_add(Object *root, GVariant *options, bool may_wait, GError **error)
{
    Object *parent = chardevs_container(root);
    g_autofree char *id = g_strdup(lookup_text(options, "id"));
    g_autofree char *backend = g_strdup(lookup_text(options, "backend"));
    g_autoptr(ChardevOptions) checked = NULL;
    ChardevClass *cc;

    if (!id) {
        qom_error_set(error, "chardev: no id specified");
        return NULL;
    }
    if (!id_check("id", id, error)) {
        return NULL;
    }
    if (!backend) {
        qom_error_set(error, "chardev: \"%s\" missing backend", id);
        return NULL;
    }
    if (object_resolve_path_component(parent, id)) {
        qom_error_set(error, "Duplicate ID '%s' for chardev", id);
        return NULL;
    }
    cc = find_backend(backend, error);
    checked = cc ? chardev_options_new(options, cc->options, may_wait, error) : NULL;
    if (!checked) {
        return NULL;
    }
    return chardev_options_bool(checked, "mux", false)
               ? make_muxed(parent, cc, id, checked, error)
               : make_chardev(parent, cc, id, checked, error);
}

Chardev *chardev_add_str(Object *root, const char *text, bool may_wait, GError **error)
{
    g_autoptr(GVariant) options = keyval_parse(text, "backend", NULL, error);

    return options ? chardev_add(root, options, may_wait, error) : NULL;
}

Chardev *chardev_find(Object *root, const char *id)
{
    Object *obj = object_resolve_path_component(chardevs_container(root), id);

    return (Chardev *)object_dynamic_cast(obj, TYPE_CHARDEV);
}

bool chardev_remove(Object *root, const char *id, GError **error)
{
    Chardev *chr = chardev_find(root, id);

    if (!chr) {
        return qom_error_set(error, "Chardev '%s' not found", id);
    }
    if (chr->fe) {
        return qom_error_set(error, "Chardev '%s' is busy", id);
    }
    object_unparent(OBJECT(chr));
    return true;
}

char *chardev_help(void)
{
    GString *text = g_string_new("Available chardev backend types:\n");
    GSList *classes = object_class_get_list_sorted(TYPE_CHARDEV, false);

    for (GSList *l = classes; l; l = l->next) {
        const char *name = object_class_get_name(l->data);

        if (g_str_has_prefix(name, TYPE_PREFIX)) {
            const char *summary = CHARDEV_CLASS(l->data)->summary;

            g_string_append_printf(text, "  %-10s %s\n", name + strlen(TYPE_PREFIX),
                                   summary ? summary : "");
        }
    }
    g_slist_free(classes);
    return g_string_free(text, FALSE);
}

int qemu_chr_be_can_write(Chardev *chr)
{
    CharFrontend *fe = chr->fe;

    return fe && fe->can_read ? fe->can_read(fe->opaque) : 0;
}

void qemu_chr_be_write(Chardev *chr, const uint8_t *buf, int len)
{
    CharFrontend *fe = chr->fe;

    if (fe && fe->read && len > 0) {
        fe->read(fe->opaque, buf, len);
    }
}

void qemu_chr_be_event(Chardev *chr, QEMUChrEvent event)
{
    if (event == CHR_EVENT_OPENED || event == CHR_EVENT_CLOSED) {
        bool open = event == CHR_EVENT_OPENED;

        if (chr->be_open == open) {
            return;
        }
        chr->be_open = open;
    }
    CHARDEV_GET_CLASS(chr)->chr_be_event(chr, event);
}

void chardev_log(Chardev *chr, const uint8_t *buf, int len)
{
    while (chr->log_fd >= 0 && len > 0) {
        ssize_t n = write(chr->log_fd, buf, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return; /* best effort: a full disk does not stop the guest */
        }
        buf += n;
        len -= (int)n;
    }
}

static void default_be_event(Chardev *chr, QEMUChrEvent event)
{
    CharFrontend *fe = chr->fe;

    if (fe && fe->event) {
        fe->event(fe->opaque, event);
    }
}

static char *get_label(Object *obj, GError **error)
{
    (void)error;
    return g_strdup(CHARDEV(obj)->label);
}

static char *get_filename(Object *obj, GError **error)
{
    (void)error;
    return g_strdup(CHARDEV(obj)->filename);
}

static bool get_frontend_open(Object *obj, GError **error)
{
    const Chardev *chr = CHARDEV(obj);

    (void)error;
    return chr->fe && chr->fe->fe_is_open;
}

static void chardev_class_init(ObjectClass *oc, void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    (void)data;
    cc->chr_be_event = default_be_event;
    object_class_property_add_str(oc, "label", get_label, NULL);
    object_class_property_add_str(oc, "filename", get_filename, NULL);
    object_class_property_add_bool(oc, "frontend-open", get_frontend_open, NULL);
}

static void chardev_instance_init(Object *obj)
{
    Chardev *chr = CHARDEV(obj);

    chr->log_fd = -1;
    chr->context = g_main_context_ref_thread_default();
}

static void chardev_finalize(Object *obj)
{
    Chardev *chr = CHARDEV(obj);

    if (chr->fe) {
        chr->fe->chr = NULL;
    }
    if (chr->log_fd >= 0) {
        close(chr->log_fd);
    }
    g_main_context_unref(chr->context);
    g_free(chr->label);
    g_free(chr->filename);
}

static const TypeInfo chardev_info = {
    .name = TYPE_CHARDEV,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(Chardev),
    .instance_init = chardev_instance_init,
    .instance_finalize = chardev_finalize,
    .abstract = true,
    .class_size = sizeof(ChardevClass),
    .class_init = chardev_class_init,
};

static void chardev_register_types(void)
{
    type_register_static(&chardev_info);
}
type_init(chardev_register_types)
