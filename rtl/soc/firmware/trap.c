#include "trap.h"

#include "plic.h"
#include "soc.h"

enum { EXIT_TRAP = 15 };

static void (*timer_expired)(void);

/* Set around an access that may fault, and in it if it did. */
static volatile bool trying;
static volatile bool faulted;

void trap_set_timer(void (*expired)(void))
{
    timer_expired = expired;
}

bool try_read32(uint32_t address, uint32_t *value)
{
    faulted = false;
    trying = true;
    *value = read32(address);
    trying = false;
    return !faulted;
}

bool try_write32(uint32_t address, uint32_t value)
{
    faulted = false;
    trying = true;
    write32(address, value);
    trying = false;
    return !faulted;
}

void take_interrupts(void)
{
    interrupts_on();
    interrupts_off();
}

static bool is_data_fault(uint32_t mcause)
{
    return mcause == CAUSE_LOAD_FAULT || mcause == CAUSE_STORE_FAULT ||
           mcause == CAUSE_LOAD_MISALIGNED || mcause == CAUSE_STORE_MISALIGNED;
}

void handle_trap(uint32_t mcause, uint32_t *mepc, uint32_t mtval)
{
    if (mcause == CAUSE_EXTERNAL) {
        plic_dispatch();
    } else if (mcause == CAUSE_TIMER) {
        set_mtimecmp(UINT64_MAX);
        if (timer_expired) {
            timer_expired();
        }
    } else if (trying && is_data_fault(mcause)) {
        faulted = true;
        *mepc += 4; /* there are no instructions of another length */
    } else {
        print("demo: mcause 0x%x at 0x%x, mtval 0x%x\n", (unsigned)mcause, (unsigned)*mepc,
              (unsigned)mtval);
        fail(EXIT_TRAP, "unexpected trap");
    }
}
