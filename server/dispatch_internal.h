/* The operations by kind; the table in dispatch.c calls them. Each sets the status when it fails, else the kind's result. */
#ifndef QOSIM_SERVER_DISPATCH_INTERNAL_H
#define QOSIM_SERVER_DISPATCH_INTERNAL_H

#include "server/dispatch.h"
#include "server/reply.h"

typedef void OperationHandler(Dispatch *d, const QsOperation *op, QsResult *result);

OperationHandler dispatch_mmio_read;
OperationHandler dispatch_mmio_write;
OperationHandler dispatch_block_read;
OperationHandler dispatch_block_write;
OperationHandler dispatch_block_fill;

OperationHandler dispatch_line_set;
OperationHandler dispatch_line_watch;
OperationHandler dispatch_line_get;
OperationHandler dispatch_line_unwatch;

OperationHandler dispatch_qom_list;
OperationHandler dispatch_qom_get;
OperationHandler dispatch_qom_set;
OperationHandler dispatch_qom_new;
OperationHandler dispatch_qom_delete;
OperationHandler dispatch_qom_types;
OperationHandler dispatch_qom_type_properties;

OperationHandler dispatch_reset;
OperationHandler dispatch_advance;
OperationHandler dispatch_stats;
OperationHandler dispatch_info;

OperationHandler dispatch_chardev_add;
OperationHandler dispatch_chardev_remove;
OperationHandler dispatch_chardev_list;
OperationHandler dispatch_chardev_write;
OperationHandler dispatch_chardev_read;
OperationHandler dispatch_chardev_open;

OperationHandler dispatch_virtio;

/* "The reply takes too much memory." */
void dispatch_out_of_memory(Dispatch *d, QsResult *result);

#endif
