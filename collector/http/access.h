// Who may ask without a password. Pure; any thread.
#pragma once

#include "collector/http/message.h"

namespace muster::collector::http {

// Whether a request comes from this machine: its peer is loopback and no proxy says that it speaks
// for somebody else (a reverse proxy beside the collector would make the whole world loopback).
bool is_local(const Request& request);

}  // namespace muster::collector::http
