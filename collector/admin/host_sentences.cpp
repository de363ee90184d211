#include "collector/admin/host_sentences.h"

#include <fmt/format.h>

#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kNameShown = 60;

std::string name_of(const v1::HostSummary& host) {
  return printable(host.name(), kNameShown);
}

}  // namespace

std::string revoked_text(const v1::HostSummary& host, TimePoint /*now*/,
                         const TerminalStyle& /*style*/) {
  return fmt::format(
      R"(Host {0} is revoked: its reports are refused, beginning with the next.
  What it reported stays and grows old. This is not taken back: if the host is
  to join again, remove it and enrol it anew.
)",
      name_of(host));
}

std::string released_text(const v1::HostSummary& host, TimePoint /*now*/,
                          const TerminalStyle& /*style*/) {
  return fmt::format(
      R"(Host {0} is released: its reports are taken again.
  Whoever asks for its next certificate is taken for it; a copy that asks after
  that is found again. Give each copy an identity of its own first: a new token
  (`muster-collector token create`) and `muster-agent enroll` on it.
)",
      name_of(host));
}

std::string renamed_text(const v1::HostSummary& host, TimePoint /*now*/,
                         const TerminalStyle& /*style*/) {
  return fmt::format(
      R"(The host is called {0} from now on.
  Its series go on under this name; those under the old one end.
)",
      name_of(host));
}

std::string removed_text(const v1::HostSummary& host, TimePoint /*now*/,
                         const TerminalStyle& /*style*/) {
  return fmt::format(
      R"(Host {0} is removed: its facts, verdicts and series are gone, and its
  certificates are refused. If it is to join again, enrol it anew:
  muster-collector token create --host {0}
)",
      name_of(host));
}

std::string revoked_token_text(const v1::TokenSummary& token, TimePoint /*now*/,
                               const TerminalStyle& /*style*/) {
  return fmt::format("Token {} is revoked: nobody joins with it any more.\n",
                     printable(token.id(), kNameShown));
}

std::string standing_word(const v1::HostIdentity& identity) {
  switch (identity.standing()) {
    case v1::STANDING_QUARANTINED:
      return "quarantined";
    case v1::STANDING_REVOKED:
      return "revoked";
    default:
      return "";
  }
}

std::string identity_text(const v1::HostIdentity& identity) {
  const std::string word = standing_word(identity);
  if (!word.empty()) {
    return identity.has_since()
               ? fmt::format("{} since {}", word, to_iso8601(from_proto(identity.since())))
               : word;
  }
  if (identity.generation() == 0) return "active, certificate not counted";
  std::string text = fmt::format("active, certificate {}", identity.generation());
  if (identity.has_certificate_not_after()) {
    text += fmt::format(" until {}", to_iso8601(from_proto(identity.certificate_not_after())));
  }
  return text;
}

}  // namespace muster::collector
