/* Steps of the guest's host: ports that come and go. */
#include "tests/oracle/virt_guest.h"
#include "tests/oracle/virt_qmp.h"

#define PROPERTIES_MAX 5u

/* Appends "@name=..." in most cases. */
static void add_property(char **properties, char *property)
{
    unsigned n = 0;

    while (properties[n]) {
        n++;
    }
    g_assert(n + 1 < PROPERTIES_MAX);
    properties[n] = property;
}

static void pick_properties(VirtGuest *guest, char **properties)
{
    const char *const buses[] = { guest->bus, guest->bus, guest->bus, "vser0.0", "vser1.0" };
    unsigned bus = virt_guest_below(guest, G_N_ELEMENTS(buses));
    unsigned chardev = virt_guest_below(guest, guest->hosts->hosts->len + 2);

    add_property(properties, g_strdup_printf("bus=%s", buses[bus]));
    if (virt_guest_below(guest, 3) == 0) {
        add_property(properties,
                     g_strdup_printf("nr=%u", virt_guest_below(guest, guest->max_ports + 2)));
    }
    if (virt_guest_below(guest, 2)) {
        add_property(properties, g_strdup_printf("name=org.%u", virt_guest_below(guest, 6)));
    }
    if (chardev < guest->hosts->hosts->len + 1) {
        add_property(properties, g_strdup_printf("chardev=c%u", chardev));
    }
}

void virt_step_plug(VirtGuest *guest)
{
    static const char *const types[] = { "virtserialport",      "virtserialport",
                                         "virtserialport",      "virtconsole",
                                         "virtconsole",         "virtio-serial-port",
                                         "virtio-serial-device" };
    const char *type = types[virt_guest_below(guest, virt_guest_below(guest, 6) ? 5 : 7)];
    char *properties[PROPERTIES_MAX] = { NULL };
    g_autofree char *id = g_strdup_printf(
        "p%u", virt_guest_below(guest, 12) ? guest->plugged : virt_guest_below(guest, 3));

    pick_properties(guest, properties);
    both_loosen(guest->both);
    if (virt_plug(guest->both, type, id, (const char *const *)properties)) {
        virt_guest_add_port(guest, id, g_str_has_suffix(properties[0], guest->bus));
    }
    virt_hosts_settle(guest->hosts);
    for (unsigned i = 0; properties[i]; i++) {
        g_free(properties[i]);
    }
}

void virt_step_unplug(VirtGuest *guest)
{
    guint i = virt_guest_below(guest, guest->ports->len + 1);
    const GuestPort *port = i < guest->ports->len ? g_ptr_array_index(guest->ports, i) : NULL;

    both_loosen(guest->both);
    if (virt_unplug(guest->both, port ? port->id : "p999") && port) {
        g_ptr_array_remove_index(guest->ports, i);
    }
    virt_hosts_settle(guest->hosts);
}
