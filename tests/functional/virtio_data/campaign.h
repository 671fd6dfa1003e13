/* One run: a qosimd, a guest and the host's ends of three ports, until all bytes have gone both ways. */
#ifndef QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_CAMPAIGN_H
#define QOSIM_TESTS_FUNCTIONAL_VIRTIO_DATA_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include <qosim/qosim.h>

typedef struct CampaignCase {
    qosim_ram_home home;
    bool packed;
    bool indirect;
    bool event_idx;
    bool resets; /* the driver resets the device at random */
} CampaignCase;

typedef struct CampaignResult {
    uint64_t bytes; /* that came, both ways */
    uint64_t lost;  /* by resets */
    unsigned resets;
    double seconds;
} CampaignResult;

/* Moves @bytes each way over all ports together. @progress: tells on standard error how far it is. */
CampaignResult campaign_run(const CampaignCase *run_case, uint64_t bytes, uint32_t seed,
                            bool progress);

#endif
