// A target with something in every family, for golden text and for promtool.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "common/exposition/target_metrics.h"
#include "muster/v1/tcp_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"
#include "tests/common/exposition/full_host.h"
#include "tests/common/policy/facts.h"

namespace muster::testing {

inline SectionState tcp_section(v1::TcpAnswer answer) {
  v1::TcpFacts facts;
  facts.set_address("shop.example.org:443");
  facts.set_answer(answer);
  SectionState section = observed("tcp", facts);
  section.entity = "shop";
  if (answer == v1::TCP_ANSWER_CONNECTED) {
    add_measurement(section, "connect_duration_seconds", 0.0125);
  }
  return section;
}

// Of two addresses, one of which does not answer.
inline SectionState tls_section() {
  v1::TlsFacts facts;
  facts.set_address("shop.example.org:443");
  v1::TlsService& good = *facts.add_services();
  good.set_address("192.0.2.7:443");
  good.set_server_name("shop.example.org");
  good.set_answer(v1::TLS_ANSWER_COMPLETED);
  good.set_chain(1);
  good.set_revocation(v1::REVOCATION_UNKNOWN);
  good.add_versions("TLSv1.3");
  v1::TlsService& down = *facts.add_services();
  down.set_address("192.0.2.8:443");
  down.set_server_name("shop.example.org");
  down.set_answer(v1::TLS_ANSWER_REFUSED);
  // More than there are.
  down.set_chain(2);
  add_served_chain(*facts.mutable_chains());
  SectionState section = observed("tls", facts);
  section.entity = "shop";
  add_measurement(section, "connect_duration_seconds", 0.002, "192.0.2.7:443");
  add_measurement(section, "tls_handshake_duration_seconds", 0.004, "192.0.2.7:443");
  return section;
}

// As judged: of a control for hosts, one for every target and one for another kind.
struct FullTarget {
  std::vector<SectionState> sections{tcp_section(v1::TCP_ANSWER_CONNECTED), tls_section()};
  std::vector<policy::Control> controls;
  std::vector<policy::Standing> standings{{.status = v1::STATUS_NOT_APPLICABLE},
                                          {.status = v1::STATUS_PASS},
                                          {.status = v1::STATUS_DUE, .deadline = kNow + hours(1)},
                                          {.status = v1::STATUS_NOT_APPLICABLE}};

  FullTarget() {
    for (const auto& [id, kind] :
         {std::pair("security-updates", "host"), std::pair("tcp-answers", "tcp"),
          std::pair("waivers-current", "target"), std::pair("of-another-kind", "other")}) {
      policy::Control& control = controls.emplace_back();
      control.id = id;
      control.applies_to.kind = kind;
      control.severity = v1::SEVERITY_HIGH;
    }
  }
  exposition::TargetMetricsInput input() const {
    return {.target = "shop",
            .kind = "tcp",
            .address = "shop.example.org:443",
            .sections = sections,
            .controls = controls,
            .standings = standings,
            .labels = kFullHostLabels,
            .windows = kFullHostWindows,
            .last_look = kNow,
            .holder = "watcher1"};
  }
};

}  // namespace muster::testing
