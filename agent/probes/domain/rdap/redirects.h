// Where an RDAP server may send us: its redirects and its referrals. An answer from outside must
// not make an agent dial what is within. Pure; any thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "agent/probes/domain/names/public_suffixes.h"
#include "agent/probes/domain/rdap/bootstrap.h"
#include "agent/probes/domain/rdap/web_url.h"

namespace muster::domains::rdap {

// Redirects and referrals together, after the first question.
inline constexpr size_t kMostHops = 3;

struct RedirectRules {
  const Bootstrap& bootstrap;
  const PublicSuffixes& suffixes;
  // What root allows besides: hosts of registrars, "rdap.registrar.example".
  std::set<std::string, std::less<>> allowed_hosts;
};

// The URL that a Location, or the href of a referral, leads to. `asked`: what was asked so far for
// this domain, in order; at least one. PermissionDenied, and why, unless it is https at port 443 of
// a name (not of an address), and that name is of the same owner by the Public Suffix List as the
// server that sent us, or the bootstrap or root lists it; and unless it is new and the fourth at
// most. A server that the site's own bootstrap lists is allowed as it stands there.
absl::StatusOr<WebUrl> next_hop(const RedirectRules& rules, std::span<const WebUrl> asked,
                                std::string_view location);

// Whether to dial this address for it, asked again for each that its name leads to, also for the
// first question: an address that is not the internet's is for servers that the site's own
// bootstrap lists alone. PermissionDenied, and why.
absl::Status may_dial(const Bootstrap& bootstrap, const WebUrl& url,
                      const boost::asio::ip::address& address);

}  // namespace muster::domains::rdap
