// Any bytes as a server's configuration, and as what it includes: uses that can be told and have
// absolute paths, complaints that can be printed, and an end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "common/text.h"
#include "tests/agent/probes/certificates/configured/memory_source.h"

namespace {

void check(const std::string& text, size_t limit) {
  if (text.size() > limit || muster::printable(text, limit) != text) std::abort();
}

}  // namespace

// The first byte says of which server; after a 0x1e there is what "/i/1", "/i/2", … have, and what
// each server has in the directories that it includes.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto servers = muster::configured::known_servers();
  const muster::configured::Server& server = servers[data[0] % servers.size()];
  std::string main(server.main);
  std::replace(main.begin(), main.end(), '*', 'x');
  std::map<std::string, std::string> files;
  for (size_t number = 0; number < 5; ++number) {
    const size_t end = std::min(rest.find('\x1e'), rest.size());
    files[number == 0 ? main : "/i/" + std::to_string(number)] = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  muster::configured::MemorySource source(std::move(files));
  const auto facts = muster::configured::facts_of(
      source,
      {.files = 50, .names = 200, .depth = 4, .uses = 20, .server_names = 3, .complaints = 4});
  if (source.reads > 50 || facts.uses_size() > 20 || facts.unread_configurations_size() > 4)
    std::abort();
  for (const muster::v1::CertificateUse& use : facts.uses()) {
    if (!use.certificate_path().starts_with('/') || use.server_names_size() > 3) std::abort();
    check(use.certificate_path(), 4096);
    check(use.key_path(), 4096);
    check(use.configured_at(), 1024);
    for (const std::string& name : use.server_names())
      check(name, 255);
  }
  for (const std::string& complaint : facts.unread_configurations())
    check(complaint, 1024);
  return 0;
}
