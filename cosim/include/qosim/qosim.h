/*
 * libqosim: drive the device models of a Qosim server from any program.
 *
 * A session is used from one thread at a time. Every call that waits has a deadline (qosim_options.timeout_ms), so a
 * server that died or never answers is an error in time, never a hang. Calls return QOSIM_OK or a negative
 * qosim_result; qosim_last_error() has the text. A bus error is not a failed call: it is in the access's qosim_bus.
 *
 *     qosim_session *s;
 *     if (qosim_open("inproc:sifive_e", NULL, &s) != QOSIM_OK) {
 *         fprintf(stderr, "%s\n", qosim_open_error());
 *         return 1;
 *     }
 *     qosim_write(s, 0x10012008, 4, 0xff, NULL);
 *     qosim_close(s);
 */
#ifndef QOSIM_QOSIM_H
#define QOSIM_QOSIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define QOSIM_API __attribute__((visibility("default")))
#else
#define QOSIM_API
#endif

typedef struct qosim_session qosim_session;

/* What a call came to. Negative: it failed. */
typedef enum qosim_result {
    QOSIM_OK = 0,
    QOSIM_ERR_GENERIC = -1,          /* the server refused; see qosim_last_error() */
    QOSIM_ERR_NOT_FOUND = -2,        /* no such object, type or line */
    QOSIM_ERR_INVALID_ARGUMENT = -3, /* an argument is out of range */
    QOSIM_ERR_TIMEOUT = -4,          /* no answer within the deadline */
    QOSIM_ERR_DISCONNECTED = -5,     /* the server or the session is gone */
    QOSIM_ERR_PROTOCOL = -6,         /* the other end does not speak this protocol or version */
    QOSIM_ERR_LIMIT = -7,            /* a stated limit was exceeded */
    QOSIM_ERR_NOT_ALLOWED = -8,      /* the session's role does not allow it */
    QOSIM_ERR_MEMORY = -9,
} qosim_result;

/* Outcome of one bus access (AXI: OKAY, SLVERR, DECERR, SLVERR). */
typedef enum qosim_bus {
    QOSIM_BUS_OK = 1,
    QOSIM_BUS_ERROR = 2,
    QOSIM_BUS_DECODE_ERROR = 3,
    QOSIM_BUS_ACCESS_ERROR = 4,
} qosim_bus;

typedef enum qosim_role {
    QOSIM_ROLE_DRIVER = 1,   /* owns virtual time; one per machine */
    QOSIM_ROLE_OBSERVER = 2, /* the default */
} qosim_role;

typedef enum qosim_direction { QOSIM_LINE_IN = 1, QOSIM_LINE_OUT = 2 } qosim_direction;

/*
 * Memory that the client owns: the RAM of a machine made with ram-home=client. Moves @length bytes (1 to 65536) between @data
 * and bus address @address of the memory, into it if @is_write. Returns QOSIM_BUS_OK (or 0), or the bus error that the device
 * is to see. Called from within calls on the session, any of which may wait for the machine, and by qosim_poll(); must not
 * make calls on the session. The machine waits for it, by default 5 s at most (qosimd --dma-timeout).
 */
typedef int qosim_dma_fn(void *opaque, uint64_t address, void *data, size_t length, bool is_write);

/* Zero-initialise and set what differs from the default. */
typedef struct qosim_options {
    int timeout_ms; /* deadline of each call, or of each of its frames if it takes several; 0: 5000 */
    qosim_role role;     /* 0: observer */
    const char *machine; /* name of the machine; NULL: the server's first */
    const char *
        create; /* type and options of a machine to make if there is none of that name; NULL: do not */
    const char *client; /* what to call this client in the server's statistics */
    qosim_dma_fn *dma;  /* of a driver: answers for its memory; NULL: it has none */
    void *dma_opaque;
    /*
     * ipc:// to a server on this host goes by shared memory by itself, unless this is set, or the environment has QOSIM_SHM=0
     */
    bool no_shm;
    /*
     * How long a call may spin, in microseconds, before it sleeps; 0: QOSIM_SPIN_US of the environment, else 50; below 0: not at
     * all. Not where nanomsg carries the frames: it always sleeps
     */
    int spin_us;
    /*
     * Token of a session to take over, as qosim_session_token() gives it, from a client that is gone or is to have it no more; NULL:
     * a new session. Then role, machine and create are ignored. Requests that the server has got are carried out; what it told
     * the client of before is not told again. Ask for the levels and registers that matter.
     */
    const char *resume;
    /*
     * While a call or qosim_poll() waits and nothing comes for so long, the server is asked whether it is there. 0: every 5 s, or
     * never where the end of a process shows at once (inproc, shm); < 0: never. A number > 0 is also a promise to call at least so
     * often: a server that hears nothing for three times as long takes the client for gone, where it cannot see that (ws).
     */
    int heartbeat_ms;
    /*
     * File with the key of a server that has one (qosimd --auth-file): connections by tcp:// are then encrypted and both ends show
     * that they know it. Its owner's alone. NULL: QOSIM_AUTH_FILE of the environment, else none. Not used for other URLs.
     */
    const char *auth_file;
} qosim_options;

/* The interrupt sink's lines are watch 0 from the start. */
#define QOSIM_WATCH_IRQ 0u

typedef enum qosim_event_kind {
    QOSIM_EVENT_LINE = 1,
    QOSIM_EVENT_GUEST_ERROR = 2,
    QOSIM_EVENT_DEVICE_DELETED = 3,
    QOSIM_EVENT_RESET = 4,
    QOSIM_EVENT_LAGGED =
        5, /* at least @dropped events were lost: this client did not take them in time */
    QOSIM_EVENT_CHARDEV = 6,  /* chardev @id: @notice is a qosim_chardev_notice */
    QOSIM_EVENT_VSERPORT = 7, /* a guest's driver opened or closed virtio-serial port @id */
    QOSIM_EVENT_VIRTIO = 8,   /* transport @path: @notice is a qosim_virtio_notice */
} qosim_event_kind;

/* When a call on a chardev of backend "rpc" is worth the while. */
typedef enum qosim_chardev_notice {
    QOSIM_CHARDEV_OUTPUT = 1, /* there are bytes to read where there were none */
    QOSIM_CHARDEV_INPUT = 2,  /* there is room, after a write that was not taken whole */
    QOSIM_CHARDEV_FRONTEND_OPEN = 3,
    QOSIM_CHARDEV_FRONTEND_CLOSED = 4,
} qosim_chardev_notice;

typedef enum qosim_virtio_notice {
    QOSIM_VIRTIO_USED = 1,   /* buffers of @queue came back */
    QOSIM_VIRTIO_CONFIG = 2, /* the configuration or the status changed */
} qosim_virtio_notice;

/* Strings live until the callback returns. */
typedef struct qosim_event {
    qosim_event_kind kind;
    uint64_t time_ns; /* virtual */
    uint32_t watch;   /* LINE */
    uint32_t line;    /* LINE */
    int level;        /* LINE */
    const char *text; /* GUEST_ERROR */
    const char *path; /* GUEST_ERROR, DEVICE_DELETED, VSERPORT, VIRTIO */
    const char *id;   /* DEVICE_DELETED, CHARDEV, VSERPORT */
    uint64_t dropped; /* LAGGED */
    int notice;       /* CHARDEV, VIRTIO */
    bool open;        /* VSERPORT */
    uint32_t queue;   /* VIRTIO */
} qosim_event;

/* Called from within calls on the session, in the server's order, before the call that caused the event returns.
 * Must not make calls on the session. */
typedef void qosim_event_fn(void *opaque, const qosim_event *event);

/*
 * Opens a session at @url: inproc:MACHINE [OPTIONS], ipc://PATH, shm://PATH (shared memory or nothing), tcp://HOST:PORT,
 * ws://HOST:PORT; nanomsg+ipc://PATH, nanomsg+tcp://HOST:PORT and nanomsg+ws://HOST:PORT by way of nanomsg. @options may be NULL.
 * On failure *@session is NULL and qosim_open_error() has the text.
 */
QOSIM_API qosim_result qosim_open(const char *url, const qosim_options *options,
                                  qosim_session **session);

/* Text of this thread's last failed qosim_open(). */
QOSIM_API const char *qosim_open_error(void);

/*
 * The session's token, 32 hexadecimal digits: with it another process can take the session over when this one has died (qosimd keeps
 * it for --session-grace seconds). Whoever has it has the session. "" for a server in this process.
 */
QOSIM_API const char *qosim_session_token(const qosim_session *session);

/* Ends the session, waiting a moment for posted writes to be taken; NULL is fine. */
QOSIM_API void qosim_close(qosim_session *session);

/* Text of the session's last failed call, "" when none failed; lives until the next call. */
QOSIM_API const char *qosim_last_error(const qosim_session *session);

/* What carries the session at the moment: "inproc", "shm", "sp" (ipc, tcp and ws on plain sockets), "nanomsg". */
QOSIM_API const char *qosim_transport(const qosim_session *session);

QOSIM_API void qosim_set_event_handler(qosim_session *session, qosim_event_fn *handler,
                                       void *opaque);

/*
 * Takes another handler than the one in the options, with which the session must have been opened: a server asks only those who
 * said at the start that they answer. NULL: every request gets a bus error.
 */
QOSIM_API qosim_result qosim_set_dma_handler(qosim_session *session, qosim_dma_fn *handler,
                                             void *opaque);
QOSIM_API void qosim_set_timeout(qosim_session *session, int timeout_ms);

/*
 * Takes the events that have come, and answers DMA requests, waiting up to @timeout_ms for the first event. Returns how many
 * events were handled, or < 0.
 */
QOSIM_API int qosim_poll(qosim_session *session, int timeout_ms);

/* Current level of line @line of the interrupt sink as known from the events so far; no message is sent. */
QOSIM_API bool qosim_irq_level(const qosim_session *session, uint32_t line);
/* Changes whenever a level of the interrupt sink changes, so that a caller can see cheaply that nothing did. */
QOSIM_API uint64_t qosim_irq_generation(const qosim_session *session);

/*
 * Register access as a CPU's load or store of 1, 2, 4 or 8 bytes, little-endian value. @bus may be NULL: then an access
 * that the bus refuses fails the call with QOSIM_ERR_GENERIC.
 */
QOSIM_API qosim_result qosim_read(qosim_session *session, uint64_t address, unsigned size,
                                  uint64_t *data, qosim_bus *bus);
QOSIM_API qosim_result qosim_write(qosim_session *session, uint64_t address, unsigned size,
                                   uint64_t data, qosim_bus *bus);

/* The same as DMA and QEMU's qtest do it: cut into the pieces that the region accepts. */
QOSIM_API qosim_result qosim_dma_read(qosim_session *session, uint64_t address, unsigned size,
                                      uint64_t *data, qosim_bus *bus);
QOSIM_API qosim_result qosim_dma_write(qosim_session *session, uint64_t address, unsigned size,
                                       uint64_t data, qosim_bus *bus);

/*
 * A write that is not waited for; its failure is counted and shown by the next call that waits (qosim_posted_errors()). It is carried
 * out before everything later, but need not be sent before the next call that waits, qosim_poll() or qosim_flush().
 */
QOSIM_API qosim_result qosim_post_write(qosim_session *session, uint64_t address, unsigned size,
                                        uint64_t data);
/* Sends the posted writes that were not sent yet. */
QOSIM_API qosim_result qosim_flush(qosim_session *session);
/* Number of posted writes known to have failed, and the text of the first; both are cleared by the call. */
QOSIM_API size_t qosim_posted_errors(qosim_session *session, char *text, size_t text_size);

/* Blocks of bytes, of any length; longer ones than the server's limit go in several frames. */
QOSIM_API qosim_result qosim_read_block(qosim_session *session, uint64_t address, void *data,
                                        size_t length, qosim_bus *bus);
QOSIM_API qosim_result qosim_write_block(qosim_session *session, uint64_t address, const void *data,
                                         size_t length, qosim_bus *bus);
QOSIM_API qosim_result qosim_fill_block(qosim_session *session, uint64_t address, uint64_t length,
                                        uint8_t value, qosim_bus *bus);

/* One access of a batch. */
typedef struct qosim_access {
    bool is_write;
    unsigned size;
    uint64_t address;
    uint64_t data; /* of a read: filled in */
    qosim_bus bus; /* filled in */
} qosim_access;

/* Executes @n accesses in order in as few frames as the limits allow. */
QOSIM_API qosim_result qosim_batch(qosim_session *session, qosim_access *accesses, size_t n);

/* Lines: drive an input of the device at @path (list @name, NULL: the unnamed one), watch a device's unnamed lines. */
QOSIM_API qosim_result qosim_set_line(qosim_session *session, const char *path, const char *name,
                                      uint32_t index, int level);
QOSIM_API qosim_result qosim_watch_lines(qosim_session *session, const char *path,
                                         qosim_direction direction, uint32_t *watch,
                                         uint32_t *lines);
QOSIM_API qosim_result qosim_unwatch_lines(qosim_session *session, uint32_t watch);
QOSIM_API qosim_result qosim_get_line(qosim_session *session, uint32_t watch, uint32_t index,
                                      int *level);

/* The object model. Values are text, parsed by the property's own type; results are owned by the caller (qosim_free). */
QOSIM_API qosim_result qosim_qom_get(qosim_session *session, const char *path, const char *property,
                                     char **value);
QOSIM_API qosim_result qosim_qom_set(qosim_session *session, const char *path, const char *property,
                                     const char *value);
/* @properties: NULL-terminated "key=value" strings, or NULL. @path may be NULL. */
QOSIM_API qosim_result qosim_qom_new(qosim_session *session, const char *type, const char *id,
                                     const char *const *properties, char **path);
QOSIM_API qosim_result qosim_qom_delete(qosim_session *session, const char *id_or_path);

typedef struct qosim_property {
    char *name;
    char *type;
    char *description;
    char *default_value; /* printed; "" when there is none */
} qosim_property;

typedef struct qosim_type {
    char *name;
    char *parent;
    bool is_abstract;
} qosim_type;

QOSIM_API qosim_result qosim_qom_list(qosim_session *session, const char *path,
                                      qosim_property **list, size_t *n);
QOSIM_API qosim_result qosim_type_properties(qosim_session *session, const char *type,
                                             qosim_property **list, size_t *n);
QOSIM_API qosim_result qosim_types(qosim_session *session, const char *implements,
                                   bool include_abstract, qosim_type **list, size_t *n);
QOSIM_API void qosim_free(void *pointer);
QOSIM_API void qosim_free_properties(qosim_property *list, size_t n);
QOSIM_API void qosim_free_types(qosim_type *list, size_t n);

QOSIM_API qosim_result qosim_reset(qosim_session *session);

/* Virtual time, in ns. qosim_set_time() is free: the time goes with the next request. */
QOSIM_API void qosim_set_time(qosim_session *session, uint64_t now_ns);
QOSIM_API qosim_result qosim_advance(qosim_session *session, uint64_t until_ns, uint64_t *now_ns);
QOSIM_API qosim_result qosim_advance_by(qosim_session *session, uint64_t ns, uint64_t *now_ns);
QOSIM_API qosim_result qosim_advance_to_deadline(qosim_session *session, uint64_t *now_ns);
/* The server's virtual time and next deadline as of the last reply; UINT64_MAX: no deadline. */
QOSIM_API uint64_t qosim_now(const qosim_session *session);
QOSIM_API uint64_t qosim_next_deadline(const qosim_session *session);

/* Where the bytes of a region live. */
typedef enum qosim_ram_home {
    QOSIM_RAM_NONE = 0,   /* it is no RAM */
    QOSIM_RAM_SERVER = 1, /* in the server */
    QOSIM_RAM_SHM = 2,    /* in a file: qosim_shm_map() */
    QOSIM_RAM_CLIENT = 3, /* with the driver: qosim_dma_fn */
} qosim_ram_home;

typedef struct qosim_region {
    char *name;
    char *owner;
    uint64_t address;
    uint64_t size; /* 0 stands for 2^64 */
    bool ram;
    bool read_only;
    qosim_ram_home home;
    char *shm_path; /* of QOSIM_RAM_SHM: the file; else "" */
    uint64_t shm_offset;
} qosim_region;

typedef struct qosim_info {
    char *server;
    char *machine;
    char *machine_type;
    uint32_t protocol_version;
    uint32_t irq_lines;
    qosim_region *regions;
    size_t n_regions;
    char **sessions; /* one line of text for each session of the machine */
    size_t n_sessions;
} qosim_info;

QOSIM_API qosim_result qosim_get_info(qosim_session *session, qosim_info **info);
QOSIM_API void qosim_free_info(qosim_info *info);

/*
 * Maps a region that is in a file (the server must be on this host) at *@at, region->size bytes, for reading, and for writing
 * unless it is read-only. What either side stores the other one sees; who may store when is between the program and its
 * guest. Checks that the file is this user's alone and holds the region. Stays after the session, until qosim_shm_unmap().
 */
QOSIM_API qosim_result qosim_shm_map(qosim_session *session, const qosim_region *region, void **at);
QOSIM_API void qosim_shm_unmap(const qosim_region *region, void *at);

typedef struct qosim_stat {
    char *name;
    char *unit;
    uint64_t value;
} qosim_stat;

QOSIM_API qosim_result qosim_get_stats(qosim_session *session, qosim_stat **list, size_t *n);
QOSIM_API void qosim_free_stats(qosim_stat *list, size_t n);

/* Chardevs: the host's side of a device's byte streams. */
typedef struct qosim_chardev {
    char *id;
    char *backend;
    char *filename;     /* what it is connected to, for people */
    bool frontend_open; /* the guest's side is open */
    bool host_open;     /* the host's side is open */
    bool used;          /* a device uses it */
    uint64_t pending;   /* bytes that wait to be read */
} qosim_chardev;

/*
 * Makes chardev @id of type @backend, as -chardev does. @options: NULL-terminated "key=value" strings, or NULL. What it is connected
 * to ("pty:/dev/pts/3") goes to *@filename, which may be NULL; owned by the caller (qosim_free).
 */
QOSIM_API qosim_result qosim_chardev_add(qosim_session *session, const char *backend,
                                         const char *id, const char *const *options,
                                         char **filename);
QOSIM_API qosim_result qosim_chardev_remove(qosim_session *session, const char *id);
QOSIM_API qosim_result qosim_chardev_list(qosim_session *session, qosim_chardev **list, size_t *n);
QOSIM_API void qosim_free_chardevs(qosim_chardev *list, size_t n);

/*
 * Gives the guest bytes through an "rpc" chardev: *@accepted of them were taken, from the first on, also when the call fails.
 * When that is less than @length, the rest is for later: QOSIM_CHARDEV_INPUT tells when.
 */
QOSIM_API qosim_result qosim_chardev_write(qosim_session *session, const char *id, const void *data,
                                           size_t length, size_t *accepted);

/*
 * Takes up to @size bytes (at most 1 MiB in one call) of the guest out of an "rpc" or "ringbuf" chardev; *@length came, and
 * *@pending (may be NULL) wait still. When that is 0, QOSIM_CHARDEV_OUTPUT tells of the next ones.
 */
QOSIM_API qosim_result qosim_chardev_read(qosim_session *session, const char *id, void *data,
                                          size_t size, size_t *length, uint64_t *pending);

/* Opens or closes the host's side of an "rpc" chardev. */
QOSIM_API qosim_result qosim_chardev_set_open(qosim_session *session, const char *id, bool open);

/*
 * The driver's side of the virtio device on a transport "virtio-rpc", whose id or path is @transport. Rings and buffers are in the
 * machine's memory.
 */
typedef struct qosim_virtio_state {
    uint32_t device_id; /* 0: there is no device on the transport */
    uint64_t offered_features;
    uint64_t accepted_features;
    uint32_t status;
    uint32_t interrupt_status; /* 1: buffers came back; 2: the configuration changed */
    uint32_t config_generation;
    uint32_t config_size;
    uint32_t queues;
} qosim_virtio_state;

typedef struct qosim_virtio_queue {
    uint32_t max_size; /* of the device; ignored where a queue is set */
    uint32_t size;
    uint64_t descriptors;
    uint64_t driver; /* split: the available ring */
    uint64_t device; /* split: the used ring */
    bool ready;      /* it has rings; ignored where a queue is set, which makes it so */
} qosim_virtio_queue;

QOSIM_API qosim_result qosim_virtio_get_state(qosim_session *session, const char *transport,
                                              qosim_virtio_state *state);
QOSIM_API qosim_result qosim_virtio_set_features(qosim_session *session, const char *transport,
                                                 uint64_t features);
/* @status 0 resets. What the status is then goes to *@now, which may be NULL. */
QOSIM_API qosim_result qosim_virtio_set_status(qosim_session *session, const char *transport,
                                               uint32_t status, uint32_t *now);
QOSIM_API qosim_result qosim_virtio_get_queue(qosim_session *session, const char *transport,
                                              uint32_t index, qosim_virtio_queue *queue);
QOSIM_API qosim_result qosim_virtio_set_queue(qosim_session *session, const char *transport,
                                              uint32_t index, const qosim_virtio_queue *queue);
/* @length is 1 to 4096. */
QOSIM_API qosim_result qosim_virtio_read_config(qosim_session *session, const char *transport,
                                                uint32_t offset, void *data, size_t length);
QOSIM_API qosim_result qosim_virtio_write_config(qosim_session *session, const char *transport,
                                                 uint32_t offset, const void *data, size_t length);
QOSIM_API qosim_result qosim_virtio_notify(qosim_session *session, const char *transport,
                                           uint32_t index);
/* Clears @bits of the interrupt status. What is left goes to *@now, which may be NULL. */
QOSIM_API qosim_result qosim_virtio_acknowledge(qosim_session *session, const char *transport,
                                                uint32_t bits, uint32_t *now);

#ifdef __cplusplus
}
#endif

#endif
