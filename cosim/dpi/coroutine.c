/*
 * A context of ucontext.h is what it begins with; after that _setjmp() and _longjmp() switch, which do not save the mask of signals
 * and so make no system call. The checks of a fortified longjmp() know one stack only.
 */
#undef _FORTIFY_SOURCE

#include "cosim/dpi/coroutine.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN
#elif defined(__SANITIZE_THREAD__)
#define WITH_TSAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN
#elif __has_feature(thread_sanitizer)
#define WITH_TSAN
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Address space only: pages come when they are touched. A whole embedded server runs on it. */
#define STACK_BYTES ((size_t)4 << 20)

struct Coroutine {
    CoroutineFunc *func;
    void *opaque;
    ucontext_t start;
    jmp_buf caller, self;
    bool started;
    uint8_t *mapping; /* a page that nobody may touch, then the stack */
    size_t mapping_bytes;
    bool inside;
    bool done;
    bool quit;

    /* What sanitizers must know of the stack that is left and of the one that is entered. */
    void *fake_caller, *fake_self;
    const void *caller_stack;
    size_t caller_bytes;
    void *tsan_caller, *tsan_self;
};

/* --- What sanitizers want to be told around each switch --- */

static void before_enter(Coroutine *co)
{
#ifdef WITH_ASAN
    __sanitizer_start_switch_fiber(&co->fake_caller,
                                   co->mapping + (co->mapping_bytes - STACK_BYTES), STACK_BYTES);
#endif
#ifdef WITH_TSAN
    co->tsan_caller = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(co->tsan_self, 0);
#endif
    (void)co;
}

static void after_enter(Coroutine *co)
{
#ifdef WITH_ASAN
    __sanitizer_finish_switch_fiber(co->fake_self, &co->caller_stack, &co->caller_bytes);
#endif
    (void)co;
}

static void before_leave(Coroutine *co)
{
#ifdef WITH_ASAN
    __sanitizer_start_switch_fiber(co->quit ? NULL : &co->fake_self, co->caller_stack,
                                   co->caller_bytes);
#endif
#ifdef WITH_TSAN
    __tsan_switch_to_fiber(co->tsan_caller, 0);
#endif
    (void)co;
}

static void after_leave(Coroutine *co)
{
#ifdef WITH_ASAN
    __sanitizer_finish_switch_fiber(co->fake_caller, NULL, NULL);
#endif
    (void)co;
}

/* --- Switching --- */

static void jump_in(Coroutine *co)
{
    if (_setjmp(co->caller) == 0) {
        if (co->started) {
            _longjmp(co->self, 1);
        }
        co->started = true;
        setcontext(&co->start);
    }
}

static void jump_out(Coroutine *co)
{
    if (_setjmp(co->self) == 0) {
        _longjmp(co->caller, 1);
    }
}

static void enter(Coroutine *co)
{
    co->inside = true;
    before_enter(co);
    jump_in(co);
    after_leave(co);
}

static void leave(Coroutine *co)
{
    co->inside = false;
    before_leave(co);
    jump_out(co);
    after_enter(co);
}

/* The first function on the stack; makecontext() passes ints only. */
static void loop(unsigned low, unsigned high)
{
    const uint64_t bits = (uint64_t)high << 32 | low;
    const uintptr_t self = (uintptr_t)bits;
    Coroutine *co;

    memcpy(&co, &self, sizeof(co));
    after_enter(co);
    while (!co->quit) {
        co->func(co->opaque);
        co->done = true;
        leave(co);
    }
    leave(co);
}

bool qosim_co_run(Coroutine *co)
{
    co->done = false;
    enter(co);
    return co->done;
}

void qosim_co_yield(Coroutine *co)
{
    leave(co);
}

bool qosim_co_inside(const Coroutine *co)
{
    return co->inside;
}

static bool map_stack(Coroutine *co)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *mapping;

    co->mapping_bytes = page + STACK_BYTES;
    mapping = mmap(NULL, co->mapping_bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (mapping == MAP_FAILED) {
        return false;
    }
    co->mapping = mapping;
    return mprotect(mapping, page, PROT_NONE) == 0;
}

static bool prepare(Coroutine *co)
{
    const uintptr_t self = (uintptr_t)co;

    if (!map_stack(co) || getcontext(&co->start) != 0) {
        return false;
    }
    co->start.uc_stack.ss_sp = co->mapping + (co->mapping_bytes - STACK_BYTES);
    co->start.uc_stack.ss_size = STACK_BYTES;
    makecontext(&co->start, (void (*)(void))loop, 2, (unsigned)self,
                (unsigned)((uint64_t)self >> 32));
#ifdef WITH_TSAN
    co->tsan_self = __tsan_create_fiber(0);
#endif
    return true;
}

Coroutine *qosim_co_new(CoroutineFunc *func, void *opaque)
{
    Coroutine *co = calloc(1, sizeof(*co));

    if (!co || !prepare(co)) {
        qosim_co_free(co);
        return NULL;
    }
    co->func = func;
    co->opaque = opaque;
    return co;
}

void qosim_co_free(Coroutine *co)
{
    if (!co) {
        return;
    }
    if (co->func) { /* leaves its stack for the last time, so that sanitizers forget it */
        co->quit = true;
        enter(co);
    }
#ifdef WITH_TSAN
    if (co->tsan_self) {
        __tsan_destroy_fiber(co->tsan_self);
    }
#endif
    if (co->mapping) {
        munmap(co->mapping, co->mapping_bytes);
    }
    free(co);
}
