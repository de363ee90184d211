// Any bytes as what a network probe is given: r and resolv.conf, h and hosts, q and the request on
// stdin, b and the batch of descriptor 99. What comes through keeps its bounds, and nobody but the
// request says where to look.
#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <cstdlib>

#include "agent/probes/network/look_request.h"
#include "agent/probes/network/resolver_config.h"
#include "common/text.h"

namespace {

using namespace muster::network_probe;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_resolver(std::string_view text) {
  const ResolverConfig config = parse_resolver_config(text);
  require(config.servers.size() <= 3 && config.search.size() <= 32);
  require(config.timeout_seconds >= 1 && config.timeout_seconds <= 30);
  require(config.attempts >= 1 && config.attempts <= 5);
  for (const std::string& domain : config.search)
    require(!domain.empty() && domain.size() <= 253 && muster::is_valid_utf8(domain));
}

void check_hosts(std::string_view text) {
  const std::set<std::string> names{"db1", "www.example.org"};
  for (const auto& [name, addresses] : parse_hosts_file(text, names)) {
    require(names.contains(name));
    require(!addresses.empty() && addresses.size() <= 16);
  }
}

void check_request(std::string_view request, const std::string* batch) {
  const auto parsed = parse_look_request(request, batch, "tcp");
  if (!parsed.ok()) {
    require(muster::is_valid_utf8(
        {parsed.status().message().data(), parsed.status().message().size()}));
    return;
  }
  require(parsed->looks.size() <= kMostLooks);
  for (const RequestedLook& look : parsed->looks) {
    require(!look.entity.empty() && look.entity.size() <= 255);
    require(look.timeout > muster::Duration(0) && look.timeout <= std::chrono::minutes(1));
    require(look.start >= muster::Duration(0) && look.end >= muster::Duration(0));
  }
  const muster::Address metadata{.host = "169.254.169.254", .port = 80};
  require(batch == nullptr || !parsed->rules.allows(metadata));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const google::protobuf::LogSilencer quiet;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string batch(text);
  switch (data[0]) {
    case 'r':
      check_resolver(text);
      break;
    case 'h':
      check_hosts(text);
      break;
    case 'q':
      check_request(text, nullptr);
      break;
    case 'b':
      check_request("", &batch);
      break;
    default:
      break;
  }
  return 0;
}
