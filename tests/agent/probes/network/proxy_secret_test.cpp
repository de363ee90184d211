// What stays of a proxy's password in memory that was given back: a program of its own, since it
// looks at all that is given back.
#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "agent/probes/network/proxy_tunnel.h"
#include "agent/targets/credentials.h"

namespace {

// "a:open sesame, open sesame, open sesame" and what base64 makes of it, a part from its middle.
constexpr std::string_view kClear = "open sesame, open sesame";
constexpr std::string_view kEncoded = "IHNlc2FtZSwgb3BlbiBzZXNhbWUs";
bool is_watched = false;
int found = 0;

void give_back(void* memory) {
  if (is_watched && memory != nullptr) {
    const std::string_view bytes(static_cast<const char*>(memory), malloc_usable_size(memory));
    if (bytes.find(kClear) != bytes.npos || bytes.find(kEncoded) != bytes.npos) ++found;
  }
  std::free(memory);
}

}  // namespace

void* operator new(size_t size) {
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  give_back(memory);
}
void operator delete(void* memory, size_t /*size*/) noexcept {
  give_back(memory);
}

namespace muster::network_probe {
namespace {

TEST(ProxySecret, IsInNoMemoryThatWasGivenBack) {
  agent::Credential credential;
  credential.username = "a";
  credential.password = agent::Secret("open sesame, open sesame, open sesame");
  is_watched = true;
  std::string request = connect_request({.host = "a.example", .port = 443}, &credential);
  is_watched = false;
  ASSERT_NE(request.find(kEncoded), request.npos) << request;
  EXPECT_EQ(found, 0);
  // That it would be seen.
  is_watched = true;
  request = std::string();
  request.shrink_to_fit();
  is_watched = false;
  EXPECT_EQ(found, 1);
}

}  // namespace
}  // namespace muster::network_probe
