// Which RDAP servers know the domains of a TLD: IANA's bootstrap file for DNS (RFC 9224), or one of
// the site's own in the same format. Immutable: any thread.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/domain/rdap/web_url.h"

namespace muster::domains::rdap {

class Bootstrap {
 public:
  // Who vouches for it. Of IANA's, only https servers count. What root lists in a file of its own
  // may be asked in the clear, and at an address that is not the internet's.
  enum class Author { kIana, kConfiguration };

  // InvalidArgument, and what is wrong: not version 1 of the format, no time of publication, no
  // service, a service that is no pair of lists; more than 1 MiB, 4,096 services or 32,768 domains.
  static absl::StatusOr<Bootstrap> parse(std::string_view text, Author author);

  std::chrono::sys_seconds publication() const { return publication_; }
  Author author() const { return author_; }

  // The base URLs for a domain, each with "/" at its end, https first: those of the longest entry
  // that it ends with, label by label. Empty where RDAP has no server for it, or none that may be
  // asked.
  std::vector<std::string> base_urls(std::string_view domain) const;

  // Whether a base URL is at this server: scheme, host and port.
  bool has_server(const WebUrl& url) const;
  bool has_host(std::string_view host) const;

 private:
  std::chrono::sys_seconds publication_;
  Author author_ = Author::kIana;
  std::map<std::string, std::vector<WebUrl>, std::less<>> servers_;  // by domain
};

// The file that Muster comes with.
std::string_view shipped_bootstrap_text();

struct ChosenBootstrap {
  Bootstrap bootstrap;
  bool is_shipped = true;
  std::string problem;  // why a cached file that there is does not count; empty if there is none,
                        // or it counts
};

// The newer of the shipped file and a cached one. Internal if the shipped one is broken.
absl::StatusOr<ChosenBootstrap> choose_bootstrap(
    std::optional<std::string_view> cached, std::string_view shipped = shipped_bootstrap_text());

}  // namespace muster::domains::rdap
