#include "collector/admin/ca_verbs.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <vector>

#include "collector/admin/ask.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {
namespace {

constexpr size_t kNameLimit = 100;

int change_ca(const Config& config, const Clock& clock, const std::string& path,
              const CaChange& change, const Presentation& presentation) {
  v1::CaChangeRequest request;
  request.set_force(change.force);
  request.set_sha256(change.sha256);
  std::string body;
  if (!google::protobuf::util::MessageToJsonString(request, &body).ok()) {
    return fail(absl::InvalidArgumentError("a fingerprint is 64 hex digits"));
  }
  return ask(config, clock, "POST", path, body, presentation, ca_text);
}

}  // namespace

int show_ca(const Config& config, const Clock& clock, const Presentation& presentation) {
  return ask(config, clock, "GET", "/admin/v1/ca", "", presentation, ca_text);
}
int prepare_ca(const Config& config, const Clock& clock, const Presentation& presentation) {
  return ask(config, clock, "POST", "/admin/v1/ca/prepare", "", presentation, ca_text);
}
int activate_ca(const Config& config, const Clock& clock, const CaChange& change,
                const Presentation& presentation) {
  return change_ca(config, clock, "/admin/v1/ca/activate", change, presentation);
}
int retire_ca(const Config& config, const Clock& clock, const CaChange& change,
              const Presentation& presentation) {
  return change_ca(config, clock, "/admin/v1/ca/retire", change, presentation);
}

std::string ca_text(const v1::CaStatus& status, TimePoint /*now*/, const TerminalStyle& style) {
  std::string text;
  for (const v1::CaRoot& root : status.roots()) {
    text +=
        fmt::format("{}\n  SHA-256  {}\n  ends     {}\n  signs    {}\n  hosts    {}\n\n",
                    paint(printable(root.name(), kNameLimit), Ink::kBold, style),
                    printable(root.sha256(), kNameLimit), to_iso8601(from_proto(root.not_after())),
                    root.signs() ? "yes" : "no", root.hosts());
  }
  if (status.hosts_of_unknown_root() > 0) {
    text += fmt::format("Hosts whose certificate is of none of them, or it is not known: {}\n",
                        status.hosts_of_unknown_root());
  }
  text += fmt::format("Hosts that trust {}: {}", status.roots_size() == 1 ? "it" : "both",
                      status.hosts_trusting());
  if (status.hosts_trusting_others() > 0) {
    text += fmt::format(", not yet: {}", status.hosts_trusting_others());
  }
  if (status.hosts_not_known() > 0) {
    text += fmt::format(", not known yet: {}", status.hosts_not_known());
  }
  text += "\n\n";
  for (const std::string& line : wrap_text(status.next(), style.width))
    text += for_terminal(line, style) + "\n";
  return text;
}

}  // namespace muster::collector
