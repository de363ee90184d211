#include "collector/admin/host_verbs.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "collector/admin/ask.h"
#include "collector/admin/host_sentences.h"
#include "collector/admin/tables.h"

namespace muster::collector {
namespace {

template <typename Answer>
int post(const Config& config, const Clock& clock, const std::string& path,
         const google::protobuf::Message& request, const Presentation& presentation,
         std::string (*show)(const Answer&, TimePoint, const TerminalStyle&)) {
  std::string body;
  if (!google::protobuf::util::MessageToJsonString(request, &body).ok()) {
    return fail(absl::InvalidArgumentError("what was given is not valid UTF-8"));
  }
  return ask(config, clock, "POST", path, body, presentation, show);
}

int change_standing(const Config& config, const Clock& clock, const HostChange& change,
                    const std::string& verb, const Presentation& presentation,
                    std::string (*show)(const v1::HostSummary&, TimePoint, const TerminalStyle&)) {
  v1::HostStandingRequest request;
  request.set_reason(change.reason);
  return post(config, clock, fmt::format("/admin/v1/hosts/{}/{}", change.host, verb), request,
              presentation, show);
}

}  // namespace

int revoke_host(const Config& config, const Clock& clock, const HostChange& change,
                const Presentation& presentation) {
  return change_standing(config, clock, change, "revoke", presentation, revoked_text);
}

int release_host(const Config& config, const Clock& clock, const HostChange& change,
                 const Presentation& presentation) {
  return change_standing(config, clock, change, "release", presentation, released_text);
}

int remove_host(const Config& config, const Clock& clock, const HostChange& change,
                const Presentation& presentation) {
  return change_standing(config, clock, change, "remove", presentation, removed_text);
}

int rename_host(const Config& config, const Clock& clock, const HostChange& change,
                const Presentation& presentation) {
  v1::RenameHostRequest request;
  request.set_name(change.new_name);
  return post(config, clock, fmt::format("/admin/v1/hosts/{}/rename", change.host), request,
              presentation, renamed_text);
}

int revoke_token(const Config& config, const Clock& clock, const std::string& id,
                 const Presentation& presentation) {
  return ask(config, clock, "POST", fmt::format("/admin/v1/token/{}/revoke", id), "", presentation,
             revoked_token_text);
}

}  // namespace muster::collector
