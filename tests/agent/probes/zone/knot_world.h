// Real name servers (Knot DNS, unpacked by tests/run into build/knot) on addresses of loopback and
// one free port, with zones that ldns-signzone signed: a resolver that knows all, the zone above,
// and two servers of the zone.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/section.pb.h"
#include "tests/common/temporary_directory.h"

namespace muster::zone::test {

inline constexpr const char* kResolver = "127.0.0.53";
inline constexpr const char* kAbove = "127.0.0.54";
inline constexpr const char* kFirst = "127.0.0.55";
inline constexpr const char* kSecond = "127.0.0.56";

// Keys of a zone: the one that the zone above names, and the one that signs it.
struct Keys {
  std::vector<std::string> names;
  // "example.test. IN DS …"
  std::string signer;
};

class KnotWorld : public ::testing::Test {
 protected:
  KnotWorld();
  ~KnotWorld() override;

  // A zone file with example.test's usual records, then these.
  static std::string zone_file(unsigned serial, const std::string& more = "");
  Keys make_keys();
  // Dates as ldns-signzone has them: "20260101000000".
  std::string sign(const std::string& zone, const Keys& keys, const std::string& from,
                   const std::string& to);

  // The resolver and the zone above, which has these records besides.
  void serve_above(const std::string& more = "");
  void serve(const std::string& address, const std::map<std::string, std::string>& zones);
  v1::ZoneFacts look(const std::string& target = "example.test", bool allow_loopback = true);

 private:
  std::string run(const std::string& command);

  muster::test::TemporaryDirectory directory_;
  uint16_t port_ = 0;
  std::vector<pid_t> servers_;
  int count_ = 0;
};

}  // namespace muster::zone::test
