// served_name_matches: what is served is for the name that was asked for. A target is held to its
// name, or to its address where it has none. A listening socket is held to the names that some
// server's configuration on the host gives it; where the same program serves the name right on
// another socket, this one is not for it.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/policy/rules/certificate_subjects.h"
#include "common/policy/rules/certificates_on_disk.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/served.h"
#include "common/policy/rules/tls_words.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kMostNames = 3;
constexpr size_t kLongestName = 256;

// "shop.example.org and 2 more".
std::string names_on(const v1::Certificate& certificate) {
  FewTexts names(kMostNames);
  for (const std::string& name : certificate.subject_alternative_names())
    names.add(std::string_view(name).substr(name.find(':') + 1), 128);
  if (names.empty()) return "no name (it has no alternative names)";
  return names.joined();
}

bool is_right_elsewhere(const Served& served) {
  const auto& listeners = served.listeners->listeners();
  return std::any_of(listeners.begin(), listeners.end(), [&served](const v1::Listener& other) {
    if (!is_same_server(other.owner(), served.listener->owner())) return false;
    return std::any_of(other.services().begin(), other.services().end(),
                       [&served](const v1::TlsService& service) {
                         return speaks_tls(service.answer()) && service.name_matches() &&
                                service.server_name() == served.service.server_name();
                       });
  });
}

// What the configurations on the host say; made when the first name does not match.
class ConfiguredNames {
 public:
  explicit ConfiguredNames(const RuleInput& input) : input_(input) {}

  // Null: it is not known.
  const CertificatesOnDisk* get() {
    if (!is_read_) {
      is_read_ = true;
      section_ = read_one_section<v1::CertificateFacts>(input_, kCertificateProbe, why_);
      if (section_.facts != nullptr) disk_.emplace(*section_.facts);
    }
    return disk_ ? &*disk_ : nullptr;
  }
  const std::string& why() const { return why_.judgements.front().reason; }
  TimePoint holds_until() const { return section_.holds_until; }

 private:
  const RuleInput& input_;
  bool is_read_ = false;
  OneSection<v1::CertificateFacts> section_;
  RuleOutput why_;
  std::optional<CertificatesOnDisk> disk_;
};

Judgement judge_mismatch_of_listener(const Served& served, ConfiguredNames& configured,
                                     const std::string& mismatch) {
  const std::string name = printable(served.service.server_name(), kLongestName);
  const CertificatesOnDisk* const disk = configured.get();
  Judgement judgement;
  if (disk == nullptr) {
    judgement.reason =
        fmt::format("{}; whether it is to be is not known: {}", mismatch, configured.why());
  } else if (is_right_elsewhere(served)) {
    judgement.kind = Kind::kNotApplicable;
    judgement.reason = fmt::format("{}, which is served on another socket", mismatch);
  } else if (!disk->is_configured_name(served.service.server_name())) {
    // One that was not read may say it.
    const std::string& unread = disk->unread_configuration();
    judgement.kind = unread.empty() ? Kind::kNotApplicable : Kind::kUnknown;
    judgement.reason =
        unread.empty() ? fmt::format("{}, and no configuration says that it is to be", mismatch)
                       : fmt::format("{}; whether it is to be is not known, could not be read: {}",
                                     mismatch, unread);
  } else {
    judgement.kind = Kind::kUnmet;
    judgement.reason = mismatch;
  }
  judgement.holds_until = configured.holds_until();
  return judgement;
}

Judgement judge_name(const Served& served, ConfiguredNames& configured) {
  const v1::TlsService& service = served.service;
  const bool was_named = !service.server_name().empty();
  if (served.listener != nullptr && !was_named) {
    return {.kind = Kind::kNotApplicable, .reason = "it was asked for no name"};
  }
  const std::string name =
      was_named ? printable(service.server_name(), kLongestName) : "its address";
  if (service.name_matches()) {
    return {.kind = Kind::kMet, .reason = fmt::format("its certificate is for {}", name)};
  }
  const std::string mismatch =
      fmt::format("its certificate is for {}, not for {}", names_on(served.leaf()), name);
  if (served.listener == nullptr) return {.kind = Kind::kUnmet, .reason = mismatch};
  return judge_mismatch_of_listener(served, configured, mismatch);
}

}  // namespace

RuleOutput judge_served_name_matches(const RuleInput& input) {
  ConfiguredNames configured(input);
  return judge_each_service(
      input, {.all_met = "every certificate that is served is for the name that was asked for"},
      [&configured](const Served& served) { return judge_name(served, configured); });
}

}  // namespace muster::policy
