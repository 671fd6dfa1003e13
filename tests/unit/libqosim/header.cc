// The public header in C++.
#include <qosim/qosim.h>

extern "C" int header_works_in_cxx();

int header_works_in_cxx()
{
    qosim_session *session = nullptr;
    qosim_options options = {};

    options.role = QOSIM_ROLE_DRIVER;
    return qosim_open(nullptr, &options, &session);
}
