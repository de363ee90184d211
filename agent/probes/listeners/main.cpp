// muster-probe-listeners: what this host's own listening sockets serve that speak TLS. See
// README.md.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>

#include "agent/probes/listeners/given_sections.h"
#include "agent/probes/listeners/leave_alone.h"
#include "agent/probes/listeners/listener_look.h"
#include "agent/probes/listeners/own_host.h"
#include "agent/probes/network/look_request.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/tls/host_trust.h"
#include "agent/sandbox/inherited_files.h"

namespace {

using namespace muster;

constexpr probe::Setting kSettings[] = {
    {"leave_alone", "What is not dialled: 25, 192.0.2.1:443, program:oracle"},
};

constexpr probe::Description kDescription = {
    .name = "listeners",
    .summary =
        "Reports what this host's own listening sockets serve that speak TLS. By hand it "
        "reads sections on stdin, of muster-probe-sockets and muster-probe-certificates.",
    .settings = kSettings,
};

std::string_view text_of(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// By the agent on a descriptor; by hand as other probes write them.
absl::StatusOr<std::string> read_sections(bool by_hand) {
  const int descriptor = by_hand ? STDIN_FILENO : agent::kTargetsDescriptor;
  absl::StatusOr<std::string> bytes =
      network_probe::read_descriptor(descriptor, listeners::kMostGiven);
  if (!bytes.ok() || !by_hand) return bytes;
  return listeners::given_by_hand(*bytes);
}

v1::Section look(const v1::ProbeRequest& request, bool by_hand) {
  if (!request.root().empty()) return probe::not_applicable("nothing listens in an image at rest");
  if (!by_hand && !request.target_rules().own_host_only()) {
    return probe::failed("its rules do not say that it may dial this host");
  }
  const auto leave_alone =
      listeners::LeaveAlone::parse(probe::setting_values(request, "leave_alone"));
  if (!leave_alone.ok()) return probe::failed(text_of(leave_alone.status()));
  const absl::StatusOr<std::string> sections = read_sections(by_hand);
  if (!sections.ok()) return probe::failed(text_of(sections.status()));
  const absl::StatusOr<listeners::Given> given = listeners::read_given(*sections);
  if (!given.ok()) return probe::failed(text_of(given.status()));
  // Its row inherits nothing before them.
  const tls::TrustStore store = tls::trust_of_host(0);
  return listeners::look_at_listeners(
      *given,
      {.leave_alone = *leave_alone, .store = store, .may_dial = &listeners::is_own_address});
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const bool by_hand = argc > 1;
  return probe::run(argc, argv, kDescription,
                    [by_hand](const v1::ProbeRequest& request) { return look(request, by_hand); });
}
