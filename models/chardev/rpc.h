/*
 * chardev-rpc: the other end is a client of the server. The chardev knows nothing of clients: whoever serves them takes
 * the guest's bytes out and puts the host's bytes in, and is told by a notifier when it is worth trying.
 *
 * Nothing is lost on either way: output waits in a bounded buffer and then makes the guest wait; input is taken as far
 * as the front end has room, and the rest stays with the caller.
 */
#ifndef QOSIM_MODELS_CHARDEV_RPC_H
#define QOSIM_MODELS_CHARDEV_RPC_H

#include "models/chardev/chardev.h"

#define TYPE_CHARDEV_RPC "chardev-rpc"

typedef enum RpcChardevNotice {
    RPC_CHARDEV_OUTPUT,   /* there are bytes to read where there were none */
    RPC_CHARDEV_INPUT,    /* there is room for input where there was none */
    RPC_CHARDEV_FE_OPEN,  /* the guest opened its side */
    RPC_CHARDEV_FE_CLOSE, /* the guest closed its side */
} RpcChardevNotice;

/* Must not call back into the chardev. */
typedef void RpcChardevNotify(void *opaque, Chardev *chr, RpcChardevNotice notice);

/* All of these take a @chr of TYPE_CHARDEV_RPC. */

/* Who is told; NULL: nobody. Set on each chardev by the server. */
void rpc_chardev_set_notify(Chardev *chr, RpcChardevNotify *notify, void *opaque);

/* Takes out up to @len bytes of the guest's output; how many there were. */
size_t rpc_chardev_read(Chardev *chr, uint8_t *buf, size_t len);

/* How many bytes of output wait. */
size_t rpc_chardev_pending(Chardev *chr);

/* Gives the guest up to @len bytes; how many it took. 0 while the other end is closed or the front end has no room. */
size_t rpc_chardev_write(Chardev *chr, const uint8_t *buf, size_t len);

/* Opens or closes the host's side (CHR_EVENT_OPENED, CHR_EVENT_CLOSED). It is open from the start unless open=off. */
void rpc_chardev_set_open(Chardev *chr, bool open);

#endif
