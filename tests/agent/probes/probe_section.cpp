#include "tests/agent/probes/probe_section.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/packages_apt/command.h"

namespace muster::test {

v1::Section section_of_probe(const std::string& name, const std::string& root,
                             const std::vector<std::string>& prefix) {
  std::vector<std::string> arguments = prefix;
  arguments.insert(
      arguments.end(),
      {MUSTER_BUILD_DIRECTORY "/libexec/muster/probes/muster-probe-" + name, "--root", root});
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.status, 0);
  v1::Section section;
  google::protobuf::io::ArrayInputStream bytes(result.output.data(),
                                               static_cast<int>(result.output.size()));
  bool clean_end = false;
  EXPECT_TRUE(
      google::protobuf::util::ParseDelimitedFromZeroCopyStream(&section, &bytes, &clean_end));
  EXPECT_EQ(section.probe(), name);
  return section;
}

}  // namespace muster::test
