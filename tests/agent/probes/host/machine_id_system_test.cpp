// This machine's own id, by systemd's tool and by ours. Where the tool or the id is missing there
// is nothing to compare with, and the literal ids of machine_id_test.cpp have to do.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "agent/probes/host/machine_id.h"
#include "common/text.h"

namespace muster {
namespace {

std::string output_of(const std::string& command) {
  const auto close = [](std::FILE* pipe) { ::pclose(pipe); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
  std::array<char, 256> line{};
  if (pipe == nullptr || std::fgets(line.data(), line.size(), pipe.get()) == nullptr) return {};
  return std::string(trim(line.data()));
}

TEST(MachineIdOfThisSystem, IsHashedAsSystemdHashesIt) {
  std::ifstream file("/etc/machine-id");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const absl::StatusOr<std::string> machine = parse_machine_id(text);
  if (!std::filesystem::exists("/usr/bin/systemd-id128") || !machine.ok()) {
    std::printf("machine id: not compared, this system lacks systemd-id128 or a machine id\n");
    return;
  }
  EXPECT_EQ(application_specific_id(*machine, muster_application_id()),
            output_of("/usr/bin/systemd-id128 machine-id -a " + to_hex(muster_application_id())));
}

}  // namespace
}  // namespace muster
