/* qosim-iss: firmware on an instruction-set simulator, its peripherals in a Qosim server. */
#include <signal.h>
#include <stdio.h>

#include "cosim/iss/iss.h"
#include "cosim/iss/options.h"

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = iss_interrupt, .sa_flags = SA_RESETHAND };

    /* A second one kills. */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int mistake(const GError *error)
{
    fprintf(stderr, "qosim-iss: %s\n", error->message);
    return ISS_STATUS_MISTAKE;
}

int main(int argc, char **argv)
{
    g_auto(IssOptions) options = { 0 };
    g_autoptr(GError) error = NULL;
    Iss iss;
    int status;

    switch (iss_options_parse(argc, argv, &options, &error)) {
    case ISS_PARSE_DONE:
        return 0;
    case ISS_PARSE_WRONG:
        return mistake(error);
    default:
        break;
    }
    catch_signals();
    status = iss_init(&iss, &options, &error) ? iss_run(&iss) : mistake(error);
    iss_clear(&iss);
    return status;
}
