// The calendar of everything that ends over facts of any bytes, of each type that has ends:
// bounded, printable texts, and feeds that nothing of a host's can add an event, a row or a line
// to. The first byte chooses the type.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/collector/expiry/feed_promises.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::array<std::string_view, 10> kTypes = {
      "muster.v1.CertificateFacts", "muster.v1.ListenerFacts",
      "muster.v1.TlsFacts",         "muster.v1.DomainFacts",
      "muster.v1.ZoneFacts",        "muster.v1.AgentFacts",
      "muster.v1.PackageFacts",     "muster.v1.AntivirusFacts",
      "muster.v1.LifecycleFacts",   "muster.v1.IntrusionDetectionFacts"};
  if (size == 0) return 0;
  const std::string_view facts(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr muster::TimePoint kNow{std::chrono::seconds(1'800'000'000)};
  const muster::v1::ExpiryList list =
      muster::collector::ends_of_bytes(kTypes.at(data[0] % kTypes.size()), facts, kNow);
  if (!muster::collector::broken_promise(list).empty()) std::abort();
  return 0;
}
