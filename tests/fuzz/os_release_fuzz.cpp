// Any bytes as /etc/os-release: every field keeps its bound and can be printed.
#include "agent/probes/host/os_release.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "common/text.h"

namespace {

constexpr size_t kFieldLimit = 256;
constexpr size_t kMostLike = 16;

void check(const std::string& field) {
  const bool control = std::any_of(field.begin(), field.end(),
                                   [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (field.size() > kFieldLimit || control || !muster::is_valid_utf8(field)) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const muster::OsRelease release =
      muster::parse_os_release({reinterpret_cast<const char*>(data), size});
  for (const std::string* field :
       {&release.id, &release.version_id, &release.codename, &release.pretty_name,
        &release.architecture, &release.name, &release.support_end}) {
    check(*field);
  }
  if (release.id_like.size() > kMostLike) std::abort();
  for (const std::string& like : release.id_like)
    check(like);
  return 0;
}
