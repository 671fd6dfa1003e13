/*
 * The demo. What the board has is found out when it runs:
 *   a GPIO                lights and buttons, see lights.h
 *   a virtio console      a shell on each virtconsole; what comes in at any other port goes out there again
 * Without a console the program ends after the last edge of a button, with one when somebody says "exit".
 */
#include <stddef.h>

#include "commands.h"
#include "lights.h"
#include "soc.h"
#include "trap.h"
#include "virtio_console.h"

enum { EXIT_NOTHING = 20, EXIT_CONSOLE };

/* Boards with virtio transports have the GPIO's interrupts behind those of PCI. */
#define VIRT_GPIO_SOURCE 32u

static VirtioConsole console;

/* --- Services of ports --- */

static Shell shells[CONSOLE_PORTS];

static void shell_opened(ConsolePort *port)
{
    Shell *shell = &shells[port->id];

    shell->put = port_put;
    shell->opaque = port;
    shell->run = commands_run;
    shell_print(shell,
                "\r\nHello from the firmware of Qosim's demo SoC. 'help' lists the commands.\r\n");
    shell_start(shell);
    port_flush(port);
}

static bool shell_received(ConsolePort *port, PortBuffer *buffer)
{
    for (uint32_t i = 0; i < buffer->length; i++) {
        shell_input(&shells[port->id], (char)buffer->bytes[i]);
    }
    port_flush(port);
    return false;
}

static bool echo_received(ConsolePort *port, PortBuffer *buffer)
{
    port_send(port, buffer);
    return true;
}

static const PortService shell_service = { "shell", shell_opened, shell_received };
static const PortService echo_service = { "echo", NULL, echo_received };

/* --- The board --- */

/* Looks for a console device; *@transports is how many places for virtio devices the board has. */
static bool find_console(VirtioMmio *device, unsigned *transports)
{
    VirtioMmio candidate;
    bool found = false;

    *transports = 0;
    if (!virtio_mmio_probe(&candidate, 0)) {
        return false; /* there are all or none */
    }
    for (unsigned n = VIRTIO_TRANSPORTS; n-- > 0;) {
        if (!virtio_mmio_probe(&candidate, n)) {
            continue;
        }
        (*transports)++;
        if (candidate.device_id == VIRTIO_ID_CONSOLE && !found) {
            *device = candidate;
            found = true;
        } else if (candidate.device_id != 0) {
            print("demo: the virtio device at 0x%x (id %u) is not used\n", (unsigned)candidate.base,
                  (unsigned)candidate.device_id);
        }
    }
    return found;
}

static void run_lights(void)
{
    while (!lights_done()) {
        wait_for_interrupt();
        take_interrupts();
        lights_poll();
    }
}

static void run_console(void)
{
    while (!commands_want_exit()) {
        if (!virtio_console_has_work(&console)) {
            wait_for_interrupt();
        }
        take_interrupts();
        lights_poll();
        if (!virtio_console_poll(&console)) {
            fail(EXIT_CONSOLE, "the virtio console does not work");
        }
    }
    virtio_console_stop(&console);
    print("demo: somebody said exit\n");
}

int main(void)
{
    static VirtioMmio device;
    unsigned transports;
    uint32_t value;
    const bool has_gpio = try_read32(GPIO_VALUE, &value);
    const bool has_console = find_console(&device, &transports);

    print("demo: firmware runs; ");
    print(has_gpio ? "GPIO at 0x%x\n" : "no GPIO\n", GPIO);
    if (!has_gpio && !has_console) {
        fail(EXIT_NOTHING, "there is neither a GPIO nor a virtio console");
    }
    set_mie(MIE_EXTERNAL);
    if (has_console && !virtio_console_start(&console, &device, &shell_service, &echo_service)) {
        fail(EXIT_CONSOLE, "the virtio console does not work");
    }
    if (has_gpio) {
        lights_start(transports ? VIRT_GPIO_SOURCE : GPIO_SOURCE(0), !has_console);
    }
    if (has_console) {
        run_console();
    } else {
        run_lights();
    }
    return 0;
}
