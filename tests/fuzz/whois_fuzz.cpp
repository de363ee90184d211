// WHOIS answers of any bytes: no crash, bounded lists of printable text, dates within their years,
// and none of a domain that is not registered.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/domain/whois/whois_answer.h"
#include "common/text.h"

namespace {

using muster::domains::AnswerKind;
using muster::domains::Registration;
using muster::domains::RegistryTime;

void check_text(const std::string& text) {
  if (text.size() > 256 || muster::printable(text) != text) std::abort();
}

void check_time(const std::optional<RegistryTime>& time) {
  using std::chrono::sys_days;
  using std::chrono::year;
  if (!time) return;
  const auto day = std::chrono::days(1);
  if (time->time < sys_days(year(1970) / 1 / 1) - day ||
      time->time > sys_days(year(2200) / 1 / 1) + day)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view answer(reinterpret_cast<const char*>(data), size);
  const Registration found = muster::domains::whois::read_whois(answer, "example.test");
  check_text(found.domain);
  check_text(found.registrar);
  check_text(found.referral);
  check_text(found.reason);
  if (found.name_servers.size() > 64 || found.statuses.size() > 64) std::abort();
  for (const std::string& text : found.name_servers)
    check_text(text);
  for (const std::string& text : found.statuses)
    check_text(text);
  check_time(found.expires);
  check_time(found.created);
  check_time(found.changed);
  if (found.kind != AnswerKind::kRegistered && (found.expires || !found.name_servers.empty()))
    std::abort();
  return 0;
}
