#include "agent/probes/domain/rdap/redirects.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/targets/global_addresses.h"
#include "common/internet_name.h"
#include "common/text.h"

namespace muster::domains::rdap {
namespace {

absl::Status refused(const WebUrl& url, std::string_view why) {
  return absl::PermissionDeniedError(
      fmt::format("it leads to {}, which is not followed: {}", printable(url.text(), 200), why));
}

bool is_listed_by_site(const Bootstrap& bootstrap, const WebUrl& url) {
  return bootstrap.author() == Bootstrap::Author::kConfiguration && bootstrap.has_server(url);
}

// Empty, or why this server may not be asked on the word of the other.
std::string_view problem_of(const RedirectRules& rules, const WebUrl& from, const WebUrl& to) {
  if (is_listed_by_site(rules.bootstrap, to)) return {};
  if (!to.tls) return "it is not https";
  if (!to_internet_name(to.host).ok()) return "its host is no name of the internet";
  if (to.port != 443) return "it is at another port than 443";
  if (rules.suffixes.same_owner(from.host, to.host) || rules.bootstrap.has_host(to.host) ||
      rules.allowed_hosts.contains(to.host)) {
    return {};
  }
  return "it is another owner's server, and no list has it";
}

}  // namespace

absl::StatusOr<WebUrl> next_hop(const RedirectRules& rules, std::span<const WebUrl> asked,
                                std::string_view location) {
  if (asked.empty()) return absl::InvalidArgumentError("nothing was asked yet");
  absl::StatusOr<WebUrl> url = resolve_web_url(asked.back(), location);
  if (!url.ok()) return absl::PermissionDeniedError(url.status().message());
  const std::string text = url->text();
  if (std::any_of(asked.begin(), asked.end(),
                  [&text](const WebUrl& before) { return before.text() == text; })) {
    return refused(*url, "it was asked already");
  }
  if (asked.size() > kMostHops) return refused(*url, "it is one redirect too many");
  const std::string_view problem = problem_of(rules, asked.back(), *url);
  if (!problem.empty()) return refused(*url, problem);
  return url;
}

absl::Status may_dial(const Bootstrap& bootstrap, const WebUrl& url,
                      const boost::asio::ip::address& address) {
  if (agent::is_globally_routable(address) || is_listed_by_site(bootstrap, url)) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(fmt::format(
      "{} leads to {}, which is no address of the internet", url.host, address.to_string()));
}

}  // namespace muster::domains::rdap
