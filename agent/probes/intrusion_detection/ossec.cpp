#include "agent/probes/intrusion_detection/ossec.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "agent/probes/intrusion_detection/ossec_files.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/root_files.h"
#include "common/timestamp.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

// It sends a keep-alive every ten minutes (notify_time), and counts it here.
constexpr const char* kSent = "sender_counter";
constexpr auto kLongestSilence = std::chrono::hours(1);
constexpr auto kSlipOfClock = std::chrono::minutes(5);
constexpr size_t kMostCounters = 1000;

struct Counters {
  std::optional<TimePoint> sent;
  // Written after every so many messages of the server's: it was heard then, and maybe later.
  std::optional<TimePoint> heard;
};

Counters read_counters(const ProductLook& look, const std::string& directory,
                       v1::ProtectionProduct& product) {
  Counters counters;
  const auto names = probe::list_in_root(look.root, directory, kMostCounters);
  if (!names.ok()) {
    protection::add_unread(product, "management_connected",
                           protection::reason_of(directory, names.status()));
    return counters;
  }
  for (const std::string& name : *names) {
    const auto status = probe::status_in_root(look.root, fmt::format("{}/{}", directory, name));
    if (!status.ok() || status->kind != probe::FileKind::kRegular) continue;
    const TimePoint written = from_proto(status->modified_at);
    std::optional<TimePoint>& time = name == kSent ? counters.sent : counters.heard;
    time = time ? std::max(*time, written) : written;
  }
  return counters;
}

void tell_connection(const ProductLook& look, const OssecHome& home, const OssecLog& log,
                     v1::ProtectionProduct& product) {
  const std::string directory = home.path + "/queue/rids";
  const Counters counters = read_counters(look, directory, product);
  const auto tell_last_contact = [&] {
    protection::set_time(product, &v1::ProtectionProduct::mutable_management_last_contact_at,
                         protection::whole_minutes(counters.heard));
  };
  if (product.running() == v1::ANSWER_NO || !log.is_connected.value_or(true)) {
    product.set_management_connected(v1::ANSWER_NO);
    return tell_last_contact();
  }
  const auto unread = [&](const std::string& why) {
    protection::add_unread(product, "management_connected", why);
    tell_last_contact();
  };
  if (!log.is_connected) {
    return unread(home.path + "/logs/ossec.log: it tells of no connection since it was begun anew");
  }
  if (!counters.sent) return unread(directory + ": it has no " + kSent);
  if (*counters.sent > look.now + kSlipOfClock) {
    return unread(fmt::format("{}/{}: it was written in the future: see whether a clock is wrong",
                              directory, kSent));
  }
  if (look.now - *counters.sent > kLongestSilence) {
    return unread(fmt::format("{}/{}: it has sent nothing since {}", directory, kSent,
                              to_iso8601(*counters.sent)));
  }
  protection::add_source(product, directory);
  product.set_management_connected(v1::ANSWER_YES);
}

}  // namespace

std::optional<v1::ProtectionProduct> read_ossec(const ProductLook& look) {
  const auto home = find_ossec_home(look, "OSSEC");
  if (!home || home->is_wazuh) return std::nullopt;
  v1::ProtectionProduct product;
  const OssecConfig config = read_ossec_config(look, *home, product);
  tell_ossec_daemons(look, "ossec.service", home->is_agent ? "ossec-agentd" : "ossec-analysisd",
                     "ossec-syscheckd", product);
  const OssecLog log = read_ossec_log(look, *home, config, product);
  if (home->is_agent) tell_connection(look, *home, log, product);
  return product;
}

}  // namespace muster::intrusion_detection
