// Any bytes as target-credentials.yml, with a password somewhere in it: no complaint shows it, and
// what is read is found for nobody outside the networks.
#include <cstdint>
#include <cstdlib>

#include "agent/targets/credentials.h"

namespace {

constexpr std::string_view kSecret = "hunter2hunter2";

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using muster::agent::Credentials;
  std::string text(reinterpret_cast<const char*>(data), size);
  // Where it stands is the input's to say.
  if (size > 0) text.insert(data[0] % size, kSecret);
  const absl::StatusOr<Credentials> credentials = Credentials::parse(text, "credentials.yml");
  if (!credentials.ok()) {
    const std::string_view said(credentials.status().message().data(),
                                credentials.status().message().size());
    require(said.starts_with("credentials.yml"));
    require(said.find(kSecret) == std::string_view::npos);
    return 0;
  }
  const auto zoned = boost::asio::ip::make_address("fe80::1%2");
  require(credentials->find(zoned, "bmc") == nullptr);
  require(credentials->find(zoned, "") == nullptr);
  return 0;
}
