// What a listening socket is likely to want to hear before TLS. A wrong guess costs one connection:
// the next begins with TLS. Pure; any thread.
#pragma once

#include "muster/v1/listener_facts.pb.h"

namespace muster::listeners {

// By its port, else by its program: PostgreSQL on 5433 is PostgreSQL.
v1::StartTls guess_starttls(const v1::ListeningSocket& socket);

}  // namespace muster::listeners
