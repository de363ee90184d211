// A JSON document of somebody else's server, as the configuration names it: where it is, whom to
// trust there and what to say who we are. For an inventory and for lists of targets. Any thread;
// calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <stop_token>
#include <string>

#include "collector/http_client/http_url.h"
#include "common/clock.h"

namespace muster::collector {

struct HttpSource {
  HttpUrl url;
  // PEM; empty: the system's CAs.
  std::string ca_file;
  // Basic authentication; both or none.
  std::string username;
  std::string password_file;
  // A bearer token instead.
  std::string token_file;
  Duration timeout = std::chrono::seconds(30);
};

// The value of the header "Authorization", read from the files anew; empty without one.
// InvalidArgument: a file is empty, has more than 4 KiB or a character that no header can have.
absl::StatusOr<std::string> authorization_of(const HttpSource& source);

// Whether the files that it names can be used. The server is not asked.
absl::Status check_files(const HttpSource& source);

// The document. Beside what http_get says, Unavailable: another status than 200, which a
// redirection is, or what does not call itself JSON. No message has what is in the files.
absl::StatusOr<std::string> fetch_json(const HttpSource& source, size_t largest,
                                       const std::stop_token& stop);

}  // namespace muster::collector
