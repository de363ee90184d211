#include "collector/identity/renewal_log.h"

#include <fmt/format.h>

#include "collector/http/address.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kErrorShown = 300;
constexpr size_t kMachineIdShown = 64;

const char* way_name(RenewalWay way) {
  return way == RenewalWay::kRenewal ? "renewal" : "reenrolment";
}

std::string shown_machine_id(const RenewalPeer& peer) {
  return peer.machine_id_hash.empty() ? "not told"
                                      : printable(peer.machine_id_hash, kMachineIdShown);
}

std::string shown_address(const RenewalPeer& peer) {
  return peer.address.empty() ? "not known since the collector was started" : peer.address;
}

}  // namespace

void RenewalLog::given(RenewalWay way, const std::string& host, uint64_t generation, bool repeated,
                       const RenewalPeer& peer) {
  count(way, repeated ? "repeated" : "renewed");
  log_info(
      repeated ? "certificate given again: the answer before was lost" : "certificate renewed",
      {{"host", host}, {"generation", generation}, {"peer", peer.address}, {"by", way_name(way)}});
}

void RenewalLog::clone(RenewalWay way, const std::string& host, const std::string& host_id,
                       const RenewalPeer& peer, const RenewalPeer& other) {
  count(way, "clone");
  log_error(fmt::format("the identity of a host is in use twice, by a clone or by a copy of its "
                        "key: the host is quarantined and neither is listened to. Take the "
                        "identity from the wrong one, then `muster-collector host release {}`",
                        host),
            {{"host", host},
             {"host_id", host_id},
             {"peer", shown_address(peer)},
             {"machine_id_hash", shown_machine_id(peer)},
             {"other_peer", shown_address(other)},
             {"other_machine_id_hash", shown_machine_id(other)}});
}

void RenewalLog::refused(RenewalWay way, const absl::Status& status, const std::string& host,
                         const std::string& address) {
  const bool theirs = absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status);
  count_and_log(way, theirs ? "refused" : "failed",
                {status.message().data(), status.message().size()}, host, address);
}

void RenewalLog::throttled(const std::string& address) {
  count_and_log(RenewalWay::kReenrolment, "throttled", "too many re-enrolments from this address",
                "", address);
}

void RenewalLog::count(RenewalWay way, std::string_view result) {
  if (way == RenewalWay::kRenewal) {
    metrics_.count_renewal(result);
  } else {
    metrics_.count_reenrolment(result);
  }
}

void RenewalLog::count_and_log(RenewalWay way, std::string_view result, std::string_view error,
                               const std::string& host, const std::string& address) {
  count(way, result);
  // As the limits count: a host of an IPv6 network has as many addresses as it likes.
  const std::string who = host.empty() ? http::address_block(address) : host;
  if (!log_.should_log(who, fmt::format("{} {}", way_name(way), result), clock_.now())) return;
  log_warning("no new certificate was given; the same of this host is not logged for an hour",
              {{"host", host.empty() ? "not proved" : host},
               {"peer", address},
               {"by", way_name(way)},
               {"result", result},
               {"error", printable(error, kErrorShown)}});
  if (const uint64_t omitted = log_.take_omitted(); omitted > 0) {
    log_warning("more were given no certificate, of more hosts than the log takes in an hour",
                {{"not_logged", omitted}});
  }
}

}  // namespace muster::collector
