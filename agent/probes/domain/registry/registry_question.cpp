#include "agent/probes/domain/registry/registry_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probes/domain/rdap/retry_after.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::domains::registry {
namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

constexpr size_t kLongestWhy = 512;
// A server that names a shorter time gets this one.
constexpr seconds kShortestRest = std::chrono::minutes(1);

std::string asked_to_rest(std::string_view host, std::chrono::sys_seconds until) {
  return fmt::format("rate-limited: {} asked to be left alone until {}", host, to_iso8601(until));
}

}  // namespace

asio::awaitable<RegistryReply> RegistryQuestion::run() {
  const rdap::Bootstrap* const of_site = registries_.parts_.of_site;
  if (of_site != nullptr) {
    std::vector<std::string> urls = of_site->base_urls(name_.name);
    if (!urls.empty()) co_return co_await by_rdap(*of_site, std::move(urls));
  }
  co_await refresh_bootstrap();
  const std::shared_ptr<const rdap::Bootstrap> of_iana = registries_.of_iana_;
  if (of_iana == nullptr) co_return not_told("failed: the list of RDAP servers is broken");
  std::vector<std::string> urls = of_iana->base_urls(name_.name);
  if (!urls.empty()) co_return co_await by_rdap(*of_iana, std::move(urls));
  co_return co_await by_whois();
}

RegistryReply RegistryQuestion::reply_of(const Told& told, v1::RegistryProtocol protocol) const {
  if (!told.why.empty()) return not_told(told.why);
  return {.end = RegistryReply::End::kTold,
          .name = name_,
          .registration = told.registration,
          .protocol = protocol,
          .server = told.server};
}

RegistryReply RegistryQuestion::not_told(std::string_view why) const {
  return {.name = name_, .why = printable(why, kLongestWhy)};
}

std::string RegistryQuestion::rest_words(std::string_view host) const {
  const auto until = registries_.memory_.rests_until(host, now());
  return until ? asked_to_rest(host, *until) : std::string();
}

std::string RegistryQuestion::leave_alone(const std::string& host, std::string_view retry_after) {
  std::optional<seconds> wait = rdap::read_retry_after(retry_after, now());
  if (wait) wait = std::max(*wait, kShortestRest);
  return asked_to_rest(host, registries_.memory_.leave_alone(host, wait, now()));
}

std::chrono::sys_seconds RegistryQuestion::now() const {
  return std::chrono::floor<seconds>(registries_.parts_.clock.now());
}

Duration RegistryQuestion::time_for_one() const {
  return std::min(registries_.parts_.longest_answer, look_.time_left());
}

}  // namespace muster::domains::registry
