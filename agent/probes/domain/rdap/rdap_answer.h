// An HTTP answer of an RDAP server (RFC 7480, 9083) to the question for one domain. Pure; any
// thread.
#pragma once

#include <string_view>

#include "agent/probes/domain/registration.h"

namespace muster::domains::rdap {

// Who answers: only the registry of a domain's TLD can say that it is free (RFC 7480, section 5.3);
// a server that it refers to, or that redirected us elsewhere, knows its own names only.
enum class Server { kOther, kRegistry };

// `content_type` and `body` as they came, `domain` as it was asked for (in any script). Where the
// status is not 200, the body may be anything.
//
// kRegistered only for a domain object about this very domain; kFree only for a 404 of the registry
// that is RDAP's own, not a web server's. More than 1 MiB, JSON nested deeper than 32, another
// content type, another domain, or an error under another number than the status: kUnreadable. 429,
// and what says that it was asked too often: kThrottled (retry_after.h). 400, 401, 403, 405, 422,
// 451, 501, and a 404 of another server or for a TLD that is not the server's: kRefused.
Registration read_rdap(int http_status, std::string_view content_type, std::string_view body,
                       std::string_view domain, Server server = Server::kOther);

}  // namespace muster::domains::rdap
