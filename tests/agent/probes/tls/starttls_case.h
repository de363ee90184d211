// What a server of one protocol says, and how the dialog with it ends. Tests only.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "common/targets/tls_endpoint.h"
#include "tests/agent/probes/tls/starttls_talk.h"

namespace muster::tls::test {

using Step = StartTlsDialog::Step;

struct Case {
  v1::StartTls protocol;
  std::vector<std::string> server;
  Step step;
  // What the dialog has said by then, or why it ended; not looked at where empty.
  std::string said = {};
  std::string detail = {};
};

// The same, in one piece, one byte at a time, and cut in two wherever a message can be.
inline void expect(const Case& test) {
  const Talk once = talk(test.protocol, test.server);
  const std::string what =
      std::string(starttls_name(test.protocol)) + ": " + testing::PrintToString(test.server);
  EXPECT_EQ(once.step, test.step) << what << ": " << once.detail;
  if (!test.said.empty()) {
    EXPECT_EQ(once.said, test.said) << what;
  }
  EXPECT_THAT(once.detail, testing::HasSubstr(test.detail)) << what;
  EXPECT_LE(once.detail.size(), 256);
  EXPECT_EQ(talk(test.protocol, test.server, &test::bytes), once) << what;
  size_t longest = 0;
  for (const std::string& message : test.server)
    longest = std::max(longest, message.size());
  for (size_t at = 1; at < longest; ++at) {
    if (talk(test.protocol, test.server, test::in_two(at)) == once) continue;
    ADD_FAILURE() << what << ": another answer when cut at " << at;
    return;
  }
}

}  // namespace muster::tls::test
