/* A program that knows nothing of Qosim's tree: it enables eight outputs, drives a pattern and reads it back. */
#include <stdio.h>

#include <qosim/qosim.h>

int main(void)
{
    const uint64_t gpio = 0x10012000;
    qosim_session *session;
    uint64_t value = 0;

    if (qosim_open("inproc:sifive_e", NULL, &session) != QOSIM_OK) {
        fprintf(stderr, "%s\n", qosim_open_error());
        return 1;
    }
    if (qosim_write(session, gpio + 0x04, 4, 0xff, NULL) ||
        qosim_write(session, gpio + 0x08, 4, 0xff, NULL) ||
        qosim_write(session, gpio + 0x0c, 4, 0xa5, NULL) ||
        qosim_read(session, gpio, 4, &value, NULL)) {
        fprintf(stderr, "%s\n", qosim_last_error(session));
        qosim_close(session);
        return 1;
    }
    qosim_close(session);
    printf("value 0x%02x\n", (unsigned)value);
    return value == 0xa5 ? 0 : 1;
}
