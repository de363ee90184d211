// From what products say to what is said of them: what their consoles alone know does not apply on
// the host, and what was told is judged.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/agent/probes/antivirus/recordings.h"
#include "tests/common/policy/protection.h"

namespace muster::antivirus::test {
namespace {

using ::testing::ElementsAre;

// By each of these rules, in their order.
std::vector<std::string> judged_by_all(std::string_view id) {
  v1::ProtectionProduct product = read_recorded(id);
  product.set_product(std::string(id));
  std::vector<std::string> lines;
  for (const char* const rule : {"signatures_fresh", "full_scan_recent", "threats_resolved",
                                 "exclusions_allowed", "management_connected"}) {
    // The other probe's products are none.
    const v1::Verdict verdict = muster::testing::judge(
        muster::testing::control_of(rule),
        {muster::testing::antivirus({product}), muster::testing::intrusion({})});
    for (const std::string& line : muster::testing::lines(verdict))
      lines.push_back(line.substr(line.find("| ") + 2));
  }
  return lines;
}

TEST(JudgedProducts, AreNotAskedOnTheHostForWhatTheirConsolesKnow) {
  const auto console = [](const std::string& name, const std::string& what) {
    return fmt::format("not_applicable | {}: on the host it tells nothing of {}: see its console",
                       name, what);
  };
  EXPECT_THAT(
      judged_by_all("bitdefender"),
      ElementsAre("fail | bitdefender: it does not tell how old its signatures 7.95171 are; it "
                  "last updated 1185 days ago",
                  console("bitdefender", "full scans"), console("bitdefender", "threats"),
                  console("bitdefender", "exclusions"),
                  "not_applicable | bitdefender: on the host it tells nothing of a server that "
                  "manages it"));
  EXPECT_THAT(judged_by_all("sentinelone"),
              ElementsAre("not_applicable | sentinelone: on the host it tells of no signatures",
                          console("sentinelone", "full scans"), console("sentinelone", "threats"),
                          console("sentinelone", "exclusions"),
                          "pass | sentinelone: it is connected to its management server "
                          "https://server-101.example.net"));
}

}  // namespace
}  // namespace muster::antivirus::test
