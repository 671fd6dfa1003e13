/*
 * Frames as plain C: what both ends work on. The codec turns these into protobuf and back; the in-process transport
 * passes them as they are. A frame owns nothing: everything it points to lives in the arena it was made in, or in
 * the caller's memory until the call returns.
 */
#ifndef QOSIM_PROTO_MESSAGE_H
#define QOSIM_PROTO_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Version of the contract in proto/qosim/v1. */
#define QS_PROTOCOL_VERSION 1u

/* Limits, stated in docs/protocol.md and enforced by both ends. */
#define QS_MAX_FRAME_BYTES 4194304u /* 4 MiB */
#define QS_MAX_OPERATIONS 4096u /* of a client frame; also results, and posted errors, of a reply */
#define QS_MAX_EVENTS 65536u    /* of a server frame */
#define QS_MAX_BLOCK_BYTES 1048576u /* 1 MiB */
#define QS_MAX_DMA_BYTES 65536u     /* of a DMA request */
#define QS_MAX_STRING_BYTES 65536u
#define QS_MAX_CHARDEV_BYTES QS_MAX_BLOCK_BYTES /* of a chardev read or write */
#define QS_MAX_VIRTIO_CONFIG_BYTES 4096u        /* of a configuration space read or write */
#define QS_MAX_VALUE_DEPTH 16u                  /* a list of numbers is 2 deep */
#define QS_TOKEN_BYTES 16u                      /* a session token is this long, or absent */

/* What an arena needs at most to decode or encode one frame: more is refused, so a small frame cannot claim all memory. */
#define QS_ARENA_BYTES 67108864u /* 16 frames */

typedef struct QsBytes {
    const uint8_t *data;
    size_t len;
} QsBytes;

typedef enum QsStatusCode {
    QS_STATUS_OK = 1,
    QS_STATUS_GENERIC,
    QS_STATUS_NOT_FOUND,
    QS_STATUS_INVALID_ARGUMENT,
    QS_STATUS_MALFORMED,
    QS_STATUS_UNSUPPORTED,
    QS_STATUS_NO_SESSION,
    QS_STATUS_LIMIT,
    QS_STATUS_NOT_ALLOWED,
    QS_STATUS_STALE_REQUEST,
    QS_STATUS_MISSING_REQUEST,
    QS_STATUS_TAKEN_OVER,
} QsStatusCode;

/* Strings are never NULL after decoding; "" stands for absent. */
typedef struct QsStatus {
    QsStatusCode code;
    const char *text;
    const char *path;
} QsStatus;

typedef enum QsAccessPath { QS_PATH_CPU = 1, QS_PATH_DMA } QsAccessPath;
typedef enum QsBusResult {
    QS_BUS_OK = 1,
    QS_BUS_ERROR,
    QS_BUS_DECODE_ERROR,
    QS_BUS_ACCESS_ERROR,
} QsBusResult;
typedef enum QsRole { QS_ROLE_DRIVER = 1, QS_ROLE_OBSERVER } QsRole;
typedef enum QsLineDirection { QS_LINE_IN = 1, QS_LINE_OUT } QsLineDirection;

typedef enum QsValueKind {
    QS_VALUE_NONE,
    QS_VALUE_BOOL,
    QS_VALUE_INT,
    QS_VALUE_UINT,
    QS_VALUE_REAL,
    QS_VALUE_TEXT,
    QS_VALUE_UNPARSED,
    QS_VALUE_LIST,
    QS_VALUE_MAP,
} QsValueKind;

typedef struct QsValue QsValue;
typedef struct QsValueEntry QsValueEntry;

struct QsValue {
    QsValueKind kind;
    union {
        bool boolean;
        int64_t i;
        uint64_t u;
        double real;
        const char *text; /* also of QS_VALUE_UNPARSED */
        struct {
            const QsValue *items;
            size_t n;
        } list;
        struct {
            const QsValueEntry *entries;
            size_t n;
        } map;
    };
};

struct QsValueEntry {
    const char *key;
    QsValue value;
};

typedef struct QsProperty {
    const char *name;
    const char *type;
    const char *description;
    QsValue default_value;
} QsProperty;

typedef struct QsType {
    const char *name;
    const char *parent;
    bool is_abstract;
} QsType;

typedef enum QsRamHome {
    QS_HOME_NONE, /* no RAM */
    QS_HOME_RAM,
    QS_HOME_SHM,
    QS_HOME_CLIENT,
} QsRamHome;

typedef struct QsRegion {
    const char *name;
    const char *owner;
    uint64_t address;
    uint64_t size; /* 0 stands for 2^64 */
    bool ram;
    bool read_only;
    QsRamHome home;
    const char *shm_path; /* of QS_HOME_SHM */
    uint64_t shm_offset;
} QsRegion;

typedef struct QsStat {
    const char *name;
    uint64_t value;
    const char *unit;
} QsStat;

typedef struct QsChardev {
    const char *id;
    const char *backend;
    const char *filename;
    bool frontend_open;
    bool host_open;
    bool used;
    uint64_t pending;
} QsChardev;

/* Same order as the oneof of VirtioRequest. */
typedef enum QsVirtioAction {
    QS_VIRTIO_STATE,
    QS_VIRTIO_SET_FEATURES,
    QS_VIRTIO_SET_STATUS,
    QS_VIRTIO_GET_QUEUE,
    QS_VIRTIO_SET_QUEUE,
    QS_VIRTIO_READ_CONFIG,
    QS_VIRTIO_WRITE_CONFIG,
    QS_VIRTIO_NOTIFY,
    QS_VIRTIO_ACKNOWLEDGE,
} QsVirtioAction;

typedef struct QsVirtioQueue {
    uint32_t index;
    uint32_t max_size;
    uint32_t size;
    uint64_t descriptors;
    uint64_t driver;
    uint64_t device;
    bool ready;
} QsVirtioQueue;

/* Same order and meaning as the oneof of Operation and OperationResult. */
typedef enum QsOpKind {
    QS_OP_NONE = 0,
    QS_OP_MMIO_READ,
    QS_OP_MMIO_WRITE,
    QS_OP_BLOCK_READ,
    QS_OP_BLOCK_WRITE,
    QS_OP_BLOCK_FILL,
    QS_OP_LINE_SET,
    QS_OP_LINE_WATCH,
    QS_OP_LINE_GET,
    QS_OP_LINE_UNWATCH,
    QS_OP_QOM_LIST,
    QS_OP_QOM_GET,
    QS_OP_QOM_SET,
    QS_OP_QOM_NEW,
    QS_OP_QOM_DELETE,
    QS_OP_QOM_TYPES,
    QS_OP_QOM_TYPE_PROPERTIES,
    QS_OP_RESET,
    QS_OP_ADVANCE,
    QS_OP_STATS,
    QS_OP_INFO,
    QS_OP_HELLO,
    QS_OP_BYE,
    QS_OP_CHARDEV_ADD,
    QS_OP_CHARDEV_REMOVE,
    QS_OP_CHARDEV_LIST,
    QS_OP_CHARDEV_WRITE,
    QS_OP_CHARDEV_READ,
    QS_OP_CHARDEV_OPEN,
    QS_OP_VIRTIO,
    QS_OP_COUNT,
} QsOpKind;

typedef enum QsAdvanceTo {
    QS_ADVANCE_UNTIL = 1,
    QS_ADVANCE_BY,
    QS_ADVANCE_NEXT_DEADLINE
} QsAdvanceTo;

typedef struct QsOperation {
    QsOpKind kind;
    union {
        struct {
            uint64_t address;
            uint64_t data; /* of a write */
            uint32_t size;
            QsAccessPath path;
        } mmio; /* MMIO_READ, MMIO_WRITE */
        struct {
            uint64_t address;
            uint64_t length; /* of a read or a fill */
            QsBytes data;    /* of a write */
            uint32_t value;  /* of a fill */
        } block;
        struct {
            const char *path;
            const char *name;
            uint32_t index;
            int32_t level;
        } line_set;
        struct {
            const char *path;
            QsLineDirection direction;
        } line_watch;
        struct {
            uint32_t watch;
            uint32_t index;
        } line_get; /* also LINE_UNWATCH, without index */
        struct {
            const char *path;
            const char *property;
            QsValue value; /* of a set */
        } qom;             /* LIST, GET, SET, DELETE */
        struct {
            const char *type;
            const char *id;
            const QsValueEntry *properties;
            size_t n_properties;
        } qom_new;
        struct {
            const char *type; /* implements, or the type whose properties are asked for */
            bool include_abstract;
        } types; /* QOM_TYPES, QOM_TYPE_PROPERTIES */
        struct {
            QsAdvanceTo to;
            uint64_t ns;
        } advance;
        struct {
            uint32_t version;
            const char *const *capabilities;
            size_t n_capabilities;
            const char *const *required;
            size_t n_required;
            const char *machine;
            const char *create;
            QsRole role;
            const char *client;
            QsBytes nonce;  /* QS_TOKEN_BYTES, or none */
            QsBytes resume; /* a token, or none */
            uint32_t heartbeat_ms;
        } hello;
        struct {
            const QsValueEntry *options;
            size_t n_options;
        } chardev_add;
        struct {
            const char *id;
            QsBytes data; /* of a write */
            uint32_t max; /* of a read */
            bool open;
        } chardev; /* REMOVE, WRITE, READ, OPEN */
        struct {
            const char *transport;
            QsVirtioAction action;
            uint64_t
                value; /* features, status, index of a queue, interrupt bits, or offset in the configuration */
            uint32_t length;     /* of READ_CONFIG */
            QsBytes data;        /* of WRITE_CONFIG */
            QsVirtioQueue queue; /* of SET_QUEUE */
        } virtio;
    };
} QsOperation;

typedef struct QsResult {
    QsOpKind kind;
    QsStatus status; /* code QS_STATUS_OK, or what went wrong; then the rest is void */
    union {
        struct {
            QsBusResult result;
            uint64_t data;
        } mmio; /* MMIO_*, BLOCK_WRITE, BLOCK_FILL */
        struct {
            QsBusResult result;
            QsBytes data;
        } block_read;
        struct {
            uint32_t watch;
            uint32_t lines;
            const uint32_t *raised;
            size_t n_raised;
        } line_watch;
        struct {
            int32_t level;
        } line_get;
        struct {
            const char *path; /* of QOM_LIST and QOM_NEW */
            const QsProperty *properties;
            size_t n_properties;
        } qom_list;    /* QOM_LIST, QOM_TYPE_PROPERTIES, QOM_NEW */
        QsValue value; /* QOM_GET */
        struct {
            const QsType *types;
            size_t n_types;
        } types;
        struct {
            uint64_t now_ns;
        } advance;
        struct {
            const QsStat *entries;
            size_t n_entries;
        } stats;
        struct {
            const char *machine;
            const char *machine_type;
            const QsRegion *regions;
            size_t n_regions;
            uint32_t irq_lines;
            const char *const *sessions;
            size_t n_sessions;
        } info;
        struct {
            uint32_t version;
            const char *const *capabilities;
            size_t n_capabilities;
            QsBytes session;
            const char *machine;
            const char *machine_type;
            const char *server;
            uint64_t max_frame_bytes;
            uint32_t max_operations;
            uint64_t max_block_bytes;
            const uint32_t *raised;
            size_t n_raised;
            QsRole role;
            uint64_t server_instance;
            uint32_t kept_replies;
            uint64_t session_grace_ms;
            uint32_t epoch; /* from here on: of a session that was taken over */
            uint64_t last_request_id;
            uint64_t last_sequence;
            uint64_t events;
        } hello;
        struct {
            const char *filename;
        } chardev_add;
        struct {
            const QsChardev *chardevs;
            size_t n_chardevs;
        } chardev_list;
        struct {
            uint32_t accepted;
        } chardev_write;
        struct {
            QsBytes data;
            uint64_t pending;
        } chardev_read;
        struct {
            uint32_t device_id;
            uint64_t offered;
            uint64_t accepted;
            uint32_t status;
            uint32_t isr;
            uint32_t generation;
            uint32_t config_size;
            uint32_t queues;
            bool has_queue; /* of GET_QUEUE and SET_QUEUE */
            QsVirtioQueue queue;
            QsBytes config; /* of READ_CONFIG */
        } virtio;
    };
} QsResult;

typedef enum QsEventKind {
    QS_EVENT_NONE = 0,
    QS_EVENT_LINE,
    QS_EVENT_GUEST_ERROR,
    QS_EVENT_DEVICE_DELETED,
    QS_EVENT_RESET,
    QS_EVENT_LAGGED,
    QS_EVENT_CHARDEV,
    QS_EVENT_VSERPORT,
    QS_EVENT_VIRTIO,
    QS_EVENT_COUNT,
} QsEventKind;

typedef enum QsChardevNotice {
    QS_CHARDEV_OUTPUT = 1,
    QS_CHARDEV_INPUT,
    QS_CHARDEV_FRONTEND_OPEN,
    QS_CHARDEV_FRONTEND_CLOSED,
} QsChardevNotice;

typedef enum QsVirtioNotice {
    QS_VIRTIO_USED = 1,
    QS_VIRTIO_CONFIG,
} QsVirtioNotice;

typedef struct QsEvent {
    QsEventKind kind;
    uint64_t time_ns;
    union {
        struct {
            uint32_t watch;
            uint32_t line;
            int32_t level;
        } line;
        struct {
            const char *path;
            const char *text;
        } guest_error;
        struct {
            const char *id;
            const char *path;
        } device_deleted;
        struct {
            uint64_t dropped;
        } lagged;
        struct {
            const char *id;
            QsChardevNotice notice;
        } chardev;
        struct {
            const char *id;
            const char *path;
            bool open;
        } vserport;
        struct {
            const char *path;
            QsVirtioNotice notice;
            uint32_t queue; /* of USED */
        } virtio;
    };
} QsEvent;

typedef struct QsPostedError {
    uint64_t request_id;
    uint32_t operation;
    QsStatus status;
    QsBusResult result;
} QsPostedError;

/* @data: of a write, @length bytes. */
typedef struct QsDmaRequest {
    uint64_t id;
    uint64_t address;
    uint32_t length;
    bool is_write;
    QsBytes data;
} QsDmaRequest;

/* @data: of a read that went well. */
typedef struct QsDmaResponse {
    uint64_t id;
    QsBusResult result;
    QsBytes data;
} QsDmaResponse;

/* What a client has of the stream: frames up to this one, with so many events. */
typedef struct QsResume {
    uint64_t last_sequence;
    uint64_t events;
} QsResume;

typedef struct QsResumed {
    uint64_t last_sequence; /* as asked */
    uint64_t next_sequence;
    uint64_t dropped;
    uint64_t last_request_id;
} QsResumed;

typedef struct QsClientFrame {
    QsBytes session;
    uint64_t request_id;
    bool has_virtual_time;
    uint64_t virtual_time_ns;
    const QsOperation *operations;
    size_t n_operations;
    bool posted;
    bool has_dma_response; /* then there are no operations */
    QsDmaResponse dma_response;
    uint64_t after;  /* a request id that must have been carried out; 0: none */
    uint32_t epoch;  /* how often the session was taken over */
    bool has_resume; /* then there is nothing else */
    QsResume resume;
} QsClientFrame;

typedef struct QsReply {
    uint64_t request_id;
    QsStatus status;
    const QsResult *results;
    size_t n_results;
    uint64_t now_ns;
    bool has_deadline;
    uint64_t next_deadline_ns;
    const QsPostedError *posted_errors;
    size_t n_posted_errors;
    uint64_t server_instance; /* with NO_SESSION and TAKEN_OVER, else 0 */
} QsReply;

typedef struct QsServerFrame {
    uint64_t sequence;
    const QsEvent *events;
    size_t n_events;
    bool has_reply;
    QsReply reply;
    bool has_dma_request; /* then there is no reply */
    QsDmaRequest dma_request;
    bool has_resumed; /* then there is neither */
    QsResumed resumed;
} QsServerFrame;

#endif
